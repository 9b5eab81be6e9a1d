"""What a worker does with a job: the query of a plugin, and its rows into the result store."""

import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import requests

from portal.links import host_of
from portal.parameters import Parameters
from portal.parameters import read_form
from portal.plugins.http import HttpPolicy
from portal.plugins.http import open_session
from portal.plugins.links import pairs_of
from portal.plugins.links import QueryLink
from portal.plugins.loading import has_parts
from portal.plugins.parts import EndedQuery
from portal.plugins.registry import PluginRegistry
from portal.plugins.resolvers import ResolvedPosition
from portal.plugins.resolving import COORDINATES
from portal.plugins.resolving import resolve
from portal.plugins.resolving import RESOLVED
from portal.plugins.types import JobContext
from portal.plugins.types import Query
from portal.results.attaching import Attached
from portal.results.attaching import Attachments
from portal.results.keys import ResultKey
from portal.results.meta import StoredResult
from portal.results.store import ResultStore
from portal.tables import ResultTable
from portal.tables import TableEnd
from portal.uws.attempt import Attempt
from portal.uws.gateway import EndedChild
from portal.uws.gateway import ResultRecord
from portal.uws.types import Description
from portal.uws.types import JobType

RESULT_NAME = "result"
PUT_TOGETHER_SECONDS = 0.5
RESULT_TYPE = "application/x-votable+xml"


class QueryExecutor:
    """Runs jobs whose type is a query; reaches the job through its attempt only.

    `row_limit` gets what a job asks for, and returns its MAXREC. `tell_arriving` is told of
    the rows that have come so far.
    """

    def __init__(
        self,
        registry: PluginRegistry,
        store: ResultStore,
        *,
        http_policy: HttpPolicy,
        row_limit: Callable[[int | None], int],
        max_bytes: int,
        tell_arriving: Callable[[Attempt, ResultRecord], None] = Attempt.partial,
    ) -> None:
        """Keep what every query needs."""
        self._registry = registry
        self._store = store
        self._http_policy = http_policy
        self._row_limit = row_limit
        self._max_bytes = max_bytes
        self._tell_arriving = tell_arriving

    def __call__(self, attempt: Attempt) -> Sequence[ResultRecord]:
        """Run the query and store its table; what it raises is the job's error."""
        query = self._registry.query(attempt.job.type)
        parameters = read_form(query.Parameters, attempt.job.parameters)
        maxrec = self._row_limit(getattr(parameters, "maxrec", None))
        held = attempt.job.id, attempt.job.token
        with (
            self._store.scratch(*held) as folder,
            self._store.attachments(*held, scratch=folder, max_bytes=self._max_bytes) as files,
        ):
            context = self._context(attempt, query, maxrec, folder, files)
            with context.http:
                table = self._run(query, parameters, context, attempt, files)
            return [table, *map(_kept, files.files)]

    def _run(
        self,
        query: Query,
        parameters: Any,
        context: JobContext,
        attempt: Attempt,
        files: Attachments,
    ) -> ResultRecord:
        key = ResultKey(job_id=attempt.job.id, token=attempt.job.token, name=RESULT_NAME)
        table = query.run(parameters, context)
        # What is put together of parts is here already: mostly it is whole before it is looked at.
        soonest = time.monotonic() + (PUT_TOGETHER_SECONDS if has_parts(query) else 0)

        def note(rows: int) -> None:
            attempt.has_rows = True
            if time.monotonic() >= soonest:
                self._tell_arriving(attempt, _arriving(rows, len(table.columns)))

        stored = self._store.write(
            key,
            table,
            maxrec=context.maxrec,
            max_bytes=self._max_bytes - files.bytes,
            on_batch=note,
            is_aborted=attempt.is_aborted,
        )
        return _stored(stored)

    def _context(
        self,
        attempt: Attempt,
        query: Query,
        maxrec: int,
        folder: Path,
        files: Attachments,
    ) -> JobContext:
        session = open_session(self._http_policy, is_aborted=attempt.is_aborted)
        return JobContext(
            job_id=attempt.job.id,
            owner=attempt.job.owner,
            maxrec=maxrec,
            deadline=lambda: attempt.deadline,
            http=session,
            data_dir=folder,
            checkpoints=attempt.checkpoints,
            report=attempt.report,
            is_aborted=attempt.is_aborted,
            on_abort=attempt.on_abort,
            checkpoint=attempt.checkpoint,
            credential=attempt.credential,
            forget_credential=attempt.forget_credential,
            linger=attempt.linger,
            log=attempt.log,
            upload=lambda name: attempt.upload(name, folder),
            resolve=lambda text: self._resolve(text, attempt),
            parts=[*map(self._ended, attempt.children())] if has_parts(query) else (),
            attach=files.attach,
        )

    def _ended(self, child: EndedChild) -> EndedQuery:
        found = [one for one in child.results if one.name == RESULT_NAME]
        info = found[0].info if found else {}
        return EndedQuery(
            asked=QueryLink(query_id=child.type, parameters=_by_name(child.parameters)),
            job_id=child.id,
            phase=child.phase,
            error=child.error,
            rows=info.get("rows"),
            overflow=bool(info.get("overflow")),
            open=partial(_open_table, self._store, child) if found else None,
        )

    def _resolve(self, text: str, attempt: Attempt) -> ResolvedPosition:
        """Ask the resolvers, and tell the job's owner which of them knew."""

        def open_until(instant: float) -> requests.Session:
            until = instant if attempt.deadline is None else min(instant, attempt.deadline)
            return open_session(self._http_policy, deadline=until, is_aborted=attempt.is_aborted)

        found = resolve(text, self._registry.resolvers, open_session=open_until, tell=attempt.log)
        if found.resolver != COORDINATES:
            line = f"{text} is at {found.ra:.6f} {found.dec:+.6f} ({found.resolver})"
            attempt.log(line)
            attempt.report(None, line)
            _note_position(attempt, text, found)
        return found


