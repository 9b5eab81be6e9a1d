"""The processes that run jobs: RQ workers, and one poller."""

import gc
import logging
import os
import signal
import time
from collections.abc import Callable
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from types import FrameType
from typing import Any

from flask import Flask
from redis import Redis
from redis.exceptions import RedisError

from portal.uws.attachments import known_jobs
from portal.uws.horse import HorseWorker
from portal.uws.processes import Crew
from portal.uws.processes import end_group
from portal.uws.processes import fork
from portal.uws.processes import reap
from portal.uws.queue import Hints
from portal.uws.reconciler import forgotten_jobs
from portal.uws.reconciler import note_hint
from portal.uws.reconciler import reconcile
from portal.uws.rehearsal import rehearse_family
from portal.uws.rehearsal import rehearse_for_no_job
from portal.uws.schedules import Timetable
from portal.uws.service import JobService
from portal.uws.worker import execute_job
from portal.uws.worker import Runtime

TURN_SECONDS = 1.0
REDIS_AWAY_SECONDS = 2.0
LONG_FORGOTTEN = timedelta(seconds=60)

log = logging.getLogger(__name__)


def run_rq_worker(redis_url: str, runtime: Runtime) -> None:
    """Take hints from Redis until asked to stop; come back by itself when Redis does."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def get_ready() -> None:
        runtime.forget()
        runtime.limit()
        rehearse_for_no_job(runtime)

    def run_job(job_id: str) -> None:
        execute_job(job_id, runtime)

    while True:
        try:
            worker = HorseWorker(
                Redis.from_url(redis_url),
                get_ready=get_ready,
                rehearse=runtime.rehearse,
                run_job=run_job,
            )
            worker.work(logging_level="WARNING")
        except RedisError:
            time.sleep(REDIS_AWAY_SECONDS)
        else:
            return


class Poller:
    """Finds what hints did not: runs the reconciler, and jobs that no worker was told of.

    While Redis answers, a forgotten job is hinted again; while it does not, the poller
    forks the same `execute_job` itself, for up to `slots` jobs at a time.
    """

    def __init__(
        self,
        app: Flask,
        *,
        service: JobService,
        timetable: Timetable,
        hints: Hints,
        runtime: Runtime,
        slots: int,
    ) -> None:
        """Keep what it was given; nothing is connected yet."""
        self._app = app
        self._service = service
        self._timetable = timetable
        self._hints = hints
        self._runtime = runtime
        self._slots = slots
        self._children: dict[int, str] = {}
        self._stopping = False

    def run(self) -> None:
        """Take turns until asked to stop."""
        signal.signal(signal.SIGTERM, self._stop)
        self._runtime.forget()
        while not self._stopping:
            try:
                self.turn()
            except Exception:  # one failed turn must not end the loop that mends things
                log.exception("a turn of the poller failed")
            time.sleep(TURN_SECONDS)
        for pid in self._children:
            os.kill(pid, signal.SIGTERM)

    def turn(self) -> None:
        """Reconcile once, then see to the jobs that nobody was told of."""
        for pid in reap():
            end_group(pid)
            self._children.pop(pid, None)
        with self._app.app_context():
            reconcile(
                self._service.types,
                self._service.delete_files,
                self._runtime.drop_attempt,
                archive_for=self._service.limits.archive,
            )
            self._service.uploads.sweep(known_jobs)
            self._timetable.make_due()
            waiting = self._hints.waiting()
            if waiting is None:
                self._run_here(forgotten_jobs(timedelta(0)))
                return
            patience = LONG_FORGOTTEN if waiting else timedelta(seconds=TURN_SECONDS)
            for job_id in forgotten_jobs(patience):
                self._hints.send([job_id])
                note_hint(job_id)

    def _run_here(self, job_ids: list[str]) -> None:
        running = set(self._children.values())
        free = self._slots - len(self._children)
        for job_id in [one for one in job_ids if one not in running][:free]:
            pid = fork(partial(self._run_in_child, job_id))
            self._children[pid] = job_id

    def _run_in_child(self, job_id: str) -> None:
        os.setpgrp()
        self._runtime.forget()
        self._runtime.limit()
        execute_job(job_id, self._runtime)

    def _stop(self, _signum: int, _frame: FrameType | None) -> None:
        self._stopping = True


def start_crew(
    app: Flask,
    *,
    service: JobService,
    timetable: Timetable,
    runtime: Runtime,
    redis_url: str | None,
    size: int,
    beside: Sequence[Callable[[], Any]] = (),
) -> None:
    """Run `size` RQ workers, the poller and what else is to run beside, until asked to stop."""
    rehearse_for_no_job(runtime)
    rehearse_family(app, service.types)
    runtime.let_go()
    gc.collect()
    gc.freeze()  # children share these pages as long as no collection touches them
    poller = Poller(
        app,
        service=service,
        timetable=timetable,
        hints=Hints(redis_url),
        runtime=runtime,
        slots=size,
    )
    members: list[Callable[[], Any]] = [poller.run, *beside]
    if redis_url:
        members += [lambda: run_rq_worker(redis_url, runtime)] * size
    Crew(members).run()
