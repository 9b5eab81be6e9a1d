"""The gateway of workers that share the database: every write is fenced by the attempt's token."""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import update

from portal.db import clock
from portal.db import db
from portal.db import UtcDateTime
from portal.problems import PortalError
from portal.uws.completion import Completions
from portal.uws.completion import do_nothing
from portal.uws.completion import NoCompletions
from portal.uws.family import note_end
from portal.uws.gateway import ClaimedJob
from portal.uws.gateway import Ending
from portal.uws.gateway import ResultRecord
from portal.uws.held import DELIVERING
from portal.uws.held import find_no_upload
from portal.uws.held import FindCredential
from portal.uws.held import FindUpload
from portal.uws.held import ForgetCredential
from portal.uws.held import held
from portal.uws.held import HeldJobs
from portal.uws.held import HOLDING
from portal.uws.hosts import may_start
from portal.uws.hosts import next_for_host
from portal.uws.hosts import stand_in_line
from portal.uws.lines import add_lines
from portal.uws.lines import note_attempt
from portal.uws.models import Checkpoint
from portal.uws.models import Job
from portal.uws.models import new_id
from portal.uws.models import Result
from portal.uws.moves import Hint
from portal.uws.moves import move
from portal.uws.moves import moving
from portal.uws.moves import note_hints
from portal.uws.moves import requeue
from portal.uws.phases import ExecutionPhase
from portal.uws.records import load_claimed
from portal.uws.records import put_result
from portal.uws.records import storable
from portal.uws.types import JobTypes

MESSAGE_LENGTH = 500


# Every job waits for these, so they are built once.
CLAIM = moving(
    ExecutionPhase.EXECUTING,
    Job.id == bindparam("id_"),
    *may_start(bindparam("now_", type_=UtcDateTime)),
    allowed={ExecutionPhase.QUEUED},
    attempt=Job.attempt + 1,
    token=bindparam("token_"),
    lease=bindparam("lease_", type_=UtcDateTime),
    start_time=bindparam("now_", type_=UtcDateTime),
    not_before=None,
    progress=None,
).returning(Job.type, Job.owner, Job.token, Job.attempt, Job.execution_duration)

WISHING = select(Job).where(
    *held(bindparam("id_"), bindparam("token_")), Job.on_completion.is_not(None)
)


