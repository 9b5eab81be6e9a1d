"""CSV and TSV: values between separators, under a line with their names."""

import csv
import gzip
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from portal.plugins import arrow_schema
from portal.plugins import Column
from portal.plugins import column_of_type
from portal.plugins import converted
from portal.plugins import ResultTable
from portal.plugins import TableEnd
from portal.plugins import unique_names
from portal_files.problems import UnreadableFileError
from portal_files.table import Reading

SEPARATORS = ",;\t|"
NO_NUMBER = ["", "NULL", "null", "NaN", "nan", "NA", "N/A", "None", "--"]
LONGEST_PREFACE = 1_000  # lines
ROWS_PER_BATCH = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """How a file is to be read; lines before `skip` are comments and, as the last, the names."""

    names: list[str]
    skip: int
    has_rows: bool
    separator: str
    encoding: str


@contextmanager
def open_csv(path: Path) -> Iterator[Reading]:
    """Open a table; what is neither number nor truth stays the text that it is."""
    layout = _layout(path, encoding="utf-8-sig")
    table = _read(path, layout, {})
    if any(pa.types.is_binary(kind) for kind in table.schema.types):
        layout = _layout(path, encoding="latin-1")
        table = _read(path, layout, {})
    texts = {field.name: pa.string() for field in table.schema if _must_be_text(field.type)}
    if texts:
        table = _read(path, layout, texts)
    kinds = zip(layout.names, table.schema.types, strict=True)
    columns = unique_names(column_of_type(name, kind) for name, kind in kinds)
    yield Reading(table=ResultTable(columns=columns, batches=_batches(columns, table)))


def _batches(columns: tuple[Column, ...], table: pa.Table) -> Iterator[pa.RecordBatch | TableEnd]:
    schema = arrow_schema(columns)
    for batch in table.to_batches(max_chunksize=ROWS_PER_BATCH):
        pairs = zip(columns, batch.columns, strict=True)
        arrays = [_without_empty_texts(converted(column, cells)) for column, cells in pairs]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)
    yield TableEnd()


def _layout(path: Path, *, encoding: str) -> _Layout:
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    with opener(path, "rt", encoding=encoding, errors="replace", newline="") as file:
        lines = list(islice(file, LONGEST_PREFACE))
    for number, line in enumerate(lines):
        if "\0" in line:
            raise UnreadableFileError("it is no text")
        if line.strip() and not line.startswith("#"):
            separator = max(SEPARATORS, key=line.count)
            names = next(csv.reader([line], delimiter=separator))
            encoding = "utf8" if encoding.startswith("utf") else encoding
            return _Layout(
                names=names,
                skip=number + 1,
                has_rows=len(lines) > number + 1,
                separator=separator,
                encoding=encoding,
            )
    raise UnreadableFileError("there is no line with the names of columns")


def _read(path: Path, layout: _Layout, types: Mapping[str, pa.DataType]) -> pa.Table:
    keys = [str(number) for number in range(len(layout.names))]
    if not layout.has_rows:
        return pa.table([pa.array([], pa.string())] * len(keys), names=keys)
    return arrow_csv.read_csv(
        str(path),
        read_options=arrow_csv.ReadOptions(
            column_names=keys, skip_rows=layout.skip, encoding=layout.encoding, use_threads=False
        ),
        parse_options=arrow_csv.ParseOptions(delimiter=layout.separator, newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(null_values=NO_NUMBER, column_types=dict(types)),
    )


def _must_be_text(kind: pa.DataType) -> bool:
    """Say whether Arrow found dates, or nothing: read again, all stays as it was written."""
    return bool(pa.types.is_temporal(kind) or pa.types.is_null(kind))


def _without_empty_texts(cells: pa.Array) -> pa.Array:
    if not pa.types.is_string(cells.type):
        return cells
    return pc.if_else(pc.equal(cells, ""), None, cells)
