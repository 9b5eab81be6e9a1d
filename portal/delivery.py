"""The last step of a remote job: what its worker stored is brought to the portal."""

import io
from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path

from portal.results.keys import ResultKey
from portal.results.store import ResultStore
from portal.results.writing import WriteAbortedError
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
        with WatchedFile(path, attempt.is_aborted) as content:
            if not self._gateway.upload(attempt.job, name, path.name, content):
                raise WriteAbortedError("The job was aborted while its result was sent.")


def tell_rows(attempt: Attempt, result: ResultRecord) -> None:
    """Show how many rows have come: the rows themselves are not at the portal yet."""
    attempt.report(None, f"{result.info['rows']:,} rows so far")


class WatchedFile(io.FileIO):
    """A file whose reading ends with WriteAbortedError when the job is aborted."""

    def __init__(self, path: Path, is_aborted: Callable[[], bool]) -> None:
        super().__init__(path)
        self._is_aborted = is_aborted

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes."""
        if self._is_aborted():
            raise WriteAbortedError("The job was aborted.")
        return super().read(-1 if size is None else size)
