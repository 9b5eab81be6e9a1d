"""The tables of a query's parts as one table, and how each part ended in a file beside it."""

import csv
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

import pyarrow as pa

from portal.plugins.parts import EndedQuery
from portal.plugins.types import JobContext
from portal.problems import PortalError
from portal.problems import ServiceError
from portal.tables import Column
from portal.tables import ResultTable
from portal.tables import TableEnd
from portal.tables.merging import merge_tables
from portal.tables.merging import NamedTable

SUMMARY = "parts"
SUMMARY_COLUMNS = ("phase", "rows", "is_cut", "message", "job")
MOST_TOLD = 5  # of the reasons, when nothing came of any part


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOrigin:
    """Where the rows of a part come from: its texts in the leading columns, and a short name."""

    mark: str
    leading: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Told:
    """How a part ended, or why its table is not there any more."""

    part: EndedQuery
    origin: PartOrigin
    error: str | None
    table: ResultTable | None


def merge_parts(
    context: JobContext,
    *,
    leading: Sequence[Column],
    origin_of: Callable[[EndedQuery], PartOrigin],
    view: Callable[[EndedQuery, ResultTable], ResultTable] = lambda _part, table: table,
) -> ResultTable:
    """Return the rows of all parts in one table, after `leading`, columns of text.

    Columns are shared as `merge_tables` says. Rows are read as they are stored, never all at
    once. `view` returns the table that a part contributes in place of its own. How each part
    ended is attached as the file "parts"; one without a table is in the job's log and in an
    INFO as well. Raises ServiceError when no part has a table.
    """
    told = [_tell(part, origin_of(part)) for part in context.parts]
    _attach_summary(context, leading, told)
    tables = [
        NamedTable(
            mark=one.origin.mark, leading=one.origin.leading, table=view(one.part, one.table)
        )
        for one in told
        if one.table is not None
    ]
    failed = [f"{one.origin.mark}: {one.error}" for one in told if one.error]
    for line in failed:
        context.log(line)
    if told and not tables:
        more = f"; and {len(failed) - MOST_TOLD} more" if len(failed) > MOST_TOLD else ""
        raise ServiceError(f"There is no answer. {'; '.join(failed[:MOST_TOLD])}{more}")
    merged = merge_tables(leading, tables, maxrec=context.maxrec)
    return replace(merged, batches=_with_infos(merged, failed))


def _tell(part: EndedQuery, origin: PartOrigin) -> _Told:
    if part.open is None:
        return _Told(part, origin, part.error or f"it has ended as {part.phase}", None)
    try:
        return _Told(part, origin, part.error, part.open())
    except PortalError as error:  # its job was deleted
        return _Told(part, origin, error.message, None)


def _attach_summary(context: JobContext, leading: Sequence[Column], told: Sequence[_Told]) -> None:
    path = context.data_dir / f"{SUMMARY}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*(column.name for column in leading), *SUMMARY_COLUMNS])
        for one in told:
            part = one.part
            ended = part.phase, part.rows, part.overflow, one.error, part.job_id
            writer.writerow([*one.origin.leading, *ended])
    context.attach(SUMMARY, path, media_type="text/csv", title="How each part ended")


def _with_infos(merged: ResultTable, failed: Sequence[str]) -> Iterator[pa.RecordBatch | TableEnd]:
    for element in merged.batches:
        if isinstance(element, TableEnd):
            infos = (*element.infos, *(("PARTIAL", line) for line in failed))
            yield replace(element, infos=infos)
        else:
            yield element
