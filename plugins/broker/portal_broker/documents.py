"""Documents of a broker: what is asked, and what its answers say, whatever else is in them."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from portal.plugins import Prepared

KINDS = "https://www.purl.org/ivoa.net/Calycopis-openapi/schema/v1.0/kinds/"
REPOSITORY = f"{KINDS}executable/binder-repository.yaml"
COMPUTE = f"{KINDS}compute/simple-compute-resource.yaml"
GIBIBYTE = 1 << 30
MESSAGE_LENGTH = 300
MOST_MESSAGES = 5

Document = Mapping[str, Any]


class Phase(StrEnum):
    """Where a session is; STARTING is everything between being accepted and being ready."""

    OFFERED = "OFFERED"
    LAPSED = "LAPSED"
    STARTING = "STARTING"
    READY = "READY"
    RELEASING = "RELEASING"
    ENDED = "ENDED"


# The names of 2025 and of 2026.
PHASES = {
    "INITIAL": Phase.OFFERED,
    "PROPOSED": Phase.OFFERED,
    "OFFERED": Phase.OFFERED,
    "REJECTED": Phase.LAPSED,
    "EXPIRED": Phase.LAPSED,
    "ACCEPTED": Phase.STARTING,
    "WAITING": Phase.STARTING,
    "PREPARING": Phase.STARTING,
    "AVAILABLE": Phase.READY,
    "READY": Phase.READY,
    "RUNNING": Phase.READY,
    "RELEASING": Phase.RELEASING,
    "COMPLETED": Phase.ENDED,
    "FAILED": Phase.ENDED,
    "CANCELLED": Phase.ENDED,
}


def write_request(prepared: Prepared) -> dict[str, Any]:
    """Return what is asked of a broker: a repository at a commit, and what that needs."""
    workflow = prepared.workflow
    executable = {
        "kind": REPOSITORY,
        "meta": {"name": prepared.title},
        "repository": prepared.repository,
        "ref": prepared.commit,
    }
    if prepared.path:
        executable["path"] = prepared.path
    compute: dict[str, Any] = {}
    if workflow.cores:
        compute["cores"] = {"min": workflow.cores}
    if workflow.memory:
        compute["memory"] = {"min": workflow.memory / GIBIBYTE}
    if not compute:
        return {"executable": executable}
    return {"executable": executable, "compute": {"kind": COMPUTE, **compute}}


def write_decision(value: str) -> dict[str, str]:
    """Return what sets the phase of a session."""
    return {"kind": "uri:enum-value-update", "path": "phase", "value": value}


def read_phase(session: Document) -> Phase | None:
    """Return where a session is; None for a phase that nobody knows."""
    return PHASES.get(str(session.get("phase")))


def read_uuid(session: Document) -> str | None:
    """Return the name of a session, if it has a proper one."""
    return last_uuid(str(_object(session.get("meta")).get("uuid") or session.get("uuid")))


def last_uuid(address: str) -> str | None:
    """Return the UUID that is the last part of an address, or all of it; None without one."""
    try:
        return str(UUID(address.rpartition("/")[2]))
    except ValueError:
        return None


def read_name(session: Document) -> str:
    """Return what a broker calls a session."""
    return str(_object(session.get("meta")).get("name") or "a session")[:MESSAGE_LENGTH]


def choose_offer(offer_set: Document) -> Document | None:
    """Return the offer that is ready first; among equals, the one that the broker names first."""
    open_offers = [
        one
        for one in _objects(offer_set.get("offers"))
        if read_phase(one) is Phase.OFFERED and read_uuid(one)
    ]
    return min(open_offers, key=_start, default=None)


def read_messages(document: Document) -> str:
    """Return what a broker says in words."""
    meta = _object(document.get("meta"))
    said = [*_objects(meta.get("messages")), *_objects(document.get("messages"))]
    texts = [str(one["message"])[:MESSAGE_LENGTH] for one in said if one.get("message")]
    return " ".join(texts[:MOST_MESSAGES])


def read_entrance(session: Document) -> str | None:
    """Return the address at which a person enters a session, once there is one."""
    for status, location in _connectors(session):
        parts = urlsplit(location) if isinstance(location, str) else None
        is_open = status in (None, "AVAILABLE", "READY")
        if is_open and parts and parts.scheme in ("http", "https") and parts.hostname:
            return str(location)
    return None


def _connectors(session: Document) -> Iterator[tuple[Any, Any]]:
    """Go through the ways in, where the schema of 2026 and the draft of 2025 have them."""
    for one in _objects(session.get("connectors")):
        yield one.get("status"), one.get("location")
    for one in _objects(_object(session.get("executable")).get("access")):
        locations = one.get("locations")
        for location in locations if isinstance(locations, list) else ():
            yield one.get("status"), location


def _start(offer: Document) -> str:
    """Return when an offer is ready, as ISO 8601, whose texts are in the order of time."""
    schedule = _object(_object(offer.get("executable")).get("schedule"))
    start = _object(schedule.get("available")).get("start")
    return start if isinstance(start, str) else ""


def _object(value: object) -> Document:
    return value if isinstance(value, Mapping) else {}


def _objects(value: object) -> Sequence[Document]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
