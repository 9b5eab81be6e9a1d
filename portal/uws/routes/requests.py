"""What callers send: control parameters, filters of a list, and times, read or refused."""

import re
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from datetime import UTC
from http import HTTPStatus
from typing import Any

from flask import request

from portal.parameters import Parameters
from portal.parameters import read_form
from portal.parameters import read_json
from portal.problems import PortalError
from portal.problems import UsageError
from portal.uws.limits import Wishes
from portal.uws.phases import ExecutionPhase
from portal.uws.sentfiles import read_files
from portal.uws.serialize import is_xml
from portal.uws.types import JobTypes
from portal.uws.uploads import SentFile

CONTROL = frozenset(
    {
        *("phase", "action", "runid", "destruction", "executionduration", "type", "jobtype"),
        "basket",  # what is done with the results: the application says which ones there are
    }
)
CSRF_FIELD = "csrf_token"  # of a form that a browser sends; looked at before
MULTIPART = "multipart/form-data"
FORMS = frozenset({"application/x-www-form-urlencoded", MULTIPART})
RUN_ID_LENGTH = 64
LONGEST_DURATION = 2**31 - 1  # xs:int
LONGEST_NUMBER = 18  # characters
YEAR = re.compile(r"\d{4}")

Pairs = list[tuple[str, str]]


class UnsupportedMediaTypeError(PortalError):
    """A body is neither a form nor JSON."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    title = "This cannot be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A form, divided into what UWS reads and what the job type reads.

    Of a JSON object `typed` has the parameters as they were sent, with their types.
    """

    control: dict[str, str]
    parameters: Pairs
    typed: dict[str, Any] | None = None

    @property
    def wishes(self) -> Wishes:
        """Read run id, destruction and execution duration; raises UsageError."""
        return read_wishes(self.control)


def read_sent() -> Sent:
    """Read a POST: body and query as UWS 1.1, section 2.1.11, shows them, or a JSON object."""
    _check_body()
    if request.is_json:
        control, parameters = _read_json_object()
        return Sent(control=control, parameters=[], typed=parameters)
    pairs = [*request.args.items(multi=True), *request.form.items(multi=True)]
    control = {name.casefold(): value for name, value in pairs if name.casefold() in CONTROL}
    return Sent(control=control, parameters=_others(pairs))


def _check_body() -> None:
    """Refuse a body that is no form, rather than make a job of what is not in it."""
    has_body = request.content_length or "Transfer-Encoding" in request.headers
    if not has_body or request.is_json:
        return
    if request.mimetype not in FORMS:
        raise UnsupportedMediaTypeError("Send a form, or a JSON object.")
    if request.mimetype == MULTIPART and not (request.form or request.files):
        raise UsageError("The multipart form cannot be read.")


def _read_json_object() -> tuple[dict[str, str], dict[str, Any]]:
    """Read `{"parameters": {}, "phase": "RUN", ...}`; what is not `parameters` is control."""
    try:
        body = request.get_json(silent=True)
    except RecursionError:  # nothing but brackets
        body = None
    if not isinstance(body, dict):
        raise UsageError("Send a JSON object.")
    parameters = body.get("parameters", {})
    if not isinstance(parameters, dict):
        raise UsageError("`parameters` must be a JSON object.")
    others = {name: value for name, value in body.items() if name != "parameters"}
    if taken := [name for name in parameters if name.casefold() in CONTROL]:
        raise UsageError(f"{', '.join(taken)} is no parameter; it stands beside `parameters`.")
    unknown = [name for name in others if name.casefold() not in CONTROL]
    if unknown:
        raise UsageError(f"There is no {', '.join(unknown)}; parameters belong in `parameters`.")
    if any(isinstance(value, list | dict) for value in others.values()):
        raise UsageError("Control parameters are single values.")
    control = {name.casefold(): str(value) for name, value in others.items() if value is not None}
    return control, parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """A job that is asked for."""

    type_name: str
    parameters: Parameters
    wishes: Wishes
    run: bool
    files: Sequence[SentFile] = ()


def read_creation(types: JobTypes, type_name: str | None) -> Creation:
    """Read a POST to a list of jobs; TYPE says which type where the list does not.

    Raises UsageError, NotFoundError for an unknown type, and InvalidParametersError.
    """
    sent = read_sent()
    named = sent.control.get("type") or sent.control.get("jobtype")
    wanted_type = type_name or named
    if type_name and named and types[named].name != type_name:
        raise UsageError(f"Jobs of the type {named} are not made here.")
    if not wanted_type:
        raise UsageError(f"Say with TYPE what kind of job this is: {', '.join(types)}.")
    if "action" in sent.control:
        raise UsageError("ACTION is for a job that exists.")
    phase = sent.control.get("phase", "").strip().upper()
    if phase not in ("", "RUN"):
        raise UsageError("A job can be created with PHASE=RUN, or without PHASE.")
    parameters, files = _read_parameters(types[wanted_type].parameters, sent)
    return Creation(
        type_name=wanted_type,
        parameters=parameters,
        wishes=sent.wishes,
        run=phase == "RUN",
        files=files,
    )


