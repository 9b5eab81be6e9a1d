"""numpy's columns as VOTable types and Arrow arrays.

A NaN in a column of single numbers becomes a null: FITS and VOTable write "no value" so,
and SQL would otherwise sort it above every number.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from portal.plugins import arrow_type
from portal.plugins import Column

DATATYPES = {
    "?": "boolean",
    "u1": "unsignedByte",
    "i1": "short",
    "i2": "short",
    "u2": "int",
    "i4": "int",
    "u4": "long",
    "i8": "long",
    "u8": "long",
    "f2": "float",
    "f4": "float",
    "f8": "double",
    "f16": "double",
    "c8": "floatComplex",
    "c16": "doubleComplex",
}
LARGEST_LONG = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayOfColumn:
    """The values of a column, and the VOTable type that they have."""

    datatype: str
    arraysize: str | None
    values: pa.Array


def to_arrow(values: NDArray[Any]) -> ArrayOfColumn:
    """Convert a numpy column of any shape, masked or not, to the type that Column has for it."""
    data, mask = np.ma.getdata(values), np.ma.getmaskarray(values)
    if data.dtype.kind in "OSUV":
        return _objects(data, mask)
    datatype = _datatype(data, mask)
    if data.ndim > 1:
        return _fixed_arrays(data, mask, datatype)
    kind = arrow_type(Column(name="", datatype=datatype))
    if data.dtype.kind == "c":
        return ArrayOfColumn(datatype=datatype, arraysize=None, values=_complex(data, mask, kind))
    if data.dtype.kind == "f":
        mask = mask | np.isnan(data)
    return ArrayOfColumn(datatype=datatype, arraysize=None, values=_plain(data, mask, kind))


def _datatype(data: NDArray[Any], mask: NDArray[np.bool_]) -> str:
    if data.dtype == np.uint64 and data.size and np.where(mask, 0, data).max() > LARGEST_LONG:
        return "double"
    if data.dtype.kind == "b":
        return "boolean"
    return DATATYPES[data.dtype.str.lstrip("<>=|")]


def _plain(data: NDArray[Any], mask: NDArray[np.bool_], kind: pa.DataType) -> pa.Array:
    native = data.astype(kind.to_pandas_dtype())
    return pa.array(native, mask=mask, type=kind)


def _complex(data: NDArray[Any], mask: NDArray[np.bool_], kind: pa.DataType) -> pa.Array:
    pairs = np.stack([data.real, data.imag], axis=-1).astype(kind.value_type.to_pandas_dtype())
    flat = pa.array(pairs.ravel(), type=kind.value_type)
    return pa.FixedSizeListArray.from_arrays(flat, 2, mask=pa.array(mask))


def _fixed_arrays(data: NDArray[Any], mask: NDArray[np.bool_], datatype: str) -> ArrayOfColumn:
    if data.dtype.kind == "c":
        return _texts([str(cell.tolist()) for cell in data])
    arraysize = "x".join(str(size) for size in reversed(data.shape[1:]))
    column = Column(name="", datatype=datatype, arraysize=arraysize)
    kind = arrow_type(column)
    length = int(np.prod(data.shape[1:]))
    flat = _plain(data.ravel(), mask.ravel(), kind.value_type)
    offsets = np.arange(len(data) + 1, dtype=np.int32) * length
    absent = pa.array(_absent(mask) & bool(length))
    values = pa.ListArray.from_arrays(pa.array(offsets), flat, mask=absent)
    return ArrayOfColumn(datatype=datatype, arraysize=arraysize, values=values.cast(kind))


def _objects(data: NDArray[Any], mask: NDArray[np.bool_]) -> ArrayOfColumn:
    """Convert texts, lists of different lengths, and whatever else a cell may hold."""
    if data.dtype.kind == "V":
        cells = [None if all(m) else c for c, m in zip(data.tolist(), mask.tolist(), strict=True)]
        return _texts([_text(cell) for cell in cells])
    cells = [None if hidden else cell for cell, hidden in zip(data, _absent(mask), strict=True)]
    numbers = _lists_of_numbers(cells)
    if numbers is not None:
        return numbers
    return _texts([_text(cell) for cell in cells])


def _lists_of_numbers(cells: Sequence[Any]) -> ArrayOfColumn | None:
    """Return the column as lists, when every cell is a list of numbers of any length."""
    arrays = [None if cell is None else np.ma.getdata(cell) for cell in cells]
    filled = [one for one in arrays if isinstance(one, np.ndarray) and one.ndim == 1 and one.size]
    present = [one for one in arrays if one is not None]
    if not filled or any(one.ndim != 1 for one in present):
        return None
    kinds = np.result_type(*(one.dtype for one in filled))
    if kinds.kind not in "biuf":
        return None
    values = np.concatenate(filled)
    datatype = _datatype(values.astype(kinds), np.zeros(values.shape, dtype=np.bool_))
    kind = arrow_type(Column(name="", datatype=datatype, arraysize="*"))
    lists = [None if one is None else one.astype(kinds) for one in arrays]
    return ArrayOfColumn(datatype=datatype, arraysize="*", values=pa.array(lists, type=kind))


def _absent(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which cells are masked as a whole."""
    return np.asarray(mask.all(axis=tuple(range(1, mask.ndim))), dtype=np.bool_)


def _texts(cells: Sequence[str | None]) -> ArrayOfColumn:
    return ArrayOfColumn(datatype="char", arraysize="*", values=pa.array(cells, type=pa.string()))


def _text(cell: Any) -> str | None:
    """Return a cell as text; padding at its end is no part of it."""
    if cell is None or cell is np.ma.masked:
        return None
    if isinstance(cell, bytes):
        return cell.decode("utf-8", errors="replace").rstrip(" \x00")
    if isinstance(cell, str):
        return str(cell).rstrip(" \x00")
    if isinstance(cell, np.ndarray | np.generic):
        return _text(cell.tolist())
    if isinstance(cell, list | tuple) and all(isinstance(one, str | bytes) for one in cell):
        return ", ".join(_text(one) or "" for one in cell)
    return json.dumps(cell, default=str)
