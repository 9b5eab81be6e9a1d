"""Wait for a change of a job: one watching thread per process, a budget of waiters."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from flask import Flask
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from portal.db import db
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase

WATCH_SECONDS = 0.02
LONGEST_WAIT = 50.0
WAITABLE = frozenset(
    {ExecutionPhase.PENDING, ExecutionPhase.QUEUED, ExecutionPhase.EXECUTING}
)  # UWS 1.1, section 2.2.1.2
STATES = select(Job.id, Job.version, Job.phase).where(Job.id.in_(bindparam("ids_", expanding=True)))


log = logging.getLogger(__name__)


class _State(NamedTuple):
    version: int
    phase: ExecutionPhase


class _Watched:
    """A job that somebody waits for; `state` is None when the job is gone."""

    def __init__(self, lock: threading.Lock) -> None:
        self.news = threading.Condition(lock)
        self.waiters = 0
        self.was_seen = False
        self.state: _State | None = None

    def note(self, state: _State | None) -> None:
        """Wake those who wait for this job, and nobody else, when something is new."""
        if not self.was_seen or state != self.state:
            self.was_seen, self.state = True, state
            self.news.notify_all()


class Watcher:
    """Knows the states of the jobs that somebody waits for.

    The thread starts with the first waiter and ends with the last. A waiter holds no
    database connection. Over the budget `wait` returns at once, as UWS 1.1, section
    2.2.1.2 allows under load.
    """

    def __init__(self, app: Flask, *, budget: int, budget_per_owner: int) -> None:
        """Watch nothing yet."""
        self._app = app
        self._budget = budget
        self._budget_per_owner = budget_per_owner
        self._lock = threading.Lock()
        self._watched: dict[str, _Watched] = {}
        self._owners: Counter[str] = Counter()
        self._running = False

    def wait(self, job_id: str, *, owner: str, seen: int, seconds: float) -> bool:
        """Wait until the job's version passes `seen`, or it is gone; False: not waited for.

        The caller has let go of its database session.
        """
        return self._wait(job_id, owner, seconds, lambda state: state.version > seen)

    def wait_for_phase(
        self, job_id: str, *, owner: str, phase: ExecutionPhase, seconds: float
    ) -> bool:
        """Wait until the job leaves `phase`, or it is gone; False: not waited for."""
        return self._wait(job_id, owner, seconds, lambda state: state.phase != phase)

    def _wait(
        self, job_id: str, owner: str, seconds: float, is_news: Callable[[_State], bool]
    ) -> bool:
        until = time.monotonic() + min(seconds, LONGEST_WAIT)
        with self._lock:
            if self._owners.total() >= self._budget:
                return False
            if self._owners[owner] >= self._budget_per_owner:
                return False
            with self._registered(job_id, owner) as watched:
                while (left := until - time.monotonic()) > 0:
                    if watched.was_seen and (watched.state is None or is_news(watched.state)):
                        break
                    watched.news.wait(left)
        return True

    @contextmanager
    def _registered(self, job_id: str, owner: str) -> Iterator[_Watched]:
        watched = self._watched.setdefault(job_id, _Watched(self._lock))
        watched.waiters += 1
        self._owners[owner] += 1
        if not self._running:
            self._running = True
            threading.Thread(target=self._watch, name="watcher", daemon=True).start()
        try:
            yield watched
        finally:
            watched.waiters -= 1
            if not watched.waiters:
                del self._watched[job_id]
            self._owners[owner] -= 1
            if not self._owners[owner]:
                del self._owners[owner]

    def _watch(self) -> None:
        while True:
            with self._lock:
                if not self._watched:
                    self._running = False
                    return
                job_ids = list(self._watched)
            try:
                self._tell(job_ids, self._look(job_ids))
            except DBAPIError as error:  # who waits goes on waiting
                log.warning("jobs could not be watched: %s", error)
            time.sleep(WATCH_SECONDS)

    def _tell(self, job_ids: list[str], found: dict[str, _State]) -> None:
        with self._lock:
            for job_id in job_ids:
                if job_id in self._watched:
                    self._watched[job_id].note(found.get(job_id))

    def _look(self, job_ids: list[str]) -> dict[str, _State]:
        with self._app.app_context():
            rows = db.session.execute(STATES, {"ids_": job_ids})
            return {one.id: _State(one.version, one.phase) for one in rows}
