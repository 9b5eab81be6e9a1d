"""How a running job reports, whatever lies between it and the portal."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum
from pathlib import Path
from typing import Any
from typing import Protocol

from portal.credentials import RemoteCredential
from portal.problems import PortalError
from portal.problems import TransientError


class GatewayAwayError(TransientError):
    """The portal, or its database, cannot be reached at the moment."""

    title = "The portal cannot be reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedJob:
    """A job that one attempt holds, with everything it needs to run; plain data."""

    id: str
    type: str
    owner: str
    token: str
    attempt: int
    execution_duration: int
    parameters: tuple[tuple[str, str], ...]
    checkpoints: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRecord:
    """A result that an attempt has stored: its name, media type, and what is known of it."""

    name: str
    mime_type: str
    size: int | None = None
    info: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedChild:
    """What a child of a job was asked, how it ended, and what it has stored.

    `error` is what went wrong, or who stopped it. `token` is that of the attempt whose results
    these are.
    """

    id: str
    type: str
    phase: str
    parameters: tuple[tuple[str, str], ...] = ()
    error: str | None = None
    token: str | None = None
    results: tuple[ResultRecord, ...] = ()


class Hold(StrEnum):
    """How an attempt stands towards its job.

    LOST is not ABORTED: another attempt may go on with what this one had begun.
    """

    HELD = "held"
    ABORTED = "aborted"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Whether the attempt still holds the job, and the execution duration as it is now."""

    hold: Hold
    execution_duration: int = 0


@dataclass(frozen=True, slots=True)
class Ending:
    """Whether an attempt has ended its job; true when it has.

    `parent` is the job that waited for just this end and that nobody else was told of.
    """

    ended: bool
    parent: str | None = None

    def __bool__(self) -> bool:
        """Say whether the attempt has ended its job."""
        return self.ended


class Gateway(Protocol):
    """What a running job may tell; a lost attempt is told so by what is false.

    Who ends a job and `goes_on` runs the parent itself that waited for just that, where the
    gateway leaves it to him.

    Every method may raise GatewayAwayError: nobody knows then whether it was done.
    """

    def claim(self, job_id: str) -> ClaimedJob | None:
        """Take a queued job; None when another attempt was faster or it is no longer queued."""

    def check(self, job: ClaimedJob) -> Standing:
        """Say how the attempt stands."""

    def renew(self, job: ClaimedJob) -> bool:
        """Extend the lease."""

    def report(self, job: ClaimedJob, progress: float | None, message: str) -> bool:
        """Show progress (0 to 1, or unknown) and a line of text."""

    def log(self, job: ClaimedJob, lines: Sequence[str]) -> bool:
        """Write lines for the job's owner; long ones are cut, and too many are left out."""

    def credential(self, job: ClaimedJob, service: str) -> RemoteCredential | None:
        """Return what logs the job's owner in at a service; None where nothing is stored."""

    def forget_credential(self, job: ClaimedJob, service: str) -> bool:
        """Delete what its owner stored for a service before the job began."""

    def fetch_upload(self, job: ClaimedJob, upload_id: str, folder: Path) -> Path:
        """Return the path of a file that came with the job; `folder` is there to bring it to.

        Raises NotFoundError when the job has no such file, also when it is gone.
        """

    def children(self, job: ClaimedJob) -> Sequence[EndedChild]:
        """Return how the job's children ended, in the order of its type's `children`."""

    def partial(self, job: ClaimedJob, result: ResultRecord) -> bool:
        """Show a result that is still arriving."""

    def checkpoint(self, job: ClaimedJob, key: str, value: str) -> bool:
        """Commit what the next attempt must know."""

    def finish(
        self,
        job: ClaimedJob,
        results: Sequence[ResultRecord],
        *,
        lines: Sequence[str] = (),
        goes_on: bool = False,
    ) -> Ending:
        """Complete the job, list its results and write its last lines, in one transaction.

        A job that was aborted meanwhile stays that, with these as its results so far.
        """

    def fail(self, job: ClaimedJob, error: PortalError, *, goes_on: bool = False) -> Ending:
        """End the job with an error, or queue it again when the type's retry rule says so."""

    def overrun(self, job: ClaimedJob) -> bool:
        """Abort the job because its execution duration has passed."""

    def release(self, job: ClaimedJob) -> bool:
        """Give the job back, as if this attempt had not been."""
