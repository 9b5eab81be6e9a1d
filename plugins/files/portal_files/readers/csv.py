"""CSV and TSV: values between separators, under a line with their names."""

import csv
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from portal_files.problems import UnreadableFileError
from portal_files.readers.arrow_tables import convert_array
from portal_files.table import FileContent

SEPARATORS = ",;\t|"
NO_NUMBER = ["", "NULL", "null", "NaN", "nan", "NA", "N/A", "None", "--"]
LONGEST_PREFACE = 1_000  # lines


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """How a file is to be read; lines before `skip` are comments and the names."""

    names: list[str]
    skip: int
    separator: str
    encoding: str


def read_csv(path: Path) -> FileContent:
    """Read a table; what is neither number nor truth stays the text that it is."""
    layout = _layout(path, encoding="utf-8-sig")
    table = _read(path, layout, {})
    if any(pa.types.is_binary(kind) for kind in table.schema.types):
        layout = _layout(path, encoding="latin-1")
        table = _read(path, layout, {})
    texts = {field.name: pa.string() for field in table.schema if _must_be_text(field.type)}
    if texts:
        table = _read(path, layout, texts)
    pairs = [
        convert_array(name, _without_empty_texts(values))
        for name, values in zip(layout.names, table.columns, strict=True)
    ]
    return FileContent.make([column for column, _ in pairs], [values for _, values in pairs])


def _layout(path: Path, *, encoding: str) -> _Layout:
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    with opener(path, "rt", encoding=encoding, errors="replace", newline="") as file:
        lines = list(islice(file, LONGEST_PREFACE))
    for number, line in enumerate(lines):
        if line.strip() and not line.startswith("#"):
            separator = max(SEPARATORS, key=line.count)
            names = next(csv.reader([line], delimiter=separator))
            encoding = "utf8" if encoding.startswith("utf") else encoding
            return _Layout(names=names, skip=number + 1, separator=separator, encoding=encoding)
    raise UnreadableFileError("there is no line with the names of columns")


def _read(path: Path, layout: _Layout, types: Mapping[str, pa.DataType]) -> pa.Table:
    keys = [str(number) for number in range(len(layout.names))]
    return arrow_csv.read_csv(
        str(path),
        read_options=arrow_csv.ReadOptions(
            column_names=keys, skip_rows=layout.skip, encoding=layout.encoding, use_threads=False
        ),
        parse_options=arrow_csv.ParseOptions(delimiter=layout.separator, newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(null_values=NO_NUMBER, column_types=dict(types)),
    )


def _must_be_text(kind: pa.DataType) -> bool:
    """Say whether Arrow found a date or a time: read again, they stay as they were written."""
    return bool(pa.types.is_temporal(kind))


def _without_empty_texts(values: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_string(values.type):
        return values
    return pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)
