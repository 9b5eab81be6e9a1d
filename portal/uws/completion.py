"""What an application does with the results of a job as it completes, when the job asks for it."""

from collections.abc import Callable
from collections.abc import Sequence
from typing import Protocol

from portal.problems import UsageError
from portal.uws.gateway import ResultRecord
from portal.uws.models import Job

MOST_CHARACTERS = 100  # of what is kept with the job


def do_nothing() -> None:
    """Do nothing in the transaction that completes a job."""


class Completions(Protocol):
    """What can be asked for when a job is made, and is then kept as its `on_completion`.

    That is done in the transaction which completes the job, so that neither is without the
    other; a job that fails or is aborted leaves it undone.
    """

    def accept(self, owner: str, wish: str) -> str:
        """Return what is kept with the job; raises a PortalError for what cannot be done."""

    def prepare(self, job: Job, token: str, results: Sequence[ResultRecord]) -> Callable[[], None]:
        """Return what is to be done with the results of this attempt.

        Files are read here, outside of any transaction. What is returned is called once or
        never, in the transaction that completes the job. It must not raise, commit or roll back.
        """


class NoCompletions:
    """Those of a service that does nothing with results."""

    def accept(self, _owner: str, _wish: str) -> str:
        """Refuse everything."""
        raise UsageError("This service does nothing with results but keep them.")

    def prepare(
        self, _job: Job, _token: str, _results: Sequence[ResultRecord]
    ) -> Callable[[], None]:
        """Prepare nothing."""
        return do_nothing
