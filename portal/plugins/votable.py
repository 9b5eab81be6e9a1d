"""Writing a table as a VOTable: what a plugin sends to a service that takes tables."""

from collections.abc import Callable
from collections.abc import Iterator

import pyarrow as pa

from portal.tables import ResultTable
from portal.tables import TableEnd
from portal.tables.writers.votable import write_tabledata


def write_votable(open_table: Callable[[], ResultTable]) -> Iterator[bytes]:
    """Yield the VOTable document of a table, as TABLEDATA, which every service reads.

    `open_table` is called several times, because widths are announced before the rows.
    """

    def batches() -> Iterator[pa.RecordBatch]:
        return (part for part in open_table().batches if not isinstance(part, TableEnd))

    return write_tabledata(open_table().columns, batches)
