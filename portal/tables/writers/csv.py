"""CSV files (RFC 4180), safe to open in a spreadsheet."""

import re
from collections.abc import Iterator
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from portal.tables.columns import Column
from portal.tables.writers.format import Batches
from portal.tables.writers.plaintext import arrays_as_json
from portal.tables.writers.plaintext import csv_lines

# What makes a spreadsheet take a text for a formula (OWASP ASVS 5.0, 1.2.10).
FORMULA = r"^([=+\-@\t\r])"
ESCAPED = r"'\1"


def write_csv(
    columns: Sequence[Column],
    batches: Batches,
    *,
    overflow: bool = False,  # noqa: ARG001 - CSV has no place for it
) -> Iterator[bytes]:
    """Yield a CSV file in UTF-8 with a line of names; null is empty, "" is quoted.

    Text that a spreadsheet would run as a formula gets an apostrophe in front. CSV has no
    place for units, nor for a note that the table was cut.
    """
    names = [re.sub(FORMULA, ESCAPED, column.name) for column in columns]
    yield from csv_lines(columns, names, batches(), _cells, eol="\r\n")


def _cells(column: Column, cells: pa.Array) -> pa.Array:
    if column.is_text:
        return pc.replace_substring_regex(cells, FORMULA, ESCAPED)
    return arrays_as_json(column, cells)
