"""Registry rows as readable cards."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from portal.plugins import Column
from portal.plugins import Renderer
from portal_vo.actions import AboutService
from portal_vo.actions import QueryService
from portal_vo.pages.words import web_page

NEEDED = frozenset({"ivoid", "title", "service_type", "access_url", "description", "standard_id"})


class ServiceCards(Renderer):
    """Shows services as cards: what they hold, how they can be asked, and the way there."""

    id = "vo-services"
    title = "Services"
    template = "vo/services.html"
    preferred = True

    def can_render(self, columns: Sequence[Column]) -> bool:
        """Say whether the rows are services of the registry."""
        return {column.name for column in columns} >= NEEDED

    def context(
        self, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        """Return the services, each with the way to its query form and to its own page."""
        action, resource = QueryService(), AboutService()
        services = [
            {
                **row,
                "link": action.link(row),
                "resource": resource.link(row),
                "about": web_page(row.get("reference_url")),
            }
            for row in rows
        ]
        return {"services": services, "action_title": action.title}
