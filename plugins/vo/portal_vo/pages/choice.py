"""Services that a user has chosen, on one page of the search or on several; kept in addresses."""

import re
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict

from portal.plugins import Parameters
from portal.plugins import QueryLink
from portal_vo.mirror.files import Mirror
from portal_vo.mirror.search import Resource
from portal_vo.mirror.search import resources_by_ivoid
from portal_vo.standards import BY_KEY
from portal_vo.standards import ServiceType

CHOSEN = "chosen"
MOST_CHOSEN = 100
MARK = re.compile(r"([a-z0-9]{2,10}):(ivo://[^\s\x00]{1,500})")


class ChoosingParameters(Parameters):
    """Parameters of a page that keeps what was chosen under the name `chosen`.

    It is no field, so that the form does not show it: boxes beside the services do.
    """

    model_config = ConfigDict(extra="allow")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenService:
    """A service that can be asked: of which resource and type, and where it is."""

    resource: Resource
    kind: ServiceType
    access_url: str

    @property
    def mark(self) -> str:
        """Return what stands for it in addresses."""
        return mark_of(self.kind.key, self.resource.ivoid)

    @property
    def link(self) -> QueryLink | None:
        """Return the way to the form that asks it."""
        return query_link(self.kind, self.access_url)


def chosen_marks(parameters: Parameters) -> list[str]:
    """Return what is chosen, each once; what is no choice is left out."""
    sent: Any = (parameters.model_extra or {}).get(CHOSEN, ())
    marks = [sent] if isinstance(sent, str) else sent
    kept = dict.fromkeys(str(one) for one in marks if MARK.fullmatch(str(one)))
    return list(kept)[:MOST_CHOSEN]


def mark_of(key: str, ivoid: str) -> str:
    """Return what stands for a service in addresses."""
    return f"{key}:{ivoid}"


def query_link(kind: ServiceType, access_url: str) -> QueryLink | None:
    """Return the way to the form that asks a service; None where there is no such form."""
    if kind.query_id is None or not is_web_address(access_url):
        return None
    return QueryLink(query_id=kind.query_id, parameters={"access_url": access_url})


def is_web_address(url: str) -> bool:
    """Say whether something can be asked there: anybody can register anything."""
    scheme, _, rest = url.partition("://")
    return scheme.casefold() in ("http", "https") and bool(rest) and not re.search(r"\s", url)


def services_of_resource(resource: Resource) -> list[ChosenService]:
    """Return the services of a resource, the first one of each type."""
    first: dict[str, Mapping[str, str]] = {}
    for service in resource.services:
        first.setdefault(service["type"], service)
    return [
        ChosenService(resource=resource, kind=BY_KEY[key], access_url=service["access_url"])
        for key, service in first.items()
        if key in BY_KEY
    ]


def find_chosen(mirror: Mirror, marks: Sequence[str]) -> list[ChosenService]:
    """Return the services that are chosen, in order; those that are gone are left out."""
    pairs = [mark.partition(":")[::2] for mark in marks]
    resources = resources_by_ivoid(mirror, [ivoid for _, ivoid in pairs])
    found = {
        service.mark: service
        for resource in resources.values()
        for service in services_of_resource(resource)
        if service.link
    }
    return [found[mark] for mark in marks if mark in found]
