"""Jobs for workers that ask: whoever finds none waits, and one thread per process looks."""

import logging
import threading
import time
from collections.abc import Callable
from collections.abc import Collection

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from portal.db import clock
from portal.db import db
from portal.uws.database import DatabaseGateway
from portal.uws.gateway import ClaimedJob
from portal.uws.hosts import may_start
from portal.uws.models import Job

LOOK_SECONDS = 0.2
LONGEST_WAIT = 25.0
AT_ONCE = 5

log = logging.getLogger(__name__)


class JobBoard:
    """Gives queued jobs, the oldest first, to workers that ask for some.

    Workers that are told of a job by a hint take it within milliseconds, so those that ask
    get what these leave. While somebody waits, one thread looks which types have jobs, five
    times a second; a waiter holds no database connection. Over the `budget` of waiters the
    answer comes at once.
    """

    def __init__(self, app: Flask, gateway: DatabaseGateway, *, budget: int) -> None:
        """Look at nothing yet."""
        self._app = app
        self._gateway = gateway
        self._budget = budget
        self._changed = threading.Condition()
        self._waiters = 0
        self._watching = False
        self._looks = 0
        self._queued: frozenset[str] = frozenset()

    def claim(
        self,
        types: Collection[str],
        *,
        seconds: float,
        is_gone: Callable[[], bool] = lambda: False,
    ) -> ClaimedJob | None:
        """Claim a job of one of these types, or wait for one; None when none came.

        Nothing is claimed for a caller who `is_gone`. The caller has let go of its database
        session.
        """
        until = time.monotonic() + min(seconds, LONGEST_WAIT)
        while True:
            for job_id in self._waiting_jobs(types):
                if is_gone():
                    return None
                if (job := self._gateway.claim(job_id)) is not None:
                    return job
            if not self._wait(frozenset(types), until) or is_gone():
                return None

    def _wait(self, types: frozenset[str], until: float) -> bool:
        """Wait until a look finds a job of these types; False: time is over, or none may wait."""
        with self._changed:
            if self._waiters >= self._budget or time.monotonic() >= until:
                return False
            self._waiters += 1
            if not self._watching:
                self._watching = True
                threading.Thread(target=self._watch, name="job-board", daemon=True).start()
            try:
                seen = self._looks
                return self._changed.wait_for(
                    lambda: self._looks > seen and not types.isdisjoint(self._queued),
                    timeout=until - time.monotonic(),
                )
            finally:
                self._waiters -= 1

    def _watch(self) -> None:
        while True:
            queued = self._queued_types()
            with self._changed:
                self._queued = queued
                self._looks += 1
                self._changed.notify_all()
                if not self._waiters:
                    self._watching = False
                    return
            time.sleep(LOOK_SECONDS)

    def _queued_types(self) -> frozenset[str]:
        try:
            with self._app.app_context():
                query = select(Job.type).where(*may_start(clock())).distinct()
                return frozenset(db.session.scalars(query))
        except DBAPIError as error:
            log.warning("the database does not say which jobs wait: %s", error.orig)
            return frozenset()

    def _waiting_jobs(self, types: Collection[str]) -> list[str]:
        with self._app.app_context():
            query = select(Job.id).where(*may_start(clock()), Job.type.in_(types))
            return list(db.session.scalars(query.order_by(Job.creation_time).limit(AT_ONCE)))
