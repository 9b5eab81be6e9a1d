"""What can be done with a row of the registry."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from portal.plugins import Column
from portal.plugins import PageLink
from portal.plugins import QueryLink
from portal.plugins import RowAction
from portal_vo.pages.choice import query_link
from portal_vo.pages.search import page_link
from portal_vo.pages.search import RESOURCE
from portal_vo.standards import type_of

SERVICE = frozenset({"standard_id", "access_url"})
RESOURCE_COLUMNS = frozenset({"ivoid", "standard_id"})


class QueryService(RowAction):
    """Leads from a service in the registry to the form that asks it."""

    id = "vo-query-service"
    title = "Query this service"

    def applies(self, columns: Sequence[Column]) -> bool:
        """Say whether the rows are services."""
        return {column.name for column in columns} >= SERVICE

    def link(self, row: Mapping[str, Any]) -> QueryLink | None:
        """Return the form with the address filled in, or None where there is no such form."""
        kind, url = type_of(row.get("standard_id")), str(row.get("access_url") or "").strip()
        return query_link(kind, url) if kind else None


class AboutService(RowAction):
    """Leads from a service in the registry to everything that is known of it."""

    id = "vo-about-service"
    title = "All about it"

    def applies(self, columns: Sequence[Column]) -> bool:
        """Say whether the rows are of the registry."""
        return {column.name for column in columns} >= RESOURCE_COLUMNS

    def link(self, row: Mapping[str, Any]) -> PageLink | None:
        """Return the page of the resource."""
        ivoid = str(row.get("ivoid") or "")
        return page_link(RESOURCE, {"ivoid": ivoid}) if ivoid.startswith("ivo://") else None