def _read_parameters(model: type[Parameters], sent: Sent) -> tuple[Parameters, Sequence[SentFile]]:
    """Read strings with coercion and files by reference, or a JSON object without either."""
    if sent.typed is not None:
        return read_json(model, sent.typed), ()
    read = read_files(model, sent.parameters, request.files.items(multi=True))
    return read_form(model, read.pairs), read.files


def _others(pairs: Iterable[tuple[str, str]]) -> Pairs:
    ours = CONTROL | {CSRF_FIELD}
    return [(name, value) for name, value in pairs if name.casefold() not in ours]


def read_wishes(control: dict[str, str]) -> Wishes:
    """Read run id, destruction and execution duration; raises UsageError."""
    destruction = control.get("destruction")
    duration = control.get("executionduration")
    return Wishes(
        run_id=_read_run_id(control.get("runid")),
        destruction=None if destruction is None else read_instant(destruction, "DESTRUCTION"),
        execution_duration=None if duration is None else _read_duration(duration),
        on_completion=control.get("basket"),
    )


def _read_run_id(text: str | None) -> str | None:
    if text is not None and (len(text) > RUN_ID_LENGTH or not is_xml(text)):
        raise UsageError(f"RUNID may have {RUN_ID_LENGTH} characters, and no control characters.")
    return text


def _read_duration(text: str) -> int:
    seconds = read_integer(text, "EXECUTIONDURATION")
    if seconds < 0:
        raise UsageError("EXECUTIONDURATION cannot be negative; 0 asks for no limit.")
    return min(seconds, LONGEST_DURATION)


def read_integer(text: str, name: str) -> int:
    """Read a whole number; raises UsageError that names the parameter."""
    if not re.fullmatch(r"\s*[+-]?[0-9]+\s*", text[:LONGEST_NUMBER]):
        raise UsageError(f"{name} must be a whole number.")
    if len(text) > LONGEST_NUMBER:
        raise UsageError(f"{name} is larger than any number of seconds or jobs.")
    return int(text)


def read_instant(text: str, name: str) -> datetime:
    """Read an ISO 8601 time, which is in UTC (UWS 1.1, section 2.1.4); raises UsageError."""
    text = text.strip()
    try:
        time = datetime.fromisoformat(f"{text}-01-01" if YEAR.fullmatch(text) else text)
    except ValueError:
        raise UsageError(f"{name} must be a time such as 2026-01-31T12:00:00Z.") from None
    if time.utcoffset() not in (None, timedelta(0)):
        raise UsageError(f"{name} must be in UTC, written with Z.")
    return time.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which jobs a list shows (UWS 1.1, section 2.2.2.1)."""

    phases: tuple[ExecutionPhase, ...]
    after: datetime | None
    last: int | None


def read_filters() -> Filters:
    """Read PHASE (repeated), AFTER and LAST; raises UsageError."""
    sent = _query()
    after = sent.get("after", [""])[-1]
    last = sent.get("last", [""])[-1]
    return Filters(
        phases=tuple(read_phase(text) for text in sent.get("phase", [])),
        after=read_instant(after, "AFTER") if "after" in sent else None,
        last=_read_last(last) if "last" in sent else None,
    )


def _read_last(text: str) -> int:
    number = read_integer(text, "LAST")
    if number < 1:
        raise UsageError("LAST must be at least 1.")
    return min(number, LONGEST_DURATION)


def read_phase(text: str) -> ExecutionPhase:
    """Read a phase; raises UsageError."""
    try:
        return ExecutionPhase(text.strip().upper())
    except ValueError:
        phases = ", ".join(ExecutionPhase)
        raise UsageError(f"PHASE must be one of {phases}.") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """How long a caller waits for a job to leave a phase (UWS 1.1, section 2.2.1.2)."""

    seconds: float
    phase: ExecutionPhase | None


def read_wait() -> Wait | None:
    """Read WAIT and PHASE of a request for a job; -1 is as long as the service lets one wait."""
    sent = _query()
    if "wait" not in sent:
        return None
    seconds = read_integer(sent["wait"][-1], "WAIT")
    if seconds < -1:
        raise UsageError("WAIT must be a number of seconds, or -1.")
    phase = read_phase(sent["phase"][-1]) if "phase" in sent else None
    return Wait(seconds=float("inf") if seconds == -1 else seconds, phase=phase)


def _query() -> dict[str, list[str]]:
    sent: dict[str, list[str]] = {}
    for name, value in request.args.items(multi=True):
        sent.setdefault(name.casefold(), []).append(value)
    return sent
