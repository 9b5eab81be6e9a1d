"""The CSV of an export as a table that is read while it is kept."""

import csv
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv

from portal.plugins import arrow_schema
from portal.plugins import Column
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal.plugins import TableEnd
from portal.plugins import unique_names
from portal_zooniverse.exports.columns import column
from portal_zooniverse.exports.columns import Kind
from portal_zooniverse.exports.columns import KNOWN
from portal_zooniverse.exports.columns import known
from portal_zooniverse.exports.columns import MAIN

BLOCK = 1 << 22  # bytes that are parsed at once, some blocks ahead; no row may be longer
ROWS_AT_ONCE = 16_384
LONGEST_HEADER = 100_000
MOST_WORDS = 200
WORKFLOW = "workflow_id"
PATTERNS: Mapping[Kind, str] = {
    "integer": r"^(0|-?[1-9][0-9]{0,17})$",
    "flag": r"^(true|false)$",
    "time": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?( UTC|Z)?$",
}
UNKNOWN_KINDS: tuple[Kind, ...] = ("integer", "flag", "time")


def read_export(
    path: Path,
    *,
    category: str,
    maxrec: int,
    workflow: int | None = None,
    infos: tuple[tuple[str, str], ...] = (),
) -> ResultTable:
    """Return the table in a file, or the rows of one workflow in it.

    What kind of values a column has is what it is known for, and where that is not so for
    every row, or not known, what is so for every row: numbers, times, true or false, or text.
    Raises ServiceError, here and while it is read, when it is no such export or damaged.
    """
    file = _File(path)
    if MAIN[category] not in file.names:
        raise ServiceError(f"the Zooniverse sent something that is no export of {category}")
    if workflow is not None and WORKFLOW not in file.names:
        raise ServiceError("the export does not say to which workflow its rows belong")
    kinds = _kinds(file)
    columns = tuple(column(name, kinds[name]) for name in file.names)
    batches = _batches(file, columns, kinds, workflow=workflow, maxrec=maxrec, infos=infos)
    return ResultTable(columns=columns, batches=batches)


class _File:
    """A file of comma-separated values, with its names made unique."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with _as_csv(), path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(iter(lambda: file.readline(LONGEST_HEADER), ""), strict=True)
            header = next(lines, [])
            self._header_lines = lines.line_num
        self.names = tuple(one.name for one in unique_names(Column(name=name) for name in header))

    def batches(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yield columns as text, a block at a time; what is empty without quotes is null."""
        with _as_csv():
            reader = pv.open_csv(
                self._path,
                read_options=pv.ReadOptions(
                    block_size=BLOCK,
                    column_names=self.names,
                    skip_rows=self._header_lines,
                    use_threads=False,
                ),
                parse_options=pv.ParseOptions(newlines_in_values=True),
                convert_options=pv.ConvertOptions(
                    include_columns=names,
                    column_types=dict.fromkeys(names, pa.string()),
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                    null_values=[""],
                ),
            )
            with reader:
                yield from reader

    @property
    def has_rows(self) -> bool:
        """Whether anything follows the header."""
        with self._path.open("rb") as file:
            for _ in range(self._header_lines):
                file.readline()
            return bool(file.read(1))


def _kinds(file: _File) -> dict[str, Kind]:
    """Return the kind of each column, which all of its values are of."""
    possible: dict[str, list[Kind]] = {name: _candidates(name) for name in file.names}
    filled: set[str] = set()
    undecided = [name for name, kinds in possible.items() if kinds]
    if undecided and file.has_rows:
        for batch in file.batches(undecided):
            for name, cells in zip(undecided, batch.columns, strict=True):
                possible[name] = [kind for kind in possible[name] if _fits(cells, kind)]
                if cells.null_count < len(cells):
                    filled.add(name)
    return {
        name: kinds[0] if kinds and (name in filled or name in KNOWN) else "text"
        for name, kinds in possible.items()
    }


def _candidates(name: str) -> list[Kind]:
    kind = known(name).kind
    if name not in KNOWN:
        return list(UNKNOWN_KINDS)
    return [] if kind == "text" else [kind]


def _fits(cells: pa.Array, kind: Kind) -> bool:
    return pc.all(pc.match_substring_regex(cells, PATTERNS[kind])).as_py() is not False


def _batches(
    file: _File,
    columns: Sequence[Column],
    kinds: Mapping[str, Kind],
    *,
    workflow: int | None,
    maxrec: int,
    infos: tuple[tuple[str, str], ...],
) -> Iterator[pa.RecordBatch | TableEnd]:
    schema = arrow_schema(columns)
    left = maxrec
    for batch in _portions(file, workflow):
        part = batch.slice(0, max(0, left))
        arrays = [_converted(cells, kinds[name]) for name, cells in _cells(part)]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)
        left -= batch.num_rows
        if left < 0:
            break
    yield TableEnd(overflow=left < 0, infos=infos)


def _portions(file: _File, workflow: int | None) -> Iterator[pa.RecordBatch]:
    """Yield the rows that are wanted, a few thousand at a time."""
    if not file.has_rows:
        return
    for block in file.batches(file.names):
        rows = block
        if workflow is not None:
            rows = block.filter(pc.equal(block.column(WORKFLOW), str(workflow)))
        for start in range(0, rows.num_rows, ROWS_AT_ONCE):
            yield rows.slice(start, ROWS_AT_ONCE)


def _cells(batch: pa.RecordBatch) -> Iterator[tuple[str, Any]]:
    yield from zip(batch.schema.names, batch.columns, strict=True)


def _converted(cells: pa.Array, kind: Kind) -> pa.Array:
    if kind == "integer":
        return cells.cast(pa.int64())
    if kind == "flag":
        return pc.equal(cells, "true")
    if kind == "time":
        zoned = pc.replace_substring(cells, " UTC", "Z")
        return pc.replace_substring(zoned, " ", "T")
    return cells


@contextmanager
def _as_csv() -> Iterator[None]:
    try:
        yield
    except (csv.Error, UnicodeError, pa.ArrowException) as error:
        words = " ".join(str(error).split())[:MOST_WORDS]
        raise ServiceError(f"the export cannot be read as CSV: {words}") from error
