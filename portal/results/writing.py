"""From a table on its way to a whole result on disk."""

from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from itertools import takewhile
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from portal.problems import PortalError
from portal.problems import ServiceError
from portal.results import layout
from portal.results.cuts import Cut
from portal.results.files import replacing
from portal.results.files import save_array
from portal.results.files import sync
from portal.results.files import sync_parents
from portal.results.meta import ColumnStatistics
from portal.results.meta import ResultMeta
from portal.results.meta import StoredResult
from portal.results.parquet import write_parquet
from portal.results.rows import read_rows
from portal.results.rows import RowsWriter
from portal.results.survey import ColumnSurvey
from portal.tables import Column
from portal.tables import ResultTable
from portal.tables import TableEnd
from portal.tables.votable.services import with_services


class WriteAbortedError(PortalError):
    """The job was aborted before the first row of its result arrived."""

    status = HTTPStatus.CONFLICT
    title = "Aborted"


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many rows, and about how many bytes on disk, a result may have."""

    rows: int
    bytes: int


def write_result(
    folder: Path,
    table: ResultTable,
    limits: Limits,
    on_batch: Callable[[int], None],
    is_aborted: Callable[[], bool],
) -> StoredResult:
    """Fill an empty folder with a result; `meta.json`, written last, makes it whole.

    From the moment of an abort no more rows are taken; those that are there make the result.
    """
    rows = RowsWriter(folder / layout.ROWS, table.columns)
    end = _pour(table, rows, limits, on_batch, is_aborted)
    rows.finish()
    if (header := with_services(table.header, end.services)) is not None:
        (folder / layout.HEADER).write_text(header, encoding="utf-8")
    statistics = _write_derived(folder, table.columns, rows.rows, overflow=end.overflow)
    stored = StoredResult(
        columns=table.columns,
        rows=rows.rows,
        bytes=sum(file.stat().st_size for file in folder.iterdir()),
        overflow=end.overflow,
        infos=end.infos,
    )
    meta = ResultMeta(stored=stored, batch_rows=tuple(rows.batch_rows), statistics=statistics)
    _commit(folder, meta)
    return stored


def _pour(
    table: ResultTable,
    rows: RowsWriter,
    limits: Limits,
    on_batch: Callable[[int], None],
    is_aborted: Callable[[], bool],
) -> TableEnd:
    """Write batches until the table ends, a limit is passed or the job aborted; say which."""
    with _closing(table.batches) as batches:
        for element in _until_aborted(batches, is_aborted):
            if isinstance(element, TableEnd):
                return element
            kept = _within(limits, rows, element)
            if rows.add(element.slice(0, kept)):
                on_batch(rows.rows)
            if kept < element.num_rows:
                return _cut_end(limits, rows)
    if is_aborted():
        return _aborted_end(rows)
    raise ServiceError(
        f"The answer broke off after {rows.received:,} rows, so it is not kept. "
        "Asking again may help."
    )


@contextmanager
def _closing(elements: Iterable[T]) -> Iterator[Iterable[T]]:
    """Close the generator that reads the archive's answer as soon as no more is wanted."""
    try:
        yield elements
    finally:
        if isinstance(elements, Generator):
            elements.close()


def _until_aborted(elements: Iterable[T], is_aborted: Callable[[], bool]) -> Iterator[T]:
    """Go on until the job is aborted, which may break the connection that is read from."""
    try:
        yield from takewhile(lambda one: isinstance(one, TableEnd) or not is_aborted(), elements)
    except Exception:
        if not is_aborted():
            raise


def _within(limits: Limits, rows: RowsWriter, batch: pa.RecordBatch) -> int:
    """Return how many rows of the batch may be kept."""
    if rows.bytes >= limits.bytes:
        return 0
    return int(min(batch.num_rows, limits.rows - rows.received))


def _cut_end(limits: Limits, rows: RowsWriter) -> TableEnd:
    if rows.received >= limits.rows:
        return TableEnd(overflow=True)
    reason = f"The table was cut at {limits.bytes:,} bytes, the most that one result may take."
    return TableEnd(overflow=True, infos=((Cut.BYTES, reason),))


def _aborted_end(rows: RowsWriter) -> TableEnd:
    if rows.received == 0:
        raise WriteAbortedError("The job was aborted.")
    reason = "The job was aborted while the rows arrived; these are the ones that had come."
    return TableEnd(overflow=True, infos=((Cut.ABORT, reason),))


def _write_derived(
    folder: Path,
    columns: tuple[Column, ...],
    rows: int,
    *,
    overflow: bool,
) -> tuple[ColumnStatistics, ...]:
    """Write what follows from `rows.arrow`, in one pass over it."""
    surveys: list[ColumnSurvey] = []

    def batches() -> Iterator[pa.RecordBatch]:
        surveys[:] = [ColumnSurvey(column, rows=rows) for column in columns]
        return _surveyed(read_rows(folder / layout.ROWS), surveys)

    write_parquet(folder / layout.PARQUET, columns, batches, overflow=overflow)
    for index, survey in enumerate(surveys):
        sample = survey.sample()
        if sample is not None:
            save_array(folder / layout.sample_file(index), sample)
    return tuple(survey.statistics for survey in surveys)


def _surveyed(
    batches: Iterator[pa.RecordBatch], surveys: list[ColumnSurvey]
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for survey, array in zip(surveys, batch.columns, strict=True):
            survey.add(array)
        yield batch


def _commit(folder: Path, meta: ResultMeta) -> None:
    """Put everything on the disk for good, and only then the file that says so."""
    for file in folder.iterdir():
        sync(file)
    with replacing(folder / layout.META) as temporary:
        temporary.write_text(meta.to_json(), encoding="utf-8")
    sync_parents(folder)
