"""Cells of text, one by one, through astropy's converters: slow, and right for every type."""

import binascii
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from astropy.io.votable.tree import Field

from portal.problems import ServiceError
from portal.tables.columns import arrow_type
from portal.tables.columns import Column
from portal.tables.votable.header import ASTROPY_ERRORS
from portal.tables.votable.header import words

# An empty cell is a null in every version: services did so before VOTable 1.3 allowed it.
CONFIG = {"verify": "ignore", "version_1_3_or_later": True}
LONGEST_QUOTE = 60
COMPLEX_DATATYPES = ("floatComplex", "doubleComplex")

Text = str | bytes  # bytes: base64, from a TD that says so
Cell = tuple[Any, Any]  # astropy's value and mask


def array_of_texts(column: Column, field: Field, texts: Sequence[Text]) -> pa.Array:
    """Return the cells of a column, given as TABLEDATA writes them without outer blanks.

    Raises ServiceError with the offending cell when one is no value of the column's type.
    """
    if column.is_text and all(isinstance(text, str) for text in texts):
        return pa.array(texts, pa.string())
    if column.datatype == "bit" and column.is_array:
        return pa.array([_bits(column, text) for text in texts], arrow_type(column))
    with np.errstate(over="ignore"):  # what is too great for a float is infinite
        cells = [_cell(column, field, text) for text in texts]
    if column.is_text:
        return pa.array([value for value, _ in cells], pa.string())
    if column.is_array or column.datatype in COMPLEX_DATATYPES:
        return pa.array([_list(column, cell) for cell in cells], arrow_type(column))
    return _scalars(column, cells)


def _cell(column: Column, field: Field, text: Text) -> Cell:
    if not text and not _is_variable(column):
        return None, True
    try:
        if isinstance(text, bytes):
            value, mask = field.converter.binparse(io.BytesIO(binascii.a2b_base64(text)).read)
        else:
            value, mask = field.converter.parse(text, CONFIG, None)
    except ASTROPY_ERRORS as error:
        raise _bad_cell(column, text, words(error)) from error
    return value, mask


def _bits(column: Column, text: Text) -> list[bool] | None:
    digits = "".join(str(text).split())
    if digits.strip("01"):
        raise _bad_cell(column, text, "bits are 0 and 1")
    return [digit == "1" for digit in digits] if digits or _is_variable(column) else None


def _is_variable(column: Column) -> bool:
    return (column.arraysize or "").endswith("*")


def _scalars(column: Column, cells: Sequence[Cell]) -> pa.Array:
    kind = arrow_type(column)
    mask = np.array([bool(np.all(mask)) for _, mask in cells], dtype=bool)
    plain = [0 if null else np.ravel(cell[0])[0] for null, cell in zip(mask, cells, strict=True)]
    with np.errstate(over="ignore"):
        values = np.array(plain, dtype=kind.to_pandas_dtype())
    if values.dtype.kind == "f":
        mask |= np.isnan(values)
    return pa.array(values, kind, mask=mask)


def _list(column: Column, cell: Cell) -> list[Any] | None:
    value, mask = cell
    if np.ndim(mask) == 0 and mask:
        return None
    flat = np.ravel(np.ma.getdata(value))
    hidden = np.ravel(np.ma.getmaskarray(value) | mask)
    if flat.dtype.kind in "fc":
        hidden |= np.isnan(flat)
    elements = [None if skip else item for skip, item in zip(hidden, flat, strict=True)]
    if column.datatype not in COMPLEX_DATATYPES:
        return elements
    pairs = [None if item is None else [item.real, item.imag] for item in elements]
    return pairs if column.is_array else pairs[0]


def _bad_cell(column: Column, text: Text, reason: str) -> ServiceError:
    shown = text if isinstance(text, str) else text.decode("ascii", "replace")
    if len(shown) > LONGEST_QUOTE:
        shown = f"{shown[:LONGEST_QUOTE]}…"
    return ServiceError(
        f"The service's table has “{shown}” in column {column.name} ({column.datatype}): {reason}."
    )
