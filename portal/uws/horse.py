"""An RQ worker that keeps the child for its next job ready: forked, connected, and warm.

A fork of a process with all libraries loaded takes ten milliseconds, and the child copies each
page of memory that it touches for the first time, which takes twenty more, and another fifty in
what jobs do with their answers. Here all of that is over before the hint comes, if it does not
come at once. Each child still runs one job, and the one that waited for just that, and ends
with it.
"""

import logging
import os
import select
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from datetime import UTC
from types import FrameType
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from rq.job import Job as RqJob
from rq.queue import Queue
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus

from portal.uws.processes import end_group
from portal.uws.processes import fork
from portal.uws.queue import open_queue
from portal.uws.queue import read_hint

HEARTBEAT_SECONDS = 5
BEGINNING_SECONDS = 0.15  # of a job, which RQ's books beside it would slow down
PAUSE_SECONDS = 0.2  # with none of them, the next job is hardly kept waiting by a rehearsal

log = logging.getLogger(__name__)


class HorseWorker(Worker):
    """An RQ worker that gives the job that a hint names to a child that stands ready.

    The child never reads Redis, and nothing that Redis names is called. Redis may go away
    while a job runs: the job goes on. `get_ready` is called in the child before it waits,
    `rehearse` when it has waited for a moment in vain, `run_job` with the job's id.
    """

    def __init__(
        self,
        connection: Redis,
        *,
        get_ready: Callable[[], None],
        rehearse: Callable[[], None],
        run_job: Callable[[str], Any],
    ) -> None:
        """Listen on the one queue of `connection`."""
        super().__init__(
            [open_queue(connection)],
            connection=connection,
            serializer=JSONSerializer,
            log_job_description=False,
            job_monitoring_interval=HEARTBEAT_SECONDS,
        )
        self._get_ready = get_ready
        self._rehearse = rehearse
        self._run_job = run_job
        self._ready: ReadyHorse | None = None
        self._ended_well = False

    def work(self, *args: Any, **options: Any) -> bool:
        """Have the first child ready, then take hints until asked to stop."""
        self._ready = ReadyHorse(self._run_one)
        return super().work(*args, **options)

    def subscribe(self) -> None:
        """Take no commands over Redis; a job is aborted in the database."""

    def execute_job(self, job: RqJob, queue: Queue) -> None:
        """Have the child begin, keep RQ's books beside it, and wait for its end.

        The next child is forked after that: done at once it would compete with this one.
        """
        horse = self._horse_pid = self._hand_over(read_hint(job).encode())
        try:
            _let_begin(horse)
            self._keep_books(job, queue)
        except RedisError as error:
            log.warning("Redis went away while a job runs: %s", error)
        finally:
            if self._horse_pid:
                self.wait_for_horse()
                self._horse_pid = 0
            end_group(horse)
            self._ready = ReadyHorse(self._run_one)

    def wait_for_horse(self) -> tuple[int | None, int | None, Any]:
        """Wait for the end of the child, and note how it ended."""
        pid, status, usage = super().wait_for_horse()
        self._ended_well = status == os.EX_OK
        return pid, status, usage

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Let the running job give itself back to the queue, then stop."""
        if self.horse_pid:
            self.kill_horse(signal.SIGTERM)
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def _keep_books(self, job: RqJob, queue: Queue) -> None:
        execution = self.prepare_execution(job)
        self.prepare_job_execution(job, remove_from_intermediate_queue=True)
        self.monitor_work_horse(job, queue, execution)
        if self._ended_well:
            job.ended_at = datetime.now(UTC)
            self.handle_job_success(job, queue, queue.started_job_registry, execution)
        self.set_state(WorkerStatus.IDLE)

    def _hand_over(self, order: bytes) -> int:
        ready, self._ready = self._ready, None
        if ready is not None:
            try:
                return ready.send(order)
            except BrokenPipeError:
                log.warning("process %d, which waited for a job, has ended", ready.pid)
                os.waitpid(ready.pid, 0)
        return ReadyHorse(self._run_one).send(order)

    def _run_one(self, orders: "Orders") -> None:
        os.setpgrp()
        self.setup_work_horse_signals()  # type: ignore[no-untyped-call]
        self._get_ready()
        if not orders.is_there(within=PAUSE_SECONDS):
            self._rehearse()
        if order := orders.read():
            self._run_job(order.decode())


def _let_begin(pid: int) -> None:
    """Leave the processor to a child for a moment, or until it has ended; on Linux only."""
    if sys.platform != "linux":
        return
    descriptor = os.pidfd_open(pid)
    try:
        select.select([descriptor], [], [], BEGINNING_SECONDS)
    finally:
        os.close(descriptor)


class Orders:
    """Where a child is told which job it runs: the end of a pipe that it reads."""

    def __init__(self, descriptor: int) -> None:
        """Keep the descriptor."""
        self._descriptor = descriptor

    def is_there(self, *, within: float) -> bool:
        """Say whether an order has come, or none will any more."""
        return bool(select.select([self._descriptor], [], [], within)[0])

    def read(self) -> bytes:
        """Wait for the order; an empty one says that none will come."""
        with os.fdopen(self._descriptor, "rb") as pipe:
            return pipe.read()


class ReadyHorse:
    """A forked child that waits for one order."""

    def __init__(self, work: Callable[[Orders], None]) -> None:
        """Fork a child that runs `work`."""
        listening, self._orders = os.pipe()

        def run() -> None:
            os.close(self._orders)
            work(Orders(listening))

        self.pid = fork(run)
        os.close(listening)

    def send(self, order: bytes) -> int:
        """Give the child its order and return its pid; BrokenPipeError if it ended before."""
        with os.fdopen(self._orders, "wb", buffering=0) as pipe:
            pipe.write(order)
        return self.pid
