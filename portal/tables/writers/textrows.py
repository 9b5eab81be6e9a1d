"""Rows as TABLEDATA writes them (VOTable 1.4, section 5.1)."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from portal.tables.columns import Column
from portal.tables.writers.binaryrows import contents
from portal.tables.writers.flat import filled
from portal.tables.writers.flat import fixed_count
from portal.tables.writers.flat import Flat
from portal.tables.writers.flat import flatten
from portal.tables.writers.flat import is_complex
from portal.tables.writers.xmltext import escaped

BETWEEN_CELLS = "</TD><TD>"
BETWEEN_ROWS = "</TD></TR>\n<TR><TD>"
FIRST, LAST = b"<TR><TD>", b"</TD></TR>\n"


def text_rows(
    columns: Sequence[Column], nulls: Sequence[int | None], batch: pa.RecordBatch
) -> bytes:
    """Return the rows of a batch as elements; a null cell is empty, and so is "".

    `nulls` has the integer that stands for null inside an array of each column.
    """
    if not batch.num_rows:
        return b""
    cells = [_texts(*one) for one in zip(columns, nulls, batch.columns, strict=True)]
    rows = pc.binary_join_element_wise(*cells, BETWEEN_CELLS)
    everything = pa.ListArray.from_arrays(pa.array([0, len(rows)], pa.int32()), rows)
    return FIRST + bytes(contents(pc.binary_join(everything, BETWEEN_ROWS))[1]) + LAST


def number_texts(numbers: pa.Array) -> pa.Array:
    """Return numbers as the shortest text that reads back equal; NaN, +Inf, -Inf."""
    texts = numbers.cast(pa.string())
    if pa.types.is_floating(numbers.type) and not pc.all(pc.is_finite(numbers)).as_py():
        for word, spelling in (("nan", "NaN"), ("inf", "+Inf"), ("-inf", "-Inf")):
            texts = pc.if_else(pc.equal(texts, word), spelling, texts)
    return texts


def _texts(column: Column, null: int | None, cells: pa.Array) -> pa.Array:
    if column.is_text:
        return escaped(cells.fill_null(""))
    if column.is_array or is_complex(column):
        return _list_texts(column, null, flatten(column, cells))
    if column.datatype == "boolean":
        return pc.if_else(cells, "T", "F").fill_null("")
    return number_texts(cells).fill_null("")


def _list_texts(column: Column, null: int | None, flat: Flat) -> pa.Array:
    """Return elements side by side; a null cell, and one without elements, is empty."""
    elements = _element_texts(column, null, flat)
    lengths = flat.lengths * (2 if is_complex(column) else 1)
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    texts = pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), elements), " ")
    return pc.if_else(pa.array(flat.null_cells), _null_text(column), texts)


def _null_text(column: Column) -> str:
    """Return a null cell: empty, but where astropy refuses that."""
    if is_complex(column) and (count := fixed_count(column)):
        return " ".join(["NaN"] * (2 * count))
    return ""


def _element_texts(column: Column, null: int | None, flat: Flat) -> pa.Array:
    if column.datatype == "boolean":
        words = np.where(flat.null, "?", np.where(flat.values, "T", "F"))
        return pa.array(words.astype(object), pa.string())
    return number_texts(pa.array(filled(column, flat, null)))
