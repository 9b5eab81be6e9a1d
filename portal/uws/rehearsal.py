"""What the engine does with every job, done before there is one: for no job, or for a while.

Mappers are configured, statements compiled and the database connected: otherwise each process
that runs a job would do that again, because it ends with it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from flask import Flask

from portal.db import clock
from portal.db import db
from portal.problems import ServiceError
from portal.uws.attempt import Attempt
from portal.uws.database import DatabaseGateway
from portal.uws.family import let_wait
from portal.uws.gateway import ClaimedJob
from portal.uws.gateway import ResultRecord
from portal.uws.models import Job
from portal.uws.models import new_id
from portal.uws.models import Parameter
from portal.uws.phases import ExecutionPhase
from portal.uws.types import JobTypes
from portal.uws.worker import Runtime

NOBODY = "0" * 32
RESULT = ResultRecord(name="result", mime_type="")


def rehearse_for_no_job(runtime: Runtime) -> None:
    """Tell all that a job may tell, for a job that there is not."""
    nobody = ClaimedJob(
        id=NOBODY, type="", owner="", token=NOBODY, attempt=1, execution_duration=0,
        parameters=(), checkpoints={},
    )  # fmt: skip
    gateway = runtime.gateway
    gateway.claim(NOBODY)
    with Attempt(nobody, gateway, lease_seconds=runtime.lease_seconds, give_up=lambda: None):
        gateway.check(nobody)  # however long it takes: there is no job to give up
    gateway.renew(nobody)
    gateway.report(nobody, None, "")
    gateway.partial(nobody, RESULT)
    gateway.children(nobody)
    gateway.finish(nobody, [RESULT])
    gateway.release(nobody)


def rehearse_family(app: Flask, types: JobTypes) -> None:
    """Run a job with two parts, of which one fails, in a transaction that is rolled back.

    What is compiled for rows that are there is compiled then.
    """
    gateway = _RehearsedGateway(app, types=types, lease=timedelta(minutes=1))
    with app.app_context():
        try:
            _run_family(gateway, next(iter(types)))
        finally:
            db.session.rollback()


class _RehearsedGateway(DatabaseGateway):
    """A gateway that commits nothing, and that tells nobody."""

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        yield
        db.session.flush()


def _run_family(gateway: DatabaseGateway, type_name: str) -> None:
    parent = _add_job(type_name)
    good, bad = _add_job(type_name, parent), _add_job(type_name, parent)
    let_wait(parent)
    for job_id in (good, bad, parent):
        job = gateway.claim(job_id)
        assert job is not None  # noqa: S101 - nobody else sees it
        gateway.log(job, ["a line"])
        gateway.report(job, None, "")
        gateway.partial(job, RESULT)
        gateway.children(job)
        if job_id == bad:
            gateway.fail(job, ServiceError("for a while"))
        else:
            gateway.finish(job, [RESULT], lines=["a line"])


def _add_job(type_name: str, parent_id: str | None = None) -> str:
    job_id = new_id()
    db.session.add(
        Job(
            id=job_id,
            type=type_name,
            owner=NOBODY,
            phase=ExecutionPhase.QUEUED,
            creation_time=clock(),
            parent_id=parent_id,
            parameters=[Parameter(position=0, name="name", value="value")],
        )
    )
    db.session.flush()
    return job_id
