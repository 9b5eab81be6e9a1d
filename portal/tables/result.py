"""A table on its way from an archive to the result store."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from typing import BinaryIO

import pyarrow as pa

from portal.tables.columns import arrow_schema
from portal.tables.columns import Column
from portal.tables.columns import unique_names

ROWS_PER_BATCH = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class TableEnd:
    """The last element of a table's batches: the answer arrived whole.

    `overflow` is DALI's OVERFLOW: the service cut the table at its row limit. `infos` are
    the INFO elements worth keeping, by name. `services` are the resources of a VOTable that
    describe services and come after its table, as XML (DataLink 1.1, section 4).
    """

    overflow: bool = False
    infos: tuple[tuple[str, str], ...] = ()
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultTable:
    """Columns, and record batches that may still be arriving.

    `batches` yields Arrow record batches of `arrow_schema(columns)` and, as its last
    element, a `TableEnd`. A stream that ends without one was cut. Column names are unique
    (see `unique_names`). `header` is the VOTable document without its data, kept for what
    columns cannot say (coordinate systems, groups, parameters).
    """

    columns: tuple[Column, ...]
    batches: Iterable[pa.RecordBatch | TableEnd]
    header: str | None = None

    @classmethod
    def from_rows(
        cls, columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, overflow: bool = False
    ) -> "ResultTable":
        """Make a table of Python rows, in the order of `columns`; None is a null."""
        unique = unique_names(columns)
        return cls(columns=unique, batches=_batches_of_rows(unique, rows, overflow=overflow))

    @classmethod
    def from_votable(cls, stream: BinaryIO) -> "ResultTable":
        """Make a table of a VOTable document that may still be arriving.

        `stream` has `read(n)`, or better `read1(n)`; it may be gzipped. Blocks until the
        header is there. Raises ServiceError, here and while `batches` is read, when what
        comes is no VOTable, hostile, damaged or cut short, or when the service reports an
        error in it. Where values differ from astropy's: `portal.tables.votable`.
        """
        from portal.tables.votable.reader import read

        columns, batches, header = read(stream)
        return cls(columns=columns, batches=batches, header=header)

    @classmethod
    def from_parquet(cls, path: Path) -> "ResultTable":
        """Make a table of a Parquet file; its VOTable header, if any, describes the columns.

        Raises ServiceError, here and while `batches` is read, when the file is damaged.
        """
        from portal.tables.parquet import read_parquet

        columns, batches, header = read_parquet(path)
        return cls(columns=columns, batches=batches, header=header)

    @classmethod
    def from_astropy(cls, table: Any) -> "ResultTable":
        """Make a table of an astropy Table; masked values and NaN are null.

        Mixins become plain columns: a SkyCoord one for each part, a Time its ISO 8601 text.
        """
        from portal.tables.astropytable import read_astropy

        columns, batches = read_astropy(table)
        return cls(columns=columns, batches=batches)


def _batches_of_rows(
    columns: tuple[Column, ...], rows: Iterable[Sequence[Any]], *, overflow: bool
) -> Iterator[pa.RecordBatch | TableEnd]:
    schema = arrow_schema(columns)
    pending: list[Sequence[Any]] = []
    for row in rows:
        pending.append(row)
        if len(pending) == ROWS_PER_BATCH:
            yield _batch(schema, pending)
            pending = []
    if pending:
        yield _batch(schema, pending)
    yield TableEnd(overflow=overflow)


def _batch(schema: pa.Schema, rows: list[Sequence[Any]]) -> pa.RecordBatch:
    values = zip(*rows, strict=True)
    arrays = [pa.array(list(v), type=field.type) for v, field in zip(values, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
