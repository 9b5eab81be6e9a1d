"""Wait for a change of a job: one watching thread per process, a budget of waiters."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from flask import Flask
from sqlalchemy import select

from portal.db import db
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase

WATCH_SECONDS = 0.04
LONGEST_WAIT = 50.0
WAITABLE = frozenset(
    {ExecutionPhase.PENDING, ExecutionPhase.QUEUED, ExecutionPhase.EXECUTING}
)  # UWS 1.1, section 2.2.1.2


class Watcher:
    """Knows the versions of the jobs that somebody waits for.

    The thread starts with the first waiter and ends with the last. A waiter holds no
    database connection. Over the budget `wait` returns at once, as UWS 1.1, section
    2.2.1.2 allows under load.
    """

    def __init__(self, app: Flask, *, budget: int, budget_per_owner: int) -> None:
        """Watch nothing yet."""
        self._app = app
        self._budget = budget
        self._budget_per_owner = budget_per_owner
        self._changed = threading.Condition()
        self._states: dict[str, _State | None] = {}
        self._waiting: Counter[str] = Counter()
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
        self, job_id: str, owner: str, seconds: float, is_news: Callable[["_State"], bool]
    ) -> bool:
        until = time.monotonic() + min(seconds, LONGEST_WAIT)
        with self._changed:
            if self._waiting.total() >= self._budget:
                return False
            if self._owners[owner] >= self._budget_per_owner:
                return False
            with self._registered(job_id, owner):
                while True:
                    left = until - time.monotonic()
                    if self._has_news(job_id, is_news) or left <= 0:
                        return True
                    self._changed.wait(left)

    def _has_news(self, job_id: str, is_news: Callable[["_State"], bool]) -> bool:
        if job_id not in self._states:
            return False  # not looked at yet
        state = self._states[job_id]
        return state is None or is_news(state)

    @contextmanager
    def _registered(self, job_id: str, owner: str) -> Iterator[None]:
        self._waiting[job_id] += 1
        self._owners[owner] += 1
        if not self._running:
            self._running = True
            threading.Thread(target=self._watch, name="watcher", daemon=True).start()
        try:
            yield
        finally:
            for counter, key in ((self._waiting, job_id), (self._owners, owner)):
                counter[key] -= 1
                if not counter[key]:
                    del counter[key]
            if job_id not in self._waiting:
                self._states.pop(job_id, None)

    def _watch(self) -> None:
        while True:
            with self._changed:
                if not self._waiting:
                    self._running = False
                    return
                watched = list(self._waiting)
            found = self._look(watched)
            with self._changed:
                for job_id in watched:
                    if job_id in self._waiting:
                        self._states[job_id] = found.get(job_id)
                self._changed.notify_all()
            time.sleep(WATCH_SECONDS)

    def _look(self, job_ids: list[str]) -> dict[str, "_State"]:
        with self._app.app_context():
            query = select(Job.id, Job.version, Job.phase).where(Job.id.in_(job_ids))
            return {one.id: _State(one.version, one.phase) for one in db.session.execute(query)}


class _State(NamedTuple):
    version: int
    phase: ExecutionPhase
