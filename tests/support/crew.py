"""A crew of workers for the fault tests: job types that sleep, hang, swallow and block.

Run as a script: `crew.py INSTANCE SIZE`, with the URL of Redis in PORTAL_REDIS_URL.
"""

import hashlib
import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Literal

from flask import Flask

from portal import config
from portal import create_app
from portal import logs
from portal.db import db
from portal.parameters import parameter
from portal.parameters import Parameters
from portal.parameters import read_form
from portal.problems import UsageError
from portal.results.store import ResultStore
from portal.uws.attempt import Attempt
from portal.uws.crew import start_crew
from portal.uws.database import DatabaseGateway
from portal.uws.gateway import ResultRecord
from portal.uws.limits import Limits
from portal.uws.queue import Hints
from portal.uws.schedules import Timetable
from portal.uws.service import JobService
from portal.uws.types import Description
from portal.uws.types import JobType
from portal.uws.types import JobTypes
from portal.uws.uploads import UploadStore
from portal.uws.worker import Runtime

LEASE = 2.0
MERGE_SECONDS = 0.5


class Nap(Parameters):
    """What a test job does, and for how long."""

    seconds: float = parameter(0.0, title="Seconds")
    how: Literal["sleep", "swallow", "block", "spawn", "fail"] = parameter("sleep", title="How")


class NapsTogether(Parameters):
    """How long each child of a test job takes; a negative one fails at once."""

    naps: list[float] = parameter([], title="Naps")


def children(parameters: NapsTogether) -> list[tuple[str, Parameters]]:
    """Return the naps as jobs of their own."""
    return [
        ("nap", Nap(seconds=abs(seconds), how="fail" if seconds < 0 else "sleep"))
        for seconds in parameters.naps
    ]


def job_types() -> JobTypes:
    """Return the test types; a lost worker counts, but a chaos test kills many."""
    return JobTypes(
        [
            JobType(
                name="nap",
                title="Nap",
                parameters=Nap,
                describe=lambda parameters: Description(title="Nap", text=repr(parameters)),
                max_attempts=50,
            ),
            JobType(
                name="naps",
                title="Naps together",
                parameters=NapsTogether,
                describe=lambda parameters: Description(title="Naps", text=repr(parameters)),
                children=children,
                max_attempts=50,
            ),
        ]
    )


def open_service(instance: Path, redis_url: str | None) -> tuple[Flask, JobService]:
    """Return an app on the instance's database, and a service with the test types."""
    app = create_app(config.load(instance=instance, job_lease=LEASE), plugins=[])
    with app.app_context():
        db.create_all()
    service = JobService(
        types=job_types(),
        limits=Limits(
            execution_duration=60,
            max_execution_duration=600,
            retention=timedelta(days=1),
            max_active_jobs=10_000,
        ),
        hint=Hints(redis_url).send,
        delete_results=lambda job_id: None,
        uploads=UploadStore(instance / "uploads", max_bytes=1000),
    )
    return app, service


class Diary:
    """Writes down who ran what: one line per start and end, in a file of the instance."""

    def __init__(self, instance: Path) -> None:
        self._path = instance / "diary"

    def note(self, what: str, attempt: Attempt) -> None:
        line = f"{what} {attempt.job.id} {attempt.job.attempt} {os.getpid()}\n"
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, line.encode())
        os.close(descriptor)

    def read(self) -> list[tuple[str, str, int, int]]:
        if not self._path.exists():
            return []
        words = [line.split() for line in self._path.read_text().splitlines()]
        return [(what, job, int(attempt), int(pid)) for what, job, attempt, pid in words]


def execute(instance: Path, attempt: Attempt) -> list[ResultRecord]:
    """Do what the nap says, with a file in the scratch folder until it is over."""
    with ResultStore(instance / "results").scratch(attempt.job.id, attempt.job.token) as folder:
        (folder / "half").write_text("written", encoding="ascii")
        return merge(instance, attempt) if attempt.job.type == "naps" else nap(instance, attempt)


def merge(instance: Path, attempt: Attempt) -> list[ResultRecord]:
    """Say how each child ended, after a moment in which one can be killed."""
    diary = Diary(instance)
    diary.note("start", attempt)
    info = {"phases": [str(child.phase) for child in attempt.children()]}
    threading.Event().wait(MERGE_SECONDS)
    diary.note("end", attempt)
    return [ResultRecord(name="result", mime_type="x", info=info)]


def nap(instance: Path, attempt: Attempt) -> list[ResultRecord]:
    """Sleep as long and as deep as the parameters say, and write it down."""
    (instance / "started").write_text(str(time.time()), encoding="ascii")
    diary = Diary(instance)
    diary.note("start", attempt)
    asked = read_form(Nap, attempt.job.parameters)
    assert isinstance(asked, Nap)
    if asked.how == "fail":
        raise UsageError("This nap was a bad idea")
    until = time.monotonic() + asked.seconds
    if asked.how == "spawn":
        child = subprocess.Popen(["sleep", "300"])
        (instance / "spawned").write_text(str(child.pid), encoding="ascii")
    if asked.how == "block":
        hashlib.pbkdf2_hmac("sha256", b"x", b"y", 2_000_000_000)
    while time.monotonic() < until:
        try:
            stop = threading.Event()
            stop.wait(0.05)
        except Exception:
            pass
        if asked.how == "sleep" and attempt.is_aborted():
            break
    diary.note("end", attempt)
    return [ResultRecord(name="result", mime_type="x", info={"rows": attempt.job.attempt})]


def main(instance: Path, size: int) -> None:
    """Run the crew until told to stop."""
    logs.set_up("INFO")
    redis_url = os.environ.get("PORTAL_REDIS_URL") or None
    app, service = open_service(instance, redis_url)

    def dispose(*, close: bool) -> None:
        with app.app_context():
            db.engine.dispose(close=close)

    runtime = Runtime(
        gateway=DatabaseGateway(app, types=service.types, lease=timedelta(seconds=LEASE)),
        executor=lambda attempt: execute(instance, attempt),
        lease_seconds=LEASE,
        let_go=partial(dispose, close=True),
        forget=partial(dispose, close=False),
        drop_attempt=app.extensions["results"].delete_attempt,
    )
    start_crew(
        app,
        service=service,
        timetable=Timetable(service, []),
        runtime=runtime,
        redis_url=redis_url,
        size=size,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
