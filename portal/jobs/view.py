"""Everything the page of one job shows, to its owner and to those it is shared with."""

import uuid
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from datetime import UTC

from flask import url_for

from portal.accounts.access import is_shared
from portal.analysis.launching import PREFIX as LAUNCHES
from portal.analysis.models import AnalysisSession
from portal.analysis.sessions import find_session_of
from portal.jobs.code import code_of
from portal.jobs.keeping import keep_choices
from portal.jobs.keeping import KeepChoice
from portal.jobs.recipes import Recipes
from portal.jobs.recipes import write_recipes
from portal.plugins.facilities import Mode
from portal.plugins.snippets import Snippet
from portal.results.attached import files_of
from portal.results.attached import FileView
from portal.uws.family import list_parts
from portal.uws.hosts import waits_for_host
from portal.uws.lines import count_lines
from portal.uws.lines import list_lines
from portal.uws.listing import queue_position
from portal.uws.models import Job
from portal.uws.models import LogLine
from portal.uws.phases import ExecutionPhase
from portal.uws.phases import RUNNABLE
from portal.uws.service import jobs

MOST_LINES = 200
ORDINALS = {2: "second", 3: "third", 4: "fourth", 5: "fifth"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerTools:
    """What only the owner of a job sees; `request_key` makes a double click one job."""

    lines: Sequence[LogLine]
    line_count: int
    choices: Sequence[KeepChoice]
    share_url: str | None
    recipes: Recipes | None
    request_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """One job as its page shows it now.

    `address` holds the `job_id` or the `share_key` that leads to the page and to the results.
    `waited` says whether a follower may wait again at once, `waits_for_host` whether as many
    jobs ask the host of this one as may. `parts` are the jobs that this one is made of, `files`
    lie beside its rows, `code` asks its archive the same without the portal. `is_launch`: it ends
    with a session, not with rows to look at. That `session` and the `tools` are None for a reader.
    """

    job: Job
    address: Mapping[str, str]
    now: datetime
    waited: bool
    queue_position: int | None
    waits_for_host: bool
    parts: Sequence[Job]
    files: Sequence[FileView]
    code: Sequence[Snippet]
    is_launch: bool
    session: AnalysisSession | None
    tools: OwnerTools | None

    @property
    def is_active(self) -> bool:
        """Whether the job changes by itself."""
        return not self.job.is_settled and self.job.phase not in RUNNABLE

    @property
    def can_run(self) -> bool:
        """Whether the job waits to be run."""
        return self.job.phase in RUNNABLE

    @property
    def attempt(self) -> str:
        """Say which attempt this is, if it is not the first."""
        number = self.job.attempt
        if number <= 1:
            return ""
        return f"{ORDINALS[number]} attempt" if number in ORDINALS else f"attempt {number}"

    @property
    def has_waited(self) -> timedelta | None:
        """How long the job waited for its (last) attempt, so far; None: it does not wait."""
        if self.job.phase in RUNNABLE or (self.job.end_time and not self.job.start_time):
            return None
        is_waiting = self.job.phase == ExecutionPhase.QUEUED
        until = None if is_waiting else self.job.start_time
        return (until or self.now) - self.job.creation_time

    @property
    def has_run(self) -> timedelta | None:
        """How long the (last) attempt has run, so far; None: there is none."""
        if self.job.start_time is None or self.job.phase == ExecutionPhase.QUEUED:
            return None
        return (self.job.end_time or self.now) - self.job.start_time

    @property
    def may_run(self) -> timedelta:
        """How long the job may run."""
        return timedelta(seconds=self.job.execution_duration)


def view_of(job: Job, address: Mapping[str, str], *, waited: bool) -> JobView:
    """Return the view of a job that `address` leads to."""
    now = datetime.now(UTC)
    parts = list_parts(job) if _may_have_parts(job) else ()
    session = _session(job)
    return JobView(
        job=job,
        address=address,
        now=now,
        waited=waited,
        queue_position=queue_position(job),
        waits_for_host=waits_for_host(job),
        parts=parts,
        files=files_of(job),
        code=code_of(job, parts),
        is_launch=job.type.startswith(LAUNCHES) and not _is_batch(session),
        session=None if is_shared(address) else session,
        tools=None if is_shared(address) else _tools(job, now),
    )


def _session(job: Job) -> AnalysisSession | None:
    return find_session_of(job.id, owner=job.owner) if job.type.startswith(LAUNCHES) else None


def _is_batch(session: AnalysisSession | None) -> bool:
    return session is not None and session.mode == Mode.BATCH


def _may_have_parts(job: Job) -> bool:
    types = jobs().types
    return job.type in types and types[job.type].children is not None


def _tools(job: Job, now: datetime) -> OwnerTools:
    lines = list_lines(job.id, owner=job.owner, last=MOST_LINES)
    are_all = len(lines) < MOST_LINES
    return OwnerTools(
        lines=lines,
        line_count=len(lines) if are_all else count_lines(job.id, owner=job.owner),
        choices=keep_choices(job, now=now, most=jobs().limits.max_retention),
        share_url=_share_url(job),
        recipes=_recipes(job),
        request_key=uuid.uuid4().hex,
    )


def _share_url(job: Job) -> str | None:
    if job.share_key is None:
        return None
    return url_for("jobs.show", share_key=job.share_key, _external=True)


def _recipes(job: Job) -> Recipes | None:
    types = jobs().types
    if job.type not in types:
        return None
    root = url_for("uws.list_jobs", root="jobs", _external=True)
    return write_recipes(
        root=root,
        job=f"{root}/{job.id}",
        type_name=job.type,
        parameters=[(one.name, one.value) for one in job.parameters],
        results=types[job.type].results,
    )
