"""The services that were chosen, by what asks them: one form for each of them, or for all."""

from collections.abc import Mapping
from typing import Any

from portal.plugins import Page
from portal.plugins import QueryLink
from portal_vo.mirror.files import MirrorFiles
from portal_vo.pages.choice import ChoosingParameters
from portal_vo.pages.choice import CHOSEN
from portal_vo.pages.choice import chosen_marks
from portal_vo.pages.choice import ChosenService
from portal_vo.pages.choice import find_chosen
from portal_vo.pages.search import CHOICE
from portal_vo.pages.search import page_link
from portal_vo.pages.search import RESOURCE
from portal_vo.pages.search import SEARCH
from portal_vo.standards import SERVICE_TYPES

POSITIONAL = ("scs", "sia1", "sia2", "ssa")


class ChosenPage(Page):
    """What was chosen, in groups that can be asked together."""

    id = CHOICE
    title = "Chosen services"
    template = "vo/chosen.html"
    Parameters = ChoosingParameters
    linked = False

    def __init__(self, files: MirrorFiles) -> None:
        """Keep where the copy is."""
        self._files = files

    def context(self, parameters: ChoosingParameters) -> Mapping[str, Any]:
        """Return the chosen services by their type."""
        marks = chosen_marks(parameters)
        mirror = self._files.reader()
        chosen = find_chosen(mirror, marks) if mirror and marks else []
        groups = [
            (kind, [one for one in chosen if one.kind.key == kind.key]) for kind in SERVICE_TYPES
        ]
        return {
            "groups": [
                {"title": kind.title, "services": [_shown(one, marks) for one in services]}
                for kind, services in groups
                if services
            ],
            "together": [
                {"title": title, "link": link} for title, link in _together(chosen) if link
            ],
            "missing": len(marks) - len(chosen),
            "back": page_link(SEARCH, {CHOSEN: marks}),
            "summary": "",
        }


def _together(chosen: list[ChosenService]) -> list[tuple[str, QueryLink | None]]:
    """Return the ways to ask the chosen services all at once: in ADQL, and by position."""
    addresses: dict[str, list[str]] = {}
    for one in chosen:
        addresses.setdefault(one.kind.key, []).append(one.access_url)
    tables = addresses.get("tap", [])
    positional = {key: addresses[key] for key in POSITIONAL if key in addresses}
    count = sum(map(len, positional.values()))
    in_adql = QueryLink(query_id="query.several-tap", parameters={"access_url": tables})
    by_position = QueryLink(query_id="query.several-positions", parameters=positional)
    return [
        (f"Query the {len(tables)} services in ADQL", in_adql if len(tables) > 1 else None),
        (f"Query the {count} services by position", by_position if count > 1 else None),
    ]


def _shown(service: ChosenService, marks: list[str]) -> Mapping[str, Any]:
    others = [mark for mark in marks if mark != service.mark]
    return {
        "title": service.resource.title,
        "about": service.resource.publisher,
        "resource": page_link(RESOURCE, {"ivoid": service.resource.ivoid}),
        "link": service.link,
        "without": page_link(CHOICE, {CHOSEN: others} if others else {}),
    }
