"""Jobs, as UWS 1.1 has them, from the side of those who ask."""

from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from astropy.table import Table

from portal_client import results
from portal_client.connection import Connection
from portal_client.errors import JobError
from portal_client.errors import PortalError
from portal_client.results import Result
from portal_client.waiting import Waiter

FINAL = frozenset({"COMPLETED", "ERROR", "ABORTED", "ARCHIVED"})
FAILED = frozenset({"ERROR", "ABORTED"})
MARGIN_SECONDS = 10  # for an answer to arrive after the portal's wait


@dataclass(frozen=True, slots=True)
class ErrorSummary:
    """Why a job failed; `transient`: it may succeed at another time (UWS 1.1, section 2.1.3)."""

    message: str
    transient: bool
    has_detail: bool


class Job:
    """A job of yours at a portal.

    What it says of itself is what the portal last told; `refresh` asks again. Nothing here
    ends the job except `abort` and `delete`: it goes on when your program ends.
    """

    def __init__(self, connection: Connection, document: Mapping[str, Any]) -> None:
        """Take a job's document, or a reference to it from a list."""
        self._connection = connection
        self._document = dict(document)
        self.id: str = document["jobId"]

    @property
    def url(self) -> str:
        """The address of the job, for this and any other UWS client."""
        return f"{self._connection.url}uws/jobs/{self.id}"

    @property
    def document(self) -> Mapping[str, Any]:
        """All that the portal says of the job, as its JSON Schema at `/uws/schema` describes."""
        if "jobInfo" not in self._document:
            self.refresh()
        return self._document

    @property
    def phase(self) -> str:
        """One of the phases of UWS 1.1, section 2.1.3, such as EXECUTING."""
        phase: str = self._document["phase"]
        return phase

    @property
    def run_id(self) -> str | None:
        """What the job was marked with when it was made."""
        run_id: str | None = self._document["runId"]
        return run_id

    @property
    def type(self) -> str:
        """The name of the job type."""
        name: str = self.info["type"]
        return name

    @property
    def parameters(self) -> dict[str, str | list[str]]:
        """The parameters as texts; one that is there several times is a list."""
        found: dict[str, list[str]] = {}
        for one in self.document["parameters"]:
            found.setdefault(one["id"], []).append(one["value"])
        return {name: all_ if len(all_) > 1 else all_[0] for name, all_ in found.items()}

    @property
    def results(self) -> dict[str, Result]:
        """The results that are there, by name."""
        return {one["id"]: Result.read(one) for one in self.document["results"]}

    @property
    def error(self) -> ErrorSummary | None:
        """Why the job failed, if it did."""
        error = self.document["errorSummary"]
        if error is None:
            return None
        return ErrorSummary(error["message"], error["type"] == "transient", error["hasDetail"])

    @property
    def info(self) -> Mapping[str, Any]:
        """What UWS leaves to the service: type, title, attempt, progress, place in the queue."""
        info: Mapping[str, Any] = self.document["jobInfo"]
        return info

    @property
    def progress(self) -> float | None:
        """How much is done, from 0 to 1; None when nobody knows."""
        progress: float | None = self.info["progress"]
        return progress

    @property
    def message(self) -> str:
        """What the job said last about how it is getting on."""
        return self.info["message"] or ""

    def refresh(self) -> "Job":
        """Ask the portal how the job is, and return it."""
        self._document = self._connection.get("uws", "jobs", self.id)
        return self

    def run(self) -> "Job":
        """Start a job that was made with `run=False`, and return it."""
        return self._post(phase="RUN")

    def abort(self) -> "Job":
        """Stop the job, and return it; results that are there stay."""
        return self._post(phase="ABORT")

    def delete(self) -> None:
        """Stop the job if it runs, and delete it with its results."""
        self._connection.delete("uws", "jobs", self.id)

    def wait(self, timeout: float | None = None, *, phases: Collection[str] | None = None) -> "Job":
        """Wait until the job has ended, or is in one of these phases, and return it.

        A portal that is restarted or too busy meanwhile is waited for. Raises
        WaitTimeoutError after `timeout` seconds, and PortalError for a job that nobody has
        started. Ctrl-C ends the wait, not the job.
        """
        wanted = FINAL if phases is None else {phase.upper() for phase in phases}
        waiter = Waiter(timeout)
        if phases is None and self.phase == "PENDING" and self.refresh().phase == "PENDING":
            raise PortalError("This job has not been started: call run() first.")
        waiter.wait(self._poll, self.phase, wanted)
        return self

    def raise_if_error(self) -> "Job":
        """Return the job, or raise JobError with the service's words when it failed."""
        if self.phase not in FAILED:
            return self
        error = self.error
        if error is None:
            raise JobError("The job was aborted.", phase=self.phase, transient=False)
        detail = self._connection.get_text("uws", "jobs", self.id, "error")
        raise JobError(
            error.message,
            phase=self.phase,
            transient=error.transient,
            detail=detail.removeprefix(error.message).strip(),
        )

    def table(self, name: str = "result") -> Table:
        """Return a result as an astropy table; raises JobError when the job failed.

        Warns with OverflowWarning when the archive had more rows than it sent.
        """
        self._check_result(name)
        return results.read_table(self._connection, self.id, name)

    def download(
        self, path: str | Path, format: str | None = None, *, name: str = "result"
    ) -> Path:
        """Write a result to a file and return its path; the ending says the format.

        Formats are vot, fits, csv, ecsv and parquet; others than vot need a token.
        """
        path = Path(path)
        self._check_result(name)
        extension = format or path.suffix.removeprefix(".") or results.VOTABLE
        results.save(self._connection, self.id, name, path, extension)
        return path

    def __repr__(self) -> str:
        """Write id and phase."""
        return f"<Job {self.id}: {self.phase}>"

    def _post(self, **control: str) -> "Job":
        self._connection.post("uws", "jobs", self.id, body=control)
        return self.refresh()

    def _poll(self, phase: str, seconds: int) -> str:
        self._document = self._connection.get(
            "uws",
            "jobs",
            self.id,
            query={"WAIT": seconds, "PHASE": phase},
            seconds=seconds + MARGIN_SECONDS,
        )
        return self.phase

    def _check_result(self, name: str) -> None:
        """Raise JobError, or PortalError that says why there is no such result."""
        if name in self.results or name in self.refresh().results:
            return
        self.raise_if_error()
        held = ", ".join(self.results) or "none"
        raise PortalError(f"There is no result {name}; the job is {self.phase} and has: {held}.")
