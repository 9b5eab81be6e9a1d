"""The services that were chosen, by what asks them: one form for each of them, or for all."""

from collections.abc import Mapping
from typing import Any

from portal.plugins import Page
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
            "missing": len(marks) - len(chosen),
            "back": page_link(SEARCH, {CHOSEN: marks}),
            "summary": "",
        }


def _shown(service: ChosenService, marks: list[str]) -> Mapping[str, Any]:
    others = [mark for mark in marks if mark != service.mark]
    return {
        "title": service.resource.title,
        "about": service.resource.publisher,
        "resource": page_link(RESOURCE, {"ivoid": service.resource.ivoid}),
        "link": service.link,
        "without": page_link(CHOICE, {CHOSEN: others} if others else {}),
    }
