"""For the tests of a plugin: a job to run a query in, and checks that an archive keeps its word."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

from portal.credentials import RemoteCredential
from portal.parameters import check_declaration
from portal.parameters import Choice
from portal.parameters import Example
from portal.parameters import InvalidParametersError
from portal.parameters import json_schema
from portal.parameters import read_form
from portal.parameters import write_form
from portal.plugins.attached import AttachedFile
from portal.plugins.http import HttpPolicy
from portal.plugins.http import open_session
from portal.plugins.resolvers import ResolvedPosition
from portal.plugins.resolving import read_coordinates
from portal.plugins.resolving import UnknownNameError
from portal.plugins.types import Archive
from portal.plugins.types import JobContext
from portal.plugins.types import Query
from portal.problems import PortalError
from portal.tables import arrow_schema
from portal.tables import ResultTable
from portal.tables import TableEnd

LOOPBACK = frozenset({"127.0.0.1", "localhost"})
ARCHIVE_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
RESULT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class ContractError(AssertionError):
    """A plugin breaks a promise of the plugin API; the message says which."""


@dataclass(kw_only=True)
class RunningJob:
    """A job as its query sees it, which writes down what the query does.

    `http` of its context is the real guarded session; it reaches `allow` on private
    addresses, by default this machine. `seconds` is the time that the job may take from
    when its context is made. `uploads` are files by the name of their parameter, `positions`
    the right ascension and declination of the objects whose names it resolves. `reports` are
    pairs of fraction and message, `lines` what was logged, `files` what was attached, which
    stays where it is; `credentials`, by service, are what its owner stored; `checkpoints` are
    there for the next `context`, as for a second attempt.
    """

    data_dir: Path
    allow: frozenset[str] = LOOPBACK
    maxrec: int = 1_000
    seconds: float | None = None
    read_timeout: float = 5
    max_bytes: int = 100_000_000
    credentials: dict[str, RemoteCredential] = field(default_factory=dict)
    uploads: dict[str, Path] = field(default_factory=dict)
    positions: dict[str, tuple[float, float]] = field(default_factory=dict)
    checkpoints: dict[str, str] = field(default_factory=dict)
    reports: list[tuple[float | None, str]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    files: dict[str, AttachedFile] = field(default_factory=dict)
    aborted: threading.Event = field(default_factory=threading.Event)
    _callbacks: list[Callable[[], None]] = field(default_factory=list)

    def context(self) -> JobContext:
        """Return what the query's `run` is given."""
        deadline = None if self.seconds is None else time.monotonic() + self.seconds
        policy = HttpPolicy(
            allow=self.allow, read_timeout=self.read_timeout, max_bytes=self.max_bytes
        )
        return JobContext(
            job_id="job",
            owner="somebody",
            maxrec=self.maxrec,
            deadline=lambda: deadline,
            http=open_session(policy, deadline=deadline, is_aborted=self.aborted.is_set),
            data_dir=self.data_dir,
            checkpoints=dict(self.checkpoints),
            report=lambda fraction, message: self.reports.append((fraction, message)),
            is_aborted=self.aborted.is_set,
            on_abort=self._callbacks.append,
            checkpoint=self.checkpoints.__setitem__,
            credential=self.credentials.get,
            forget_credential=self._forget,
            log=self.lines.append,
            upload=self.uploads.__getitem__,
            resolve=self._resolve,
            attach=self._attach,
        )

    @property
    def messages(self) -> list[str]:
        """What the user was told, without the fractions."""
        return [message for _, message in self.reports]

    def abort(self) -> None:
        """Do what a user's abort does."""
        self.aborted.set()
        for callback in self._callbacks:
            callback()

    def _forget(self, service: str) -> None:
        self.credentials.pop(service, None)

    def _attach(self, name: str, path: Path, *, media_type: str, title: str) -> None:
        _require(bool(RESULT_NAME.fullmatch(name)), f"{name!r} cannot be the name of a file")
        _require(name not in {"result", *self.files}, f"there is a result {name} already")
        _require(path.is_file(), f"there is no file {path}")
        _require(path.resolve().parent == self.data_dir.resolve(), f"{path} is not in data_dir")
        self.files[name] = AttachedFile(name=name, path=path, media_type=media_type, title=title)

    def _resolve(self, text: str) -> ResolvedPosition:
        coordinates = read_coordinates(text)
        if coordinates is not None:
            return coordinates
        if text not in self.positions:
            raise UnknownNameError(text, ["the test"], [])
        ra, dec = self.positions[text]
        return ResolvedPosition(ra=ra, dec=dec, resolver="the test", name=text)


