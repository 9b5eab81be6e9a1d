"""Cells of text to Arrow: all at once where they are plain, else one by one through astropy.

astropy's converters know every type and every odd way to write a value, and are slow.
"""

import binascii
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
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
BOOLEANS = pa.array(["T", "TRUE", "1", "F", "FALSE", "0", "", "?"])
FIRST_FALSE, FIRST_NULL = 3, 6

Text = str | bytes  # bytes: base64, from a TD that says so
Cell = tuple[Any, Any]  # astropy's value and mask


def array_of_texts(column: Column, field: Field, texts: Sequence[Text]) -> pa.Array:
    """Return the cells of a column, given as TABLEDATA writes them without outer blanks.

    Raises ServiceError with the offending cell when one is no value of the column's type.
    """
    if not any(isinstance(text, bytes) for text in texts):
        strings = pa.array(texts, pa.string())
        if (array := array_of_strings(column, field, strings)) is not None:
            return array
    return _one_by_one(column, field, texts)


def array_of_strings(column: Column, field: Field, strings: pa.Array) -> pa.Array | None:
    """Return the cells of a column at once; None when a cell or the type is not that plain."""
    if column.is_text:
        return strings
    if column.datatype == "boolean" and not column.is_array:
        return _booleans(strings)
    if not column.is_numeric:
        return None
    if pc.any(pc.match_substring(strings, "x", ignore_case=True)).as_py():
        return None  # Arrow and astropy read hexadecimal numbers differently
    filled = pc.if_else(pc.equal(strings, ""), None, strings)
    try:
        return numbers_of(column, field, filled.cast(parsed_type(column)))
    except pa.ArrowInvalid:
        return None


def numbers_of(column: Column, field: Field, parsed: pa.Array) -> pa.Array:
    """Return numbers of `parsed_type` as the column's own, null where they stand for null."""
    null = field.values.null
    if pa.types.is_integer(parsed.type):
        return parsed if null is None else pc.if_else(pc.equal(parsed, int(null)), None, parsed)
    with np.errstate(over="ignore"):  # what is too great for a float is infinite
        values = parsed.to_numpy(zero_copy_only=False).astype(arrow_type(column).to_pandas_dtype())
    hidden = np.isnan(values)
    if null is not None:
        hidden |= values == null
    return pa.array(values, mask=hidden if hidden.any() else None)


def parsed_type(column: Column) -> pa.DataType:
    """Return what a numeric column's text is parsed as.

    astropy reads a float as a double first, and rounding twice is not rounding once.
    """
    kind = arrow_type(column)
    return pa.float64() if pa.types.is_floating(kind) else kind


def _booleans(strings: pa.Array) -> pa.Array | None:
    codes = pc.index_in(pc.ascii_upper(strings), BOOLEANS)
    if codes.null_count:
        return None
    return pc.if_else(pc.less(codes, FIRST_NULL), pc.less(codes, FIRST_FALSE), None)


def _one_by_one(column: Column, field: Field, texts: Sequence[Text]) -> pa.Array:
    if column.datatype == "bit" and column.is_array:
        return pa.array([_bits(column, text) for text in texts], arrow_type(column))
    with np.errstate(over="ignore"):
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
