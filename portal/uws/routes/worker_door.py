"""What the worker routes ask of the application: who may claim, jobs, and where files go."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO
from typing import Protocol

from flask import current_app

from portal.uws.board import JobBoard
from portal.uws.database import DatabaseGateway

EXTENSION = "uws_worker_door"


class ResultIntake(Protocol):
    """Where the files go that a worker sends; `max_bytes` is the most that one may have."""

    max_bytes: int

    def receive(
        self, job_id: str, token: str, name: str, file_name: str, content: IO[bytes]
    ) -> None:
        """Keep a file of a result; raises a PortalError when it cannot be one."""

    def is_whole(self, job_id: str, token: str, name: str) -> bool:
        """Say whether all files of a result were received and belong together."""

    def drop_attempt(self, job_id: str, token: str) -> None:
        """Delete what an attempt sent."""

    def drop_other_attempts(self, job_id: str, token: str) -> None:
        """Delete what all but this attempt at a job have stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerDoor:
    """What the worker routes work with.

    `check_caller` raises UnauthorizedError or ForbiddenError unless the request has the
    token of a worker. `lease_seconds` is what the gateway grants.
    """

    check_caller: Callable[[], object]
    gateway: DatabaseGateway
    board: JobBoard
    intake: ResultIntake
    lease_seconds: float


def worker_door() -> WorkerDoor:
    """Return the one of the current app."""
    found: WorkerDoor = current_app.extensions[EXTENSION]
    return found
