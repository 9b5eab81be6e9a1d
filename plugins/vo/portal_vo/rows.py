"""The rows of a registry's answer, by names in lower case whatever the registry makes of them."""

from typing import Any

import pyarrow as pa

from portal.plugins import ResultTable


def read_rows(table: ResultTable) -> tuple[list[dict[str, Any]], bool]:
    """Return all rows, and whether the registry cut them; raises what reading raises."""
    names = [column.name.lower() for column in table.columns]
    rows: list[dict[str, Any]] = []
    overflow = False
    for batch in table.batches:
        if isinstance(batch, pa.RecordBatch):
            rows += batch.rename_columns(names).to_pylist()
        else:
            overflow = batch.overflow
    return rows, overflow
