"""One part of a job asked again: in the job while it waits for others, else in one like it."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from typing import cast

from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import Table

from portal.db import db
from portal.parameters import Parameters
from portal.uws.callers import ForbiddenError
from portal.uws.family import let_wait
from portal.uws.family import list_parts
from portal.uws.family import tell_waiting
from portal.uws.limits import Limits
from portal.uws.models import Job
from portal.uws.models import new_id
from portal.uws.models import Parameter
from portal.uws.models import Result
from portal.uws.newjobs import NEW_JOB
from portal.uws.newjobs import NEW_PARAMETER
from portal.uws.newjobs import NewJobs
from portal.uws.phases import ExecutionPhase

NOTHING_CAME = frozenset({ExecutionPhase.ERROR, ExecutionPhase.ABORTED})
NOT_COPIED = {"request_key": None, "share_key": None, "destruction": None}
NEW_RESULT = insert(cast("Table", Result.__table__))

ShareResults = Callable[[str, str, str], None]


class Again:
    """Asks one part of a job again; each method is one transaction."""

    def __init__(self, new: NewJobs, limits: Limits, *, share_results: ShareResults) -> None:
        """`share_results` gives what an attempt at a job left, by its token, to another job too."""
        self._new = new
        self._limits = limits
        self._share_results = share_results

    def within(self, whole: Job, part: Job, asked: Parameters) -> str | None:
        """Ask a part again in the job that waits for it, and return the id of the new part.

        None: the job does not wait any more, or the part was asked again already.
        """
        row = self._new.child(_values(whole), part.type, asked)
        gone = delete(Job).where(Job.id == part.id, Job.phase.in_(NOTHING_CAME))
        gone = gone.execution_options(synchronize_session=False)
        was_there = db.session.execute(gone).rowcount == 1  # type: ignore[attr-defined]
        if not (was_there and tell_waiting(whole.id)):
            db.session.rollback()
            return None
        self._new.insert(row | {"creation_time": part.creation_time}, asked)
        db.session.commit()
        return str(row["id"])

    def elsewhere(
        self,
        whole: Job,
        part: Job,
        asked_of_all: Parameters,
        asked: Parameters,
        request_key: str | None,
    ) -> tuple[str, str]:
        """Ask a part again in a new job that has the answers of the others.

        Returns the ids of that job and of the new part. Raises ForbiddenError when the owner
        may not have another unfinished job.
        """
        row = self._new.row(whole.type, asked_of_all, whole.owner, whole.client_address)
        row |= {"run_id": whole.run_id, "on_completion": whole.on_completion}
        row |= {"request_key": request_key, "execution_duration": whole.execution_duration}
        child = self._new.child(row, part.type, asked) | {"creation_time": part.creation_time}
        copies = [_copy(one, row) for one in list_parts(whole) if one.id != part.id]
        db.session.rollback()  # files take their time
        for copy in copies:
            copy.share(self._share_results)
        row |= self._limits.started(row["owner"], row["client_address"])
        if row["phase"] != ExecutionPhase.QUEUED:
            db.session.rollback()
            raise ForbiddenError(str(row["message"]))
        self._new.insert(row, asked_of_all)
        for copy in copies:
            copy.insert()
        self._new.insert(child, asked)
        let_wait(row["id"])
        db.session.commit()
        return str(row["id"]), str(child["id"])


@dataclass(frozen=True, slots=True)
class _Copy:
    """The rows of a part that ended, for another job."""

    source: str
    job: dict[str, Any]
    parameters: list[dict[str, Any]]
    results: list[dict[str, Any]]

    def share(self, share_results: ShareResults) -> None:
        for token in {one["token"] for one in self.results}:
            share_results(self.source, self.job["id"], token)

    def insert(self) -> None:
        db.session.execute(NEW_JOB, self.job)
        for statement, rows in ((NEW_PARAMETER, self.parameters), (NEW_RESULT, self.results)):
            if rows:
                db.session.execute(statement, rows)


def _copy(part: Job, parent: Mapping[str, Any]) -> _Copy:
    copy_id = new_id()
    run_id = parent["run_id"] or parent["id"]
    own = {"id": copy_id, "parent_id": parent["id"], "run_id": run_id, **NOT_COPIED}
    return _Copy(
        source=part.id,
        job=_values(part) | own,
        parameters=[_values(one, "id") | {"job_id": copy_id} for one in part.parameters],
        results=[_values(one, "id") | {"job_id": copy_id} for one in part.results],
    )


def _values(row: Job | Parameter | Result, *without: str) -> dict[str, Any]:
    keys = (column.key for column in row.__table__.columns)
    return {key: getattr(row, key) for key in keys if key not in without}
