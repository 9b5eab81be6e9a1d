"""The search of the registry as one types."""

from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime
from datetime import UTC
from typing import Any

from portal.plugins import Choice
from portal.plugins import Page
from portal.plugins import PageLink
from portal.plugins import parameter
from portal.plugins import parse_position
from portal.plugins import QueryLink
from portal_vo.constraints import asked_values
from portal_vo.constraints import constraint_choices
from portal_vo.constraints import RegistryConstraints
from portal_vo.mirror.files import MirrorFiles
from portal_vo.mirror.search import Found
from portal_vo.mirror.search import Resource
from portal_vo.mirror.search import search
from portal_vo.pages.choice import ChoosingParameters
from portal_vo.pages.choice import CHOSEN
from portal_vo.pages.choice import chosen_marks
from portal_vo.pages.choice import services_of_resource
from portal_vo.pages.words import web_page
from portal_vo.pages.words import words_of_fraction
from portal_vo.standards import BY_KEY
from portal_vo.terms import WAVEBANDS

ARCHIVE = "vo"
SEARCH = "registry"
RESOURCE = "resource"
CHOICE = "chosen"
ROWS = 20
FARTHEST = 10_000  # nobody turns so many pages
LONGEST = 280  # of a description before it folds

Values = Mapping[str, str | list[str]]


class SearchParameters(RegistryConstraints, ChoosingParameters):
    """What to look for, and where in the answer one is."""

    first: int = parameter(0, title="First", widget="hidden", ge=0, le=FARTHEST)


class RegistrySearch(Page):
    """Resources of the copy that fit, a few on a page, with the way to each."""

    id = SEARCH
    title = "Search the registry"
    description = "Services of the Virtual Observatory, found while you type."
    template = "vo/search.html"
    Parameters = SearchParameters
    live = True

    def __init__(self, files: MirrorFiles) -> None:
        """Keep where the copy is."""
        self._files = files

    def choices(self, field_name: str) -> Sequence[Choice]:
        """Return types, wavebands and data models in words."""
        return constraint_choices(field_name)

    def context(self, parameters: SearchParameters) -> Mapping[str, Any]:
        """Return what fits, and everything one can do from there."""
        asked, marks = asked_values(parameters), chosen_marks(parameters)
        state = {
            "remote": QueryLink(query_id="query.registry", parameters=asked),
            "here": page_link(SEARCH),
            "now": page_link(SEARCH, {"first": str(parameters.first)}),
            "choice": page_link(CHOICE),
            "asked": [(name, value) for name, values in asked.items() for value in _list(values)],
            "chosen": marks,
            "copy": None,
            "complaint": "",
        }
        mirror = self._files.reader()
        if mirror is None:
            return {**state, **_shown(Found(total=0, resources=()), 0, marks), "summary": ""}
        state["copy"] = self._copy(len(mirror.index.by_title))
        try:
            position = parse_position(parameters.position) if parameters.position else None
        except ValueError:
            state["complaint"] = "Only a job looks up where an object is, by its name."
            return {**state, **_shown(Found(total=0, resources=()), 0, marks), "summary": ""}
        first = parameters.first
        found = search(mirror, parameters, position=position, first=first, most=ROWS)
        return {
            **state,
            **_shown(found, first, marks),
            "facets": _facets(found, asked, marks),
            "summary": f"{found.total:,} {'resource' if found.total == 1 else 'resources'}",
        }

    def _copy(self, total: int) -> Mapping[str, Any]:
        """Return how old the copy is and how much there is in it."""
        as_of = self._files.as_of() or datetime.now(UTC)
        return {"as_of": as_of, "total": f"{total:,}"}


def page_link(page_id: str, values: Values | None = None) -> PageLink:
    """Return the way to a page of this archive."""
    return PageLink(archive_id=ARCHIVE, page_id=page_id, parameters=values or {})


def card_of(resource: Resource, marks: Sequence[str] = ()) -> Mapping[str, Any]:
    """Return a resource as templates show it."""
    services = services_of_resource(resource)
    return {
        "title": resource.title,
        "link": page_link(RESOURCE, {"ivoid": resource.ivoid}),
        "about": " · ".join(one for one in (resource.short_name, resource.publisher) if one),
        "creators": resource.creators,
        "description": resource.description,
        "is_long": len(resource.description) > LONGEST,
        "wavebands": [WAVEBANDS[one] for one in resource.wavebands],
        "coverage": words_of_fraction(resource.fraction),
        "reference": web_page(resource.reference_url),
        "services": [
            {
                "title": one.kind.name,
                "mark": one.mark,
                "link": one.link,
                "is_chosen": one.mark in marks,
            }
            for one in services
        ],
    }


def _shown(found: Found, first: int, marks: Sequence[str]) -> Mapping[str, Any]:
    cards = [card_of(one, marks) for one in found.resources]
    here = {service["mark"] for card in cards for service in card["services"]}
    last = first + len(cards)
    more = last < found.total and last <= FARTHEST
    return {
        "cards": cards,
        "elsewhere": [mark for mark in marks if mark not in here],
        "facets": [],
        "total": found.total,
        "window": f"{first + 1:,} to {last:,} of {found.total:,}" if cards else "",
        "previous": max(0, first - ROWS) if first else None,
        "next": last if more else None,
    }


def _facets(found: Found, asked: Values, marks: Sequence[str]) -> list[Mapping[str, Any]]:
    types = {key: one.name for key, one in BY_KEY.items()}
    facets = (
        ("Type of service", "service_type", types, found.types),
        ("Waveband", "waveband", WAVEBANDS, found.wavebands),
    )
    return [
        {"title": title, "options": _options(name, titles, counts, asked, marks)}
        for title, name, titles, counts in facets
        if counts
    ]


def _options(
    name: str,
    titles: Mapping[str, str],
    counts: Mapping[str, int],
    asked: Values,
    marks: Sequence[str],
) -> list[Mapping[str, Any]]:
    """Return what a list can be narrowed by: each adds a value to what is asked, or takes it."""
    current = _list(asked.get(name, []))
    options: list[Mapping[str, Any]] = []
    for value, title in titles.items():
        is_on = value in current
        if not (is_on or counts.get(value)):
            continue
        changed = [one for one in current if one != value] if is_on else [*current, value]
        values = {**asked, name: changed, CHOSEN: list(marks)}
        link = page_link(SEARCH, {key: one for key, one in values.items() if one})
        options.append(
            {"title": title, "count": f"{counts.get(value, 0):,}", "is_on": is_on, "link": link}
        )
    return options


def _list(values: str | list[str]) -> list[str]:
    return values if isinstance(values, list) else [values]