def query_job_type(
    query: Query, registry: PluginRegistry, *, jobs_per_host: int | None = None
) -> JobType:
    """Return the job type that a query is; `registry` knows the queries it may be made of.

    Up to `jobs_per_host` jobs ask one host at once, fewer where the archive says so.
    """
    limits = [one for one in (registry.archive_of(query.id).at_once, jobs_per_host) if one]

    def list_parts(parameters: Any) -> list[tuple[str, Parameters]]:
        return [_part(link, registry) for link in query.parts(parameters)]

    def describe(parameters: Any) -> Description:
        host = host_of(query.service(parameters))
        return Description(
            title=query.job_title(parameters),
            text=query.text(parameters),
            host=host,
            host_limit=min(limits) if host and limits else None,
        )

    return JobType(
        name=query.id,
        title=query.title,
        description=query.description,
        parameters=query.Parameters,
        describe=describe,
        version=query.version,
        aliases=tuple(query.aliases),
        examples=tuple(query.examples),
        documentation=query.documentation_url,
        children=list_parts if has_parts(query) else None,
    )


def _part(link: QueryLink, registry: PluginRegistry) -> tuple[str, Parameters]:
    query = registry.query(link.query_id)
    return query.id, read_form(query.Parameters, pairs_of(link.parameters))


def _by_name(pairs: Sequence[tuple[str, str]]) -> dict[str, str | list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {name: found if len(found) > 1 else found[0] for name, found in values.items()}


def _note_position(attempt: Attempt, text: str, found: ResolvedPosition) -> None:
    """Keep where a name is that a parameter has: what asks the same again needs no resolver."""
    for name, value in attempt.job.parameters:
        if value == text:
            attempt.checkpoint(RESOLVED + name, f"{found.ra!r} {found.dec!r}")


def _open_table(store: ResultStore, child: EndedChild) -> ResultTable:
    opened = store.open(ResultKey(child.id, child.token or "", RESULT_NAME))
    stored = opened.stored
    end = TableEnd(overflow=bool(stored and stored.overflow), infos=stored.infos if stored else ())
    return ResultTable(columns=opened.columns, batches=chain(opened.batches(), [end]))


def _stored(stored: StoredResult) -> ResultRecord:
    info: Mapping[str, Any] = {
        "rows": stored.rows,
        "columns": len(stored.columns),
        "overflow": stored.overflow,
        "bytes": stored.bytes,
        "infos": [list(pair) for pair in stored.infos],
    }
    return ResultRecord(name=RESULT_NAME, mime_type=RESULT_TYPE, info=info)


def _kept(file: Attached) -> ResultRecord:
    return ResultRecord(name=file.name, mime_type=file.media_type, size=file.bytes, info=file.info)


def _arriving(rows: int, columns: int) -> ResultRecord:
    info = {"rows": rows, "columns": columns, "overflow": False}
    return ResultRecord(name=RESULT_NAME, mime_type=RESULT_TYPE, info=info)
