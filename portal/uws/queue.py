"""The hint that a job waits: one string, the job id, put into Redis; losing it is harmless."""

import logging
import re
from collections.abc import Sequence

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.exceptions import DeserializationError
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer

QUEUE_NAME = "portal"
HINT_TIMEOUT = 0.5
HINT = "portal.hint"  # RQ wants the name of a function; ours is never called
FAILURE_TTL = 60

log = logging.getLogger(__name__)


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
    return Queue(QUEUE_NAME, connection=connection, serializer=JSONSerializer)


def read_hint(job: RqJob) -> str:
    """Return the id of the job that a hint names; empty when this is no hint of ours."""
    try:
        (job_id,) = job.args
    except (DeserializationError, ValueError):
        job_id = None
    if isinstance(job_id, str) and re.fullmatch("[0-9a-f]{32}", job_id):
        return job_id
    log.warning("something else than a hint was in the queue: %s", job.id)
    return ""


class Hints:
    """Tells workers about waiting jobs, and knows whether Redis is there at all."""

    def __init__(self, redis_url: str | None) -> None:
        """Connect lazily; without an URL every hint is lost, and the poller finds the jobs."""
        self._queue = open_queue(connect(redis_url)) if redis_url else None

    def send(self, job_ids: Sequence[str]) -> None:
        """Hint that jobs wait, one by one: the first begins before the others compete with it."""
        if self._queue is None:
            return
        for job_id in job_ids:
            try:
                self._queue.enqueue_call(
                    HINT,
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
