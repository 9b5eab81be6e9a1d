"""What a worker that shares the database is told of the job that its attempt holds."""

import logging
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import BindParameter
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import selectinload

from portal.credentials import RemoteCredential
from portal.db import db
from portal.problems import NotFoundError
from portal.uws.gateway import ClaimedJob
from portal.uws.gateway import EndedChild
from portal.uws.gateway import GatewayAwayError
from portal.uws.gateway import Hold
from portal.uws.gateway import Standing
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase
from portal.uws.records import load_claimed
from portal.uws.records import load_ended

HOLDING = frozenset({ExecutionPhase.EXECUTING})
DELIVERING = HOLDING | {ExecutionPhase.ABORTED}  # what had come is kept

FindCredential = Callable[[str, str], RemoteCredential | None]

FindUpload = Callable[[str, str], Path]

ForgetCredential = Callable[[str, str, datetime], bool]

log = logging.getLogger(__name__)


def find_no_upload(_job_id: str, _upload_id: str) -> Path:
    """Raise NotFoundError, where no job type takes files."""
    raise NotFoundError("There is no such file.")


class HeldJobs:
    """Reads the rows of jobs, each for the attempt whose token holds."""

    def __init__(
        self,
        app: Flask,
        *,
        find_credential: FindCredential,
        forget_credential: ForgetCredential,
        find_upload: FindUpload,
    ) -> None:
        """Use the app's database; each call is a transaction of its own."""
        self._app = app
        self._find_credential = find_credential
        self._forget_credential = forget_credential
        self.find_upload = find_upload

    def find(
        self, job_id: str, token: str, phases: Collection[ExecutionPhase] = HOLDING
    ) -> ClaimedJob | None:
        """Return the job that this attempt holds, or None when it does not."""
        with self._transaction():
            query = select(
                Job.type, Job.owner, Job.token, Job.attempt, Job.execution_duration
            ).where(*held(job_id, token, phases))
            row = db.session.execute(query).one_or_none()
            return None if row is None else load_claimed(job_id, row)

    def check(self, job: ClaimedJob) -> Standing:
        """Look at the row."""
        return self.standing(job.id, job.token)

    def standing(self, job_id: str, attempt_token: str) -> Standing:
        """Look at the row; a job that was destroyed is aborted as well."""
        with self._transaction():
            query = select(Job.phase, Job.token, Job.execution_duration).where(Job.id == job_id)
            row = db.session.execute(query).one_or_none()
        if row is None:
            return Standing(hold=Hold.ABORTED)
        phase, token, duration = row
        if token != attempt_token or phase not in DELIVERING:
            return Standing(hold=Hold.LOST)
        hold = Hold.HELD if phase == ExecutionPhase.EXECUTING else Hold.ABORTED
        return Standing(hold=hold, execution_duration=duration)

    def credential(self, job: ClaimedJob, service: str) -> RemoteCredential | None:
        """Ask for the owner in the job's row, where the token holds."""
        with self._transaction():
            query = select(Job.owner).where(*held(job.id, job.token))
            owner = db.session.scalar(query)
            return None if owner is None else self._find_credential(owner, service)

    def forget_credential(self, job: ClaimedJob, service: str) -> bool:
        """Delete what was there when the attempt began, where the token holds."""
        with self._transaction():
            query = select(Job.owner, Job.start_time).where(*held(job.id, job.token))
            row = db.session.execute(query).one_or_none()
            return row is not None and self._forget_credential(row.owner, service, row.start_time)

    def fetch_upload(
        self,
        job: ClaimedJob,
        upload_id: str,
        folder: Path,
    ) -> Path:
        """Return where the portal keeps the file, which nobody may change."""
        return self.find_upload(job.id, upload_id)

    def children(self, job: ClaimedJob) -> Sequence[EndedChild]:
        """Read how each ended, with its results."""
        with self._transaction():
            query = (
                select(Job)
                .where(Job.parent_id == job.id)
                .options(selectinload(Job.results), selectinload(Job.parameters))
                .order_by(Job.creation_time, Job.id)
            )
            return [load_ended(child) for child in db.session.scalars(query)]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            with self._app.app_context(), db.session.begin():
                yield
        except (OperationalError, InterfaceError) as error:
            log.warning("the database does not answer: %s", error.orig)
            raise GatewayAwayError("The portal's database does not answer.") from error


def held(
    job_id: str | BindParameter[str],
    token: str | BindParameter[str],
    phases: Collection[ExecutionPhase] = HOLDING,
) -> tuple[Any, ...]:
    """Return the conditions under which an attempt, by its token, holds a job."""
    return (Job.id == job_id, Job.token == token, Job.phase.in_(phases))
