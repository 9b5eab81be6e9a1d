"""Arrow's types as the portal's columns, for files that Arrow reads."""

import json
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from portal.plugins import arrow_type
from portal.plugins import Column

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
TEXT = Column(name="", datatype="char", arraysize="*")
TIMESTAMP = replace(TEXT, xtype="timestamp")


def convert_array(name: str, values: pa.ChunkedArray) -> tuple[Column, pa.Array]:
    """Return a column with its values as a type that Column has; dates become ISO 8601 text."""
    column, array = _convert(values.combine_chunks())
    return replace(column, name=name), array


def _convert(array: pa.Array) -> tuple[Column, pa.Array]:
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _convert(array.dictionary_decode())
    if kind in DATATYPES:
        return _number(array)
    if pa.types.is_decimal(kind):
        return _number(array.cast(pa.float64()))
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_time(kind):
        return _moment(array)
    if _is_list(kind) and kind.value_type in DATATYPES:
        return _list(array)
    return TEXT, _text(array)


def _number(array: pa.Array) -> tuple[Column, pa.Array]:
    if pa.types.is_floating(array.type):
        array = array.cast(pa.float32()) if array.type == pa.float16() else array
        array = pc.if_else(pc.is_nan(array), pa.scalar(None, array.type), array)
    column = Column(name="", datatype=DATATYPES[array.type])
    if array.type == pa.uint64() and (pc.max(array).as_py() or 0) > 2**63 - 1:
        column = replace(column, datatype="double")
    return column, array.cast(arrow_type(column), safe=column.datatype != "double")


def _moment(array: pa.Array) -> tuple[Column, pa.Array]:
    if pa.types.is_timestamp(array.type):
        utc = array.cast(pa.timestamp(array.type.unit))
        return TIMESTAMP, pc.strftime(utc, format="%Y-%m-%dT%H:%M:%S")
    return (TIMESTAMP if pa.types.is_date(array.type) else TEXT), array.cast(pa.string())


def _list(array: pa.Array) -> tuple[Column, pa.Array]:
    size = str(array.type.list_size) if pa.types.is_fixed_size_list(array.type) else "*"
    column = Column(name="", datatype=DATATYPES[array.type.value_type], arraysize=size)
    return column, array.cast(arrow_type(column))


def _is_list(kind: pa.DataType) -> bool:
    checks: Sequence[Callable[[pa.DataType], bool]] = (
        pa.types.is_list,
        pa.types.is_large_list,
        pa.types.is_fixed_size_list,
    )
    return any(check(kind) for check in checks)


def _text(array: pa.Array) -> pa.Array:
    kind = array.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind):
        return array.cast(pa.string())
    return pa.array([_as_text(value) for value in array.to_pylist()], type=pa.string())


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return json.dumps(value, default=str)