class DatabaseGateway(HeldJobs):
    """The gateway of workers that share the database."""

    def __init__(
        self,
        app: Flask,
        *,
        types: JobTypes,
        lease: timedelta,
        find_credential: FindCredential = lambda _owner, _service: None,
        forget_credential: ForgetCredential = lambda _owner, _service, _before: False,
        find_upload: FindUpload = find_no_upload,
        hint: Hint = lambda _job_ids: None,
        completions: Completions | None = None,
    ) -> None:
        """Use the app's database; each call is a transaction of its own.

        `hint` is told of jobs that may start because another has ended. `find_credential`
        gets an owner and a service, inside such a transaction, and `forget_credential` also
        until when it was stored, if it is deleted. `find_upload` gets the ids of a job and of
        one of its files. `completions` do what jobs ask for when they complete.
        """
        super().__init__(
            app,
            find_credential=find_credential,
            forget_credential=forget_credential,
            find_upload=find_upload,
        )
        self._types = types
        self._lease = lease
        self._hint = hint
        self._completions = completions or NoCompletions()

    def claim(self, job_id: str) -> ClaimedJob | None:
        """Take a queued job by one guarded UPDATE, committed before anything is read.

        Of many processes that begin a job at once each holds up the others that long only.
        """
        with self._transaction():
            stand_in_line(job_id)
            now = clock()
            row = db.session.execute(
                CLAIM,
                {"id_": job_id, "token_": new_id(), "now_": now, "lease_": now + self._lease},
            ).one_or_none()
        if row is None:
            return None
        with self._transaction():
            return load_claimed(job_id, row)

    def renew(self, job: ClaimedJob) -> bool:
        """Extend the lease; followers of the job see no change."""
        with self._transaction():
            return self._update(job, lease=clock() + self._lease)

    def report(self, job: ClaimedJob, progress: float | None, message: str) -> bool:
        """Show progress."""
        with self._transaction():
            return self._update(
                job,
                progress=progress,
                message=storable(message)[:MESSAGE_LENGTH],
                version=Job.version + 1,
            )

    def log(self, job: ClaimedJob, lines: Sequence[str]) -> bool:
        """Insert the lines, where the token holds; the last of all says that it is."""
        with self._transaction():
            if not self._update(job, version=Job.version + 1):
                return False
            add_lines(job.id, [storable(line) for line in lines])
            return True

    def partial(self, job: ClaimedJob, result: ResultRecord) -> bool:
        """Insert or update the partial result, where the token holds."""
        with self._transaction():
            if not self._update(job, version=Job.version + 1):
                return False
            put_result(job, result, partial=True)
            return True

    def checkpoint(self, job: ClaimedJob, key: str, value: str) -> bool:
        """Commit a checkpoint, where the token holds."""
        with self._transaction():
            if not self._update(job, version=Job.version):
                return False
            db.session.merge(Checkpoint(job_id=job.id, key=key, value=storable(value)))
            return True

    def finish(
        self,
        job: ClaimedJob,
        results: Sequence[ResultRecord],
        *,
        lines: Sequence[str] = (),
        goes_on: bool = False,
    ) -> Ending:
        """Move to COMPLETED and commit the pointers to the results together.

        What the job wants done with them is done in the same transaction.
        """
        complete = self._prepared(job, results)
        with self._giving_way(job, goes_on=goes_on) as parents:
            listed = self._end(job, ExecutionPhase.COMPLETED, progress=1.0, message="")
            kept = not listed and self._update(job, DELIVERING, version=Job.version + 1)
            if listed or kept:
                db.session.execute(db.delete(Result).where(Result.job_id == job.id))
                for result in results:
                    put_result(job, result, partial=False)
                if lines:
                    add_lines(job.id, [storable(line) for line in lines])
            if listed:
                complete()
        return Ending(listed or kept, *parents)

    def fail(self, job: ClaimedJob, error: PortalError, *, goes_on: bool = False) -> Ending:
        """End in ERROR, or queue again after a transient failure."""
        rule = self._types[job.type]
        with self._giving_way(job, goes_on=goes_on) as parents:
            if not error.fatal and job.attempt <= rule.transient_retries:
                ended = self._try_again(job, storable(error.message), rule.retry_delay)
            else:
                ended = self._end_in_error(job, error)
        return Ending(ended, *parents)

    def overrun(self, job: ClaimedJob) -> bool:
        """Abort, as UWS 1.1, section 2.1.4 has it for a job past its duration."""
        with self._giving_way(job):
            return self._end(
                job,
                ExecutionPhase.ABORTED,
                message="Stopped: it ran longer than its execution duration allows",
            )

    def release(self, job: ClaimedJob) -> bool:
        """Queue the job again without counting the attempt."""
        with self._giving_way(job):
            return self._requeue(job, attempt=Job.attempt - 1, message="")

    def _prepared(self, job: ClaimedJob, results: Sequence[ResultRecord]) -> Callable[[], None]:
        with self._transaction():
            row = db.session.scalar(WISHING, {"id_": job.id, "token_": job.token})
        if row is None:
            return do_nothing
        with self._app.app_context():
            return self._completions.prepare(row, job.token, results)

    def _end(self, job: ClaimedJob, to: ExecutionPhase, **values: Any) -> bool:
        return move(
            job.id,
            to,
            Job.token == job.token,
            allowed={ExecutionPhase.EXECUTING},
            end_time=clock(),
            lease=None,
            **values,
        )

    def _end_in_error(self, job: ClaimedJob, error: PortalError) -> bool:
        ended = self._end(
            job,
            ExecutionPhase.ERROR,
            error_type="fatal" if error.fatal else "transient",
            error_message=storable(error.message),
            error_detail=storable(error.detail) or None,
        )
        if ended:  # the rows that had arrived are gone
            db.session.execute(db.delete(Result).where(Result.job_id == job.id))
        return ended

    def _requeue(self, job: ClaimedJob, **values: Any) -> bool:
        return requeue(job.id, Job.token == job.token, **values)

    def _try_again(self, job: ClaimedJob, why: str, first_delay: float) -> bool:
        delay = timedelta(seconds=first_delay * 2 ** (job.attempt - 1))
        message = f"Trying again: {why}"[:MESSAGE_LENGTH]
        requeued = self._requeue(job, not_before=clock() + delay, message=message)
        if requeued:
            note_attempt(job.id, job.attempt, why)
        return requeued

    def _update(
        self, job: ClaimedJob, phases: Collection[ExecutionPhase] = HOLDING, **values: Any
    ) -> bool:
        statement = update(Job).where(*held(job.id, job.token, phases)).values(**values)
        result = db.session.execute(statement.execution_options(synchronize_session=False))
        return bool(result.rowcount == 1)  # type: ignore[attr-defined]

    @contextmanager
    def _giving_way(self, job: ClaimedJob, *, goes_on: bool = False) -> Iterator[list[str]]:
        """Open a transaction in which a job may end; who may start for that is told after it.

        Who waits for an aborted job waits for what had come of it, which is an end as well.
        Where the caller `goes_on`, its parent comes into the list instead, and is not told.
        """
        parents: list[str] = []
        with self._transaction():
            yield parents
            parent = note_end(job.id)
            parents += [parent] if parent else []
            others = next_for_host(job.id)
            note_hints([*parents, *others])
        self._hint(others if goes_on else [*parents, *others])
