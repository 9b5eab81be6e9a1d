"""The last step of a remote job: what its worker stored is brought to the portal."""

from collections.abc import Sequence
from pathlib import Path

from portal.problems import NotFoundError
from portal.results.keys import ResultKey
from portal.results.store import ResultStore
from portal.uws.attempt import Attempt
from portal.uws.gateway import ResultRecord
from portal.uws.remote import HttpGateway
from portal.uws.worker import Executor


class DeliveringExecutor:
    """Runs a job as `executor` does, and sends the files of its results from `store`."""

    def __init__(self, executor: Executor, gateway: HttpGateway, store: ResultStore) -> None:
        self._executor = executor
        self._gateway = gateway
        self._store = store

    def __call__(self, attempt: Attempt) -> Sequence[ResultRecord]:
        """Return the results once the portal has them all."""
        results = self._executor(attempt)
        for result in results:
            attempt.report(None, f"sending {result.name}")
            key = ResultKey(job_id=attempt.job.id, token=attempt.job.token, name=result.name)
            for path in self._store.files(key):
                self._send(attempt, result.name, path)
        return results

    def _send(self, attempt: Attempt, name: str, path: Path) -> None:
        with path.open("rb") as content:
            if not self._gateway.upload(attempt.job, name, path.name, content):
                raise NotFoundError("The job went away while its result was sent.")


def tell_rows(attempt: Attempt, result: ResultRecord) -> None:
    """Show how many rows have come: the rows themselves are not at the portal yet."""
    attempt.report(None, f"{result.info['rows']:,} rows so far")
