"""The hint that a job waits: one string, the job id, put into Redis; losing it is harmless."""

import logging
from collections.abc import Callable
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer

QUEUE_NAME = "portal"
HINT_TIMEOUT = 0.5
ENTRY_POINT = "portal.uws.worker.execute_hint"
FAILURE_TTL = 60

log = logging.getLogger(__name__)


class AllowedJob(RqJob):
    """An RQ job that can call our one entry point and nothing else.

    Whoever can write to Redis could otherwise name any function of any module.
    """

    @property
    def func(self) -> Callable[..., Any]:
        """Return the function to call; raises PermissionError for any other than ours."""
        if self.func_name != ENTRY_POINT or self.instance is not None:
            raise PermissionError(f"a worker does not call {self.func_name}")
        function: Callable[..., Any] = super().func
        return function


def connect(url: str, *, timeout: float | None = HINT_TIMEOUT) -> Redis:
    """Return a client that gives up after `timeout` seconds and never tries again by itself."""
    return Redis.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=HINT_TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )


def open_queue(connection: Redis) -> Queue:
    """Return the one queue, with a serializer that cannot run code."""
    return Queue(QUEUE_NAME, connection=connection, serializer=JSONSerializer, job_class=AllowedJob)


class Hints:
    """Tells workers about waiting jobs, and knows whether Redis is there at all."""

    def __init__(self, redis_url: str | None) -> None:
        """Connect lazily; without an URL every hint is lost, and the poller finds the jobs."""
        self._queue = open_queue(connect(redis_url)) if redis_url else None

    def send(self, job_id: str) -> None:
        """Hint that a job waits."""
        if self._queue is None:
            return
        try:
            self._queue.enqueue_call(
                ENTRY_POINT,
                args=(job_id,),
                timeout=-1,  # the job's own watch-dog keeps its time
                result_ttl=0,
                failure_ttl=FAILURE_TTL,
                description=job_id,
            )
        except RedisError as error:
            log.warning("hint for job %s was lost: %s", job_id, error)

    def waiting(self) -> int | None:
        """Return how many hints no worker has taken yet, or None when Redis is away."""
        if self._queue is None:
            return None
        try:
            return int(self._queue.count)
        except RedisError:
            return None
