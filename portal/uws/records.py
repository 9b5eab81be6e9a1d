"""Rows as the plain data that attempts work with, and back."""

from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import Row
from sqlalchemy import select

from portal.db import db
from portal.uws.gateway import ClaimedJob
from portal.uws.gateway import EndedChild
from portal.uws.gateway import ResultRecord
from portal.uws.models import Checkpoint
from portal.uws.models import Job
from portal.uws.models import Parameter
from portal.uws.models import Result
from portal.uws.phases import ExecutionPhase

PARAMETERS = (
    select(Parameter.name, Parameter.value)
    .where(Parameter.job_id == bindparam("id_"))
    .order_by(Parameter.position)
)
CHECKPOINTS = select(Checkpoint.key, Checkpoint.value).where(Checkpoint.job_id == bindparam("id_"))


def read_checkpoints(job_id: str) -> dict[str, str]:
    """Return what the attempts at a job have committed, by key."""
    rows = db.session.execute(CHECKPOINTS, {"id_": job_id})
    return {row.key: row.value for row in rows}


def storable(text: str) -> str:
    """Replace what a database refuses in text: NUL, and halves of surrogate pairs."""
    return text.encode(errors="replace").decode().replace("\0", "\ufffd")


def load_claimed(job_id: str, row: Row[*tuple[Any, ...]]) -> ClaimedJob:
    """Return a job with its parameters and checkpoints; `row` has the columns of CLAIM."""
    parameters = db.session.execute(PARAMETERS, {"id_": job_id}).all()
    return ClaimedJob(
        id=job_id,
        type=row.type,
        owner=row.owner,
        token=row.token,
        attempt=row.attempt,
        execution_duration=row.execution_duration,
        parameters=tuple((name, value) for name, value in parameters),
        checkpoints=read_checkpoints(job_id),
    )


def load_ended(child: Job) -> EndedChild:
    """Return what a child was asked and how it ended, with its whole results."""
    results = [one for one in child.results if not one.partial]
    stopped = child.message if child.phase == ExecutionPhase.ABORTED else ""
    return EndedChild(
        id=child.id,
        type=child.type,
        phase=child.phase.value,
        parameters=tuple((one.name, one.value) for one in child.parameters),
        error=child.error_message or stopped or None,
        token=results[0].token if results else None,
        results=tuple(
            ResultRecord(name=one.name, mime_type=one.mime_type, size=one.size, info=one.info)
            for one in results
        ),
    )


def put_result(job: ClaimedJob, record: ResultRecord, *, partial: bool) -> None:
    """Insert or update a result; does not commit."""
    query = select(Result).where(Result.job_id == job.id, Result.name == record.name)
    result = db.session.scalar(query) or Result(job_id=job.id, name=record.name)
    result.token = job.token
    result.mime_type = record.mime_type
    result.size = record.size
    result.info = dict(record.info)
    result.partial = partial
    db.session.add(result)
