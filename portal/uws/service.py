"""What can be done with a job: create, find, change, run, abort and destroy it."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from flask import current_app
from sqlalchemy import bindparam
from sqlalchemy import Select
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import set_committed_value

from portal.db import clock
from portal.db import db
from portal.parameters import Parameters
from portal.parameters import read_form
from portal.problems import NotFoundError
from portal.uws.again import Again
from portal.uws.again import NOTHING_CAME
from portal.uws.attachments import attach
from portal.uws.callers import ForbiddenError
from portal.uws.callers import NOBODY
from portal.uws.completion import Completions
from portal.uws.completion import NoCompletions
from portal.uws.family import abort_children
from portal.uws.family import note_end
from portal.uws.limits import Limits
from portal.uws.limits import NO_WISHES
from portal.uws.limits import Wishes
from portal.uws.models import Job
from portal.uws.models import Parameter
from portal.uws.models import Result
from portal.uws.moves import destroy
from portal.uws.moves import held_by
from portal.uws.moves import Hint
from portal.uws.moves import move
from portal.uws.newjobs import NewJobs
from portal.uws.newvalues import set_parameters
from portal.uws.phases import ABORTABLE
from portal.uws.phases import ExecutionPhase
from portal.uws.phases import RUNNABLE
from portal.uws.requestkeys import digest_of
from portal.uws.requestkeys import find_made
from portal.uws.types import JobTypes
from portal.uws.uploads import SentFile
from portal.uws.uploads import UploadStore

EXTENSION = "uws"
HANDED_DOWN = ("id", "type", "owner", "client_address", "run_id", "execution_duration")
NO_SUCH_JOB = "There is no such job. It may have been deleted or have expired."

AFRESH = {"populate_existing": True}

# Every request about a job begins with one of these, so they are built once.
JOB_ROW = (
    select(Job)
    .where(Job.id == bindparam("id_"), Job.owner.in_(bindparam("owners_", expanding=True)))
    .execution_options(**AFRESH)
)
PARTS: dict[str, Select[Any]] = {
    "parameters": select(Parameter)
    .where(Parameter.job_id == bindparam("id_"))
    .order_by(Parameter.position),
    "results": select(Result).where(Result.job_id == bindparam("id_")).order_by(Result.id),
}


class JobService:
    """Jobs of every type, for the web and the worker alike; needs an application context.

    Each method is one transaction. `hint` tells workers that jobs wait; it may fail or be
    lost without harm. `delete_results` removes the stored results of a job, `share_results`
    gives those of an attempt (its token) to a second job as well; `uploads` keeps the files
    that jobs came with. `completions` say what can be done with results.
    """

    def __init__(
        self,
        *,
        types: JobTypes,
        limits: Limits,
        hint: Hint,
        delete_results: Callable[[str], None],
        uploads: UploadStore,
        completions: Completions | None = None,
        share_results: Callable[[str, str, str], None] = lambda _job_id, _other_id, _token: None,
    ) -> None:
        """Keep what the app was joined with."""
        self.types = types
        self.limits = limits
        self._new = NewJobs(types, limits)
        self._hint = hint
        self.uploads = uploads
        self._delete_results = delete_results
        self._completions = completions or NoCompletions()
        self._again = Again(self._new, limits, share_results=share_results)

    def create_job(
        self,
        type_name: str,
        parameters: Parameters,
        *,
        owner: str,
        address: str | None = None,
        wishes: Wishes = NO_WISHES,
        run: bool = False,
        request_key: str | None = None,
        files: Sequence[SentFile] = (),
        job_id: str | None = None,
    ) -> str:
        """Create a job and return its id; the row is committed when this returns.

        A job that is to run but is one too many for its owner is HELD, and says so. A
        `request_key` that the owner used before returns the job it made then. `files` are those
        that the parameters refer to. Who notes the job in the same transaction gives `job_id`.
        Raises InvalidParametersError for a reference to a file that the owner has not.
        """
        request_key = digest_of(request_key)
        if request_key and (earlier := find_made(owner, request_key)):
            return earlier
        row = self._new.row(type_name, parameters, owner, address) | self.limits.granted(wishes)
        row["id"] = job_id or row["id"]
        attached = attach(self.uploads, parameters, files, job_id=row["id"], owner=owner)
        row |= self._on_completion(wishes, owner)
        if run:
            row |= self.limits.started(owner, address)
        row["request_key"] = request_key
        try:
            self._new.insert(row, attached.parameters)
            attached.write()
            waiting = self._new.start(row, lambda: attached.parameters)
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            self.uploads.delete(row["id"])
            if request_key and (earlier := find_made(owner, request_key)):
                return earlier  # the other half of a double click was faster
            raise
        self._hint(waiting)
        return str(row["id"])

    def get_job(self, job_id: str, *, owner: str) -> Job:
        """Return the owner's job; raises NotFoundError, also for somebody else's."""
        job = self.get_row(job_id, owner=owner)
        for name, statement in PARTS.items():  # half of what a relationship's loader costs
            found: list[Parameter | Result] = []
            if name != "results" or job.start_time is not None:  # else nobody worked at it
                sent = {"id_": job_id}
                found += db.session.scalars(statement, sent, execution_options=AFRESH)
            set_committed_value(job, name, found)
        return job

    def get_row(self, job_id: str, *, owner: str) -> Job:
        """Return the owner's job without its parameters and results; raises NotFoundError."""
        job = db.session.scalar(JOB_ROW, {"id_": job_id, "owners_": [owner, NOBODY]})
        if job is None:
            raise NotFoundError(NO_SUCH_JOB)
        return job

    def change_job(
        self,
        job_id: str,
        *,
        owner: str,
        wishes: Wishes = NO_WISHES,
        parameters: Iterable[tuple[str, str]] | Mapping[str, Any] = (),
    ) -> None:
        """Grant wishes, and replace the values of the parameters that are named.

        They are strings in pairs, or have their types in a mapping.

        Parameters and the run id are fixed once a job is queued, the execution duration once
        it has ended. Raises ForbiddenError for what the phase forbids, and
        InvalidParametersError; then nothing is changed.
        """
        job = self.get_job(job_id, owner=owner)
        sent = parameters if isinstance(parameters, Mapping) else list(parameters)
        phases = set(ExecutionPhase) - {ExecutionPhase.ARCHIVED}
        if wishes.execution_duration is not None:
            phases &= ABORTABLE
        if sent or wishes.run_id is not None or wishes.on_completion is not None:
            phases &= {ExecutionPhase.PENDING}
        values = self.limits.granted(wishes) | self._on_completion(wishes, owner)
        if sent:
            values |= set_parameters(self.types[job.type], job, sent)
        statement = (
            update(Job)
            .where(Job.id == job_id, held_by(owner), Job.phase.in_(phases))
            .values(version=Job.version + 1, **values)
            .execution_options(synchronize_session=False)
        )
        if db.session.execute(statement).rowcount != 1:  # type: ignore[attr-defined]
            db.session.rollback()
            raise ForbiddenError(f"A job that is {job.phase} cannot be changed like this.")
        db.session.commit()

    def run_job(self, job_id: str, *, owner: str) -> bool:
        """Queue a job that waits for it, or hold it; False when it is past that."""
        job = self.get_row(job_id, owner=owner)
        row = self.limits.started(job.owner, job.client_address)
        phase = row.pop("phase")
        moved = move(job_id, phase, held_by(owner), allowed=RUNNABLE, **row)
        waiting: Sequence[str] = ()
        if moved:
            about = {key: getattr(job, key) for key in HANDED_DOWN} | {"phase": phase}
            waiting = self._new.start(about, lambda: self._parameters_of(job))
        db.session.commit()
        self._hint(waiting)
        return moved

    def ask_again(self, part_id: str, *, owner: str, request_key: str | None = None) -> str:
        """Ask a part again from which nothing came, and return the id of the job it is part of.

        That is the job it was part of, while that waits for others. Once that has ended, it is
        a job like it, in which all other parts are as they were; a `request_key` as for
        `create_job`. Raises ForbiddenError for what is no such part, and while the parts are
        put together.
        """
        part = self.get_job(part_id, owner=owner)
        if part.parent_id is None or part.phase not in NOTHING_CAME:
            raise ForbiddenError("Only a part of a job that has brought nothing is asked again.")
        whole = self.get_job(part.parent_id, owner=owner)
        asked = self._parameters_of(part)
        if waiting := self._again.within(whole, part, asked):
            self._hint([waiting])
            self.delete_files(part.id)
            return whole.id
        if not whole.is_finished:
            raise ForbiddenError("The parts are being put together; ask again in a moment.")
        request_key = digest_of(request_key)
        if request_key and (earlier := find_made(owner, request_key)):
            return earlier
        new_id, waiting = self._again.elsewhere(
            whole, part, self._parameters_of(whole), asked, request_key
        )
        self._hint([waiting])
        return new_id

    def abort_job(self, job_id: str, *, owner: str) -> bool:
        """Abort a job; whoever runs it sees that within a second. False when it had ended."""
        abort_children(job_id, held_by(owner))
        moved = move(
            job_id,
            ExecutionPhase.ABORTED,
            held_by(owner),
            allowed=ABORTABLE,
            end_time=clock(),
            message="Aborted by its owner",
        )
        parent = note_end(job_id) if moved else None
        db.session.commit()
        self._hint([parent] if parent else [])
        return moved

    def destroy_job(self, job_id: str, *, owner: str) -> None:
        """Abort a job if need be, forget it, and delete its results and its uploads.

        Raises NotFoundError, also for somebody else's job.
        """
        self.get_row(job_id, owner=owner)
        for destroyed in destroy(job_id):
            self.delete_files(destroyed)

    def delete_files(self, job_id: str) -> None:
        """Delete the results of a job and the files it came with; none is no error."""
        self._delete_results(job_id)
        self.uploads.delete(job_id)

    def get_result(self, job_id: str, name: str, *, owner: str) -> Result:
        """Return a result of the owner's job, a partial one too; raises NotFoundError."""
        query = (
            select(Result)
            .join(Job, Job.id == Result.job_id)
            .where(Result.job_id == job_id, Result.name == name, held_by(owner))
        )
        result = db.session.scalar(query)
        if result is None:
            raise NotFoundError("There is no such result.")
        return result

    def _on_completion(self, wishes: Wishes, owner: str) -> dict[str, Any]:
        if wishes.on_completion is None:
            return {}
        wish = wishes.on_completion.strip()
        return {"on_completion": self._completions.accept(owner, wish) if wish else None}

    def _parameters_of(self, job: Job) -> Parameters:
        rows = db.session.scalars(PARTS["parameters"], {"id_": job.id})
        return read_form(self.types[job.type].parameters, [(one.name, one.value) for one in rows])


def jobs() -> JobService:
    """Return the current app's job service."""
    service: JobService = current_app.extensions[EXTENSION]
    return service
