"""Jobs as the routes find them: below a root, for the caller, and changed as he asks."""

from collections.abc import Callable
from collections.abc import Sequence
from typing import NamedTuple

from flask import url_for
from werkzeug.wrappers import Response

from portal.problems import NotFoundError
from portal.problems import UsageError
from portal.uws.callers import Caller
from portal.uws.callers import ForbiddenError
from portal.uws.family import list_children
from portal.uws.limits import NO_WISHES
from portal.uws.models import Job
from portal.uws.phases import ABORTABLE
from portal.uws.phases import ExecutionPhase
from portal.uws.phases import RUNNABLE
from portal.uws.routes.answers import see_other
from portal.uws.routes.requests import Sent
from portal.uws.routes.surroundings import surroundings
from portal.uws.serialize import View
from portal.uws.service import jobs
from portal.uws.service import JobService
from portal.uws.service import NO_SUCH_JOB

ALL = "jobs"


def type_of(root: str) -> str | None:
    """Return the type that a root is for; None: all. Raises NotFoundError."""
    return None if root == ALL else jobs().types[root].name


def root_url(root: str) -> str:
    """Return the absolute URL of a list of jobs."""
    return url_for("uws.list_jobs", root=root, _external=True)


def find(root: str, job_id: str, caller: Caller) -> Job:
    """Return the caller's job with everything that hangs on it; raises NotFoundError."""
    return _below(root, jobs().get_job(job_id, owner=caller.owner))


def find_row(root: str, job_id: str, caller: Caller) -> Job:
    """Return the caller's job without its parameters and results; raises NotFoundError."""
    return _below(root, jobs().get_row(job_id, owner=caller.owner))


def see(root: str, job_id: str) -> tuple[Job, View]:
    """Return the job of whoever calls, whole, and how he sees it; raises NotFoundError."""
    caller = surroundings().caller()
    job = find(root, job_id, caller)
    return job, view_of(root, job, caller)


def _below(root: str, job: Job) -> Job:
    if type_of(root) not in (None, job.type):
        raise NotFoundError(NO_SUCH_JOB)
    return job


def view_of(root: str, job: Job, caller: Caller, *, queue_position: int | None = None) -> View:
    """Return how the caller sees a job below a root."""
    return View(
        root=root_url(root),
        owner_name=caller.name if job.owner == caller.owner else None,
        queue_position=queue_position,
        children=_children_of(job),
    )


def _children_of(job: Job) -> Sequence[str]:
    """Return the ids of a job's children; those of a type that has none are not looked for."""
    types = jobs().types
    has_children = job.type in types and types[job.type].children is not None
    return list_children(job.id) if has_children else ()


def change(root: str, job: Job, caller: Caller, sent: Sent) -> Response:
    """Change a job, then its phase, and send the caller back to it.

    Raises UsageError for what cannot be asked, ForbiddenError for what the phase forbids.
    """
    phase = sent.control.get("phase")
    move = _phase_change(phase) if phase is not None else None
    wishes = sent.wishes
    if move is not None and job.phase not in move.phases:
        raise ForbiddenError(f"A job that is {job.phase} cannot be sent PHASE={phase}.")
    parameters = sent.typed or sent.parameters
    if parameters or wishes != NO_WISHES:
        jobs().change_job(job.id, owner=caller.owner, wishes=wishes, parameters=parameters)
    elif move is None:
        raise UsageError("Nothing was sent that could be changed.")
    if move is not None and not move.make(jobs(), job.id, owner=caller.owner):
        job = jobs().get_row(job.id, owner=caller.owner)  # somebody was faster
        raise ForbiddenError(f"A job that is {job.phase} cannot be sent PHASE={phase}.")
    return see_other(f"{root_url(root)}/{job.id}")


class _Move(NamedTuple):
    make: Callable[..., bool]
    phases: frozenset[ExecutionPhase]


def _phase_change(phase: str) -> _Move:
    moves = {
        "RUN": _Move(JobService.run_job, RUNNABLE),
        "ABORT": _Move(JobService.abort_job, ABORTABLE),
    }
    try:
        return moves[phase.strip().upper()]
    except KeyError:
        raise UsageError("PHASE can be RUN or ABORT.") from None
