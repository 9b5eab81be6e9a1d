"""Pages of rows as a table that is still arriving."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from portal.plugins import arrow_schema
from portal.plugins import Column
from portal.plugins import ResultTable
from portal.plugins import TableEnd

Page = Sequence[Mapping[str, Any]]


def paged_table(columns: Sequence[Column], pages: Iterable[Page], *, maxrec: int) -> ResultTable:
    """Return a table with one batch per page, cut after `maxrec` rows.

    Values go to the columns of their names. No page is asked for that is not needed.
    """
    return ResultTable(columns=tuple(columns), batches=_batches(columns, pages, maxrec))


def _batches(
    columns: Sequence[Column], pages: Iterable[Page], maxrec: int
) -> Iterator[pa.RecordBatch | TableEnd]:
    schema = arrow_schema(columns)
    left = maxrec
    for page in pages:
        yield pa.RecordBatch.from_pylist(list(page[:left]), schema=schema)
        left -= len(page)
        if left < 0:
            break
    yield TableEnd(overflow=left < 0)
