"""Arrow types that are not VOTable's, and the columns they become."""

import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

from portal.tables.columns import arrow_type
from portal.tables.columns import Column

DATATYPES = {
    pa.bool_(): "boolean",
    pa.uint8(): "unsignedByte",
    pa.int8(): "short",
    pa.int16(): "short",
    pa.uint16(): "int",
    pa.int32(): "int",
    pa.uint32(): "long",
    pa.int64(): "long",
    pa.uint64(): "long",
    pa.float16(): "float",
    pa.float32(): "float",
    pa.float64(): "double",
}


def column_of_type(name: str, kind: pa.DataType) -> Column:
    """Return the column that can hold values of an Arrow type.

    Numbers keep their value or become wider, times become text as DALI writes them, and
    what VOTable has no word for becomes text, as JSON where it is nested.
    """
    if pt.is_dictionary(kind):
        return column_of_type(name, kind.value_type)
    if kind in DATATYPES:
        return Column(name=name, datatype=DATATYPES[kind])
    if pt.is_decimal(kind):
        return Column(name=name, datatype="double")
    if _is_list(kind) and kind.value_type in DATATYPES:
        size = str(kind.list_size) if pt.is_fixed_size_list(kind) else "*"
        return Column(name=name, datatype=DATATYPES[kind.value_type], arraysize=size)
    xtype = "timestamp" if pt.is_timestamp(kind) or pt.is_date(kind) else None
    return Column(name=name, datatype="char", arraysize="*", xtype=xtype)


def converted(column: Column, cells: pa.Array) -> pa.Array:
    """Return cells of any Arrow type as the type of their column.

    Raises ArrowInvalid when a value has no place in it, as an integer of 64 bits unsigned.
    """
    if pt.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    if column.is_text:
        return _text(cells)
    cells = cells.cast(arrow_type(column))
    if pt.is_floating(cells.type):
        return pc.if_else(pc.is_nan(cells), None, cells)
    return cells


def _is_list(kind: pa.DataType) -> bool:
    return bool(pt.is_list(kind) or pt.is_large_list(kind) or pt.is_fixed_size_list(kind))


def _text(cells: pa.Array) -> pa.Array:
    kind = cells.type
    if pt.is_timestamp(kind):
        return _timestamps(cells)
    if pt.is_nested(kind):
        return _strings(cells, lambda value: json.dumps(value, default=str))
    if pt.is_binary(kind) or pt.is_large_binary(kind) or pt.is_fixed_size_binary(kind):
        return _strings(cells, lambda value: value.rstrip(b"\0").decode("utf-8", "replace"))
    return cells.cast(pa.string())


def _timestamps(cells: pa.Array) -> pa.Array:
    """Return times as DALI writes them (DALI 1.1, section 3.3.3); in UTC where a zone is known."""
    if cells.type.tz is None:
        return pc.strftime(cells, "%Y-%m-%dT%H:%M:%S")
    utc = cells.cast(pa.timestamp(cells.type.unit, "UTC"))
    return pc.strftime(utc, "%Y-%m-%dT%H:%M:%SZ")


def _strings(cells: pa.Array, text: Callable[[Any], str]) -> pa.Array:
    values = [None if value is None else text(value) for value in cells.to_pylist()]
    return pa.array(values, pa.string())
