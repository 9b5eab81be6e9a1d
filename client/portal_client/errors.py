"""What can go wrong between a program and a portal."""

from collections.abc import Sequence
from dataclasses import dataclass


class PortalError(Exception):
    """Something was refused or failed; the message is the portal's own where it had one.

    `status` is the HTTP status of the answer, None when there was no answer.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        """Keep the message and the status."""
        super().__init__(message)
        self.status = status


class UnavailableError(PortalError):
    """The portal did not answer, or is too busy or being restarted: ask again later."""


class WaitTimeoutError(PortalError, TimeoutError):
    """The job had not got as far in the time given; it goes on."""


@dataclass(frozen=True, slots=True)
class ParameterError:
    """What is wrong with one parameter; `pointer` is the JSON pointer of the very place."""

    name: str
    message: str
    pointer: str

    def __str__(self) -> str:
        """Write it as one line."""
        return f"{self.name}: {self.message}" if self.name else self.message


class InvalidParametersError(PortalError):
    """The job type does not take these parameters; `errors` has all that is wrong with them."""

    def __init__(
        self, message: str, *, errors: Sequence[ParameterError], status: int | None = None
    ) -> None:
        """Keep every error."""
        super().__init__("\n".join([message, *map(str, errors)]), status=status)
        self.errors = tuple(errors)


class JobError(PortalError):
    """A job failed or was aborted; the message is that of the service that was asked.

    `transient` says that the same job may succeed at another time (UWS 1.1, section 2.1.3).
    `detail` is what the service had to say beyond the message.
    """

    def __init__(self, message: str, *, phase: str, transient: bool, detail: str = "") -> None:
        """Keep how the job ended."""
        super().__init__(message)
        self.phase = phase
        self.transient = transient
        self.detail = detail
