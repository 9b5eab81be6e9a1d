"""Requests and updates as brokers get them, in the spellings of 2025 and of 2026."""

from datetime import datetime
from datetime import UTC

from portal.analysis.planning.data import read_data
from portal.analysis.planning.fields import Fields
from portal.analysis.planning.models import Decision
from portal.analysis.planning.offers import HOLDS
from portal.analysis.planning.tasks import gibibytes
from portal.analysis.planning.tasks import Needs
from portal.analysis.planning.tasks import read_kind
from portal.analysis.planning.tasks import read_task
from portal.analysis.planning.tasks import Task
from portal.analysis.planning.tasks import TITLE_LENGTH

COMPUTE = "simple-compute-resource"
STORAGE = "simple-storage-resource"
UPDATE = "enum-value-update"
LASTS = "How long a session may last is said when it has started."


def read_request(document: Fields) -> Task:
    """Return what is to be run; raises FieldError.

    What cannot be had here (a kind, a start some time later) is the task's refusal.
    """
    executable = document.inner("executable")
    name = read_kind(executable)
    # The draft of 2025 has the resources in a folder of their own.
    resources = document.inner("resources") if "resources" in document else document
    needs, refusals = _read_needs(resources)
    data, more = read_data(resources)
    refusals += more
    warnings = _read_schedule(document.inner("schedule").inner("requested"), refusals)
    task = read_task(name, executable, needs)
    if task.is_general and not task.refusal:
        raise executable.error("repository", "Say where the git repository is.")
    title = executable.inner("meta").text("name", most=TITLE_LENGTH)
    return task.refused(*refusals).named(title).warned(*warnings).given(data)


def read_decision(document: Fields) -> Decision:
    """Return what is decided about an offer; raises FieldError."""
    sent = document.inner("update") if "update" in document else document
    if read_kind(sent) != UPDATE:
        raise sent.error("kind", f"Only a {UPDATE} can be sent here.")
    if sent.text("path") != "phase":
        raise sent.error("path", "Only the phase can be changed.")
    value = sent.text("value")
    choices = (Decision.ACCEPTED, Decision.REJECTED, Decision.CANCELLED)
    if value not in choices:
        raise sent.error("value", f"The phase can be set to {', '.join(choices)}.")
    return Decision(value)


def _read_needs(resources: Fields) -> tuple[Needs, list[str]]:
    refusals = []
    computes, storages = resources.parts("compute"), resources.parts("storage")
    if len(computes) > 1 or len(storages) > 1:
        refusals.append("A session has one compute and one storage resource.")
    cores = memory = storage = None
    for compute in computes[:1]:
        if (name := read_kind(compute)) != COMPUTE:
            refusals.append(f"The kind of compute {name!r} is not known here.")
        cores, memory = _at_least(compute, "cores"), _at_least(compute, "memory")
        if compute.parts("volumes"):
            refusals.append("No volumes are mounted here.")
    for one in storages[:1]:
        if (name := read_kind(one)) != STORAGE:
            refusals.append(f"The kind of storage {name!r} is not known here.")
        storage = _at_least(one, "size")
    needs = Needs(cores=cores, memory=gibibytes(memory), storage=gibibytes(storage))
    return needs, refusals


def _at_least(place: Fields, name: str) -> float | None:
    """Return the least that is asked for, which the draft of 2025 has one level deeper."""
    wanted = place.inner(name)
    return (wanted.inner("requested") if "requested" in wanted else wanted).amount("min")


def _read_schedule(requested: Fields, refusals: list[str]) -> list[str]:
    """Add to the refusals what cannot be; return the warnings."""
    earliest = requested.text("start", most=100)
    if earliest is not None and _read_start(requested, earliest) > datetime.now(UTC) + HOLDS:
        refusals.append("Sessions start at once, and none can be booked for later.")
    return [LASTS] if requested.text("duration", most=100) else []


def _read_start(requested: Fields, interval: str) -> datetime:
    """Return the earliest start of an ISO 8601 interval."""
    try:
        start = datetime.fromisoformat(interval.partition("/")[0])
    except ValueError as error:
        raise requested.error("start", "Give an interval as in 2026-11-22T10:00Z/PT30M.") from error
    return start if start.tzinfo else start.replace(tzinfo=UTC)