def read_result(table: ResultTable) -> tuple[list[dict[str, Any]], TableEnd]:
    """Read a table to its end; return its rows, and what the end says.

    Raises ContractError unless each batch has the types that the columns promise and the
    last element, and only that, is a TableEnd. What reading raises goes through.
    """
    schema = arrow_schema(table.columns)
    _require(len(set(schema.names)) == len(schema.names), "two columns have the same name")
    rows: list[dict[str, Any]] = []
    end: TableEnd | None = None
    for part in table.batches:
        _require(end is None, "something follows the TableEnd")
        if isinstance(part, TableEnd):
            end = part
            continue
        found = part.schema
        _require(found.equals(schema), f"the columns promise\n{schema}\nand a batch has\n{found}")
        rows += part.to_pylist()
    if end is None:
        raise ContractError("the table does not end with a TableEnd: it looks cut")
    return rows, end


def check_archive(archive: Archive) -> None:
    """Check what can be checked of an archive without asking it: raises ContractError."""
    _require(bool(ARCHIVE_ID.fullmatch(archive.id)), f"{archive.id!r} cannot be in an address")
    _require(bool(archive.title and archive.description), "an archive has title and description")
    _require(bool(archive.queries), "an archive has at least one query")
    ids = [query.id.casefold() for query in archive.queries]
    _require(len(set(ids)) == len(ids), f"two queries have the same id: {ids}")
    for query in archive.queries:
        check_query(query)


def check_query(query: Query) -> None:
    """Check names, descriptor, choices and examples, and that equal parameters ask the same."""
    try:
        check_declaration(query.Parameters, names=(query.id, *query.aliases), version=query.version)
    except ValueError as error:
        raise ContractError(f"{query.id}: {error}") from error
    _require(bool(query.title), f"{query.id} has no title")
    json_schema(query.Parameters)
    for name in query.Parameters.model_fields:
        offered = tuple(query.choices(name))
        _require(
            all(isinstance(one, Choice) for one in offered), f"{query.id}: {name} offers no Choice"
        )
    for example in query.examples:
        _check_example(query, example)


def check_abort(query: Query, parameters: Any, job: RunningJob) -> None:
    """Check that a query of a job that is aborted ends, in an orderly way.

    It may give what it has, or raise one of the portal's errors; anything else it raises
    goes through, as the mistake that it is. A query that does not end is left to the time
    limit of the tests.
    """
    job.abort()
    context = job.context()
    with context.http:
        try:
            for _ in query.run(parameters, context).batches:
                pass
        except PortalError:
            return


def _check_example(query: Query, example: Example) -> None:
    """Check an example; one that leaves something to fill in is for the form only."""
    given = {name.casefold() for name in example.parameters}
    known = {name.casefold() for name in query.Parameters.model_fields}
    _require(given <= known, f"{query.id}: {example.title!r} has unknown names {given - known}")
    try:
        parameters = read_form(query.Parameters, example.parameters.items())
    except InvalidParametersError as error:
        wrong = [one for one in error.errors if one.name.casefold() in given]
        _require(not wrong, f"{query.id}: {example.title!r} is refused: {wrong}")
        return
    again = read_form(query.Parameters, write_form(parameters))
    _require(again == parameters, f"{query.id}: {parameters!r} comes back as {again!r}")
    text = query.text(parameters)
    _require(bool(text), f"{query.id} does not say what it asks")
    _require(query.text(again) == text, f"{query.id}: text differs for equal parameters")
    _require(again == parameters, f"{query.id}: text changes the parameters")
    _require("\n" not in query.job_title(parameters), f"{query.id}: a title is one line")


def _require(kept: bool, promise: str) -> None:  # noqa: FBT001 - as in an assertion
    if not kept:
        raise ContractError(promise)
