"""Sets of offers and sessions as documents of the Execution Broker (schema v1.0 of 2026)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import url_for

from portal.analysis.planning.models import OfferSet
from portal.analysis.planning.states import ENTERED
from portal.analysis.planning.states import OfferState
from portal.analysis.planning.states import Phase
from portal.analysis.planning.tasks import GIBIBYTE
from portal.db import clock

KINDS = "https://www.purl.org/ivoa.net/Calycopis-openapi/schema/v1.0/kinds/"
OFFER_SET = f"{KINDS}offerset/execution-offerset-1.0"
SESSION = f"{KINDS}session/simple-execution-session-1.0"
EXECUTABLE = f"{KINDS}executable/binder-repository.yaml"
COMPUTE = f"{KINDS}compute/simple-compute-resource.yaml"
DATA = f"{KINDS}data/simple-data-resource.yaml"
CONNECTOR = f"{KINDS}connector/web-page.yaml"
OPTION = "uri:enum-value-option"
OF_COMPONENTS = {
    Phase.OFFERED: "INITIALIZING",
    Phase.ACCEPTED: "WAITING",
    Phase.REJECTED: "CANCELLED",
    Phase.EXPIRED: "CANCELLED",
}


def write_set(whole: OfferSet, states: Sequence[OfferState]) -> dict[str, Any]:
    """Return a set of offers; its result is NO when there never was one."""
    meta = {
        "uuid": _uuid(whole.id),
        "name": whole.title,
        "url": url_for("broker.show_set", offer_set_id=UUID(whole.id), _external=True),
        "created": _time(whole.creation_time),
        "messages": [_message(level, text) for level, text in whole.messages],
    }
    return {
        "kind": OFFER_SET,
        "meta": meta,
        "result": "YES" if states else "NO",
        "offers": [write_session(whole, state) for state in states],
    }


def write_session(whole: OfferSet, state: OfferState) -> dict[str, Any]:
    """Return an offer, or the session that it has become."""
    offer = state.offer
    values = [choice.value for choice in state.choices]
    messages = [_message("WARN", offer.warning)] if offer.warning else []
    if state.message:
        level = "ERROR" if state.phase is Phase.FAILED else "INFO"
        messages.append(_message(level, state.message))
    return {
        "kind": SESSION,
        "meta": {
            "uuid": _uuid(offer.id),
            "name": offer.title,
            "url": url_for("broker.show_session", offer_id=UUID(offer.id), _external=True),
            "created": _time(whole.creation_time),
            "messages": messages,
            "options": [{"kind": OPTION, "path": "phase", "values": values}] if values else [],
        },
        "phase": state.phase.value,
        "expires": _time(whole.expires),
        "executable": _executable(whole, state.phase),
        "compute": _compute(whole, state.phase),
        "connectors": _connectors(state),
        **_data(whole, state.phase),
    }


def _executable(whole: OfferSet, phase: Phase) -> dict[str, Any]:
    document = {
        "kind": EXECUTABLE,
        "meta": {"name": whole.title},
        "repository": whole.repository,
        "ref": whole.ref,
        "phase": _of_component(phase),
    }
    return document | ({"path": whole.path} if whole.path else {})


def _compute(whole: OfferSet, phase: Phase) -> dict[str, Any]:
    document: dict[str, Any] = {"kind": COMPUTE, "phase": _of_component(phase)}
    if whole.cores:
        document["cores"] = {"min": whole.cores}
    if whole.memory:
        document["memory"] = {"min": round(whole.memory / GIBIBYTE, 6)}
    return document


def _data(whole: OfferSet, phase: Phase) -> dict[str, Any]:
    known = {"kind": DATA, "phase": _of_component(phase)}
    files = [
        {**known, "location": url, **({"meta": {"name": name}} if name else {})}
        for name, url in whole.data
    ]
    return {"data": files} if files else {}


def _connectors(state: OfferState) -> list[dict[str, str]]:
    """Return how one enters: the portal's own address, which asks who it is, not the facility's."""
    if state.phase not in ENTERED or state.session_id is None:
        return []
    location = url_for("analysis.enter", session_id=state.session_id, _external=True)
    protocol = urlsplit(location).scheme.upper()
    return [{"kind": CONNECTOR, "status": "AVAILABLE", "protocol": protocol, "location": location}]


def _of_component(phase: Phase) -> str:
    return OF_COMPONENTS.get(phase, phase.value)


def _message(level: str, text: str) -> dict[str, Any]:
    return {
        "level": level,
        "type": "uri:text-message",
        "time": _time(clock()),
        "template": "{text}",
        "values": {"text": text},
        "message": text,
    }


def _uuid(id: str) -> str:
    return str(UUID(id))


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
