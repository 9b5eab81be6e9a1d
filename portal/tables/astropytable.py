"""Columns and batches of an astropy table."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from astropy.coordinates import SkyCoord
from astropy.table import Column as AstropyColumn
from astropy.table import MaskedColumn
from astropy.table import Table
from astropy.table.serialize import represent_mixins_as_columns
from astropy.time import Time
from astropy.time import TimeDelta

from portal.tables.arrowtypes import column_of_type
from portal.tables.arrowtypes import converted
from portal.tables.columns import arrow_schema
from portal.tables.columns import Column
from portal.tables.columns import unique_names
from portal.tables.result import ROWS_PER_BATCH
from portal.tables.result import TableEnd

COMPLEX_DATATYPES = {"complex64": "floatComplex", "complex128": "doubleComplex"}
UCDS = {"ra": "pos.eq.ra;meta.main", "dec": "pos.eq.dec;meta.main"}

Batches = Iterator[pa.RecordBatch | TableEnd]


def read_astropy(table: Table) -> tuple[tuple[Column, ...], Batches]:
    """Return the columns and batches of a table; masked values and NaN are null.

    Columns of several parts become several columns: a SkyCoord `p` is `p.ra` and `p.dec`.
    Times are text in ISO 8601, time differences days, quantities numbers with their unit.
    """
    plain = represent_mixins_as_columns(_with_plain_times(table))
    for name in table.colnames:
        _mark_position(plain, name, table[name])
    columns = unique_names(_column(plain[name]) for name in plain.colnames)
    return columns, _batches(columns, plain)


def _with_plain_times(table: Table) -> Table:
    plain = table.copy(copy_data=False)
    for name in table.colnames:
        column = table[name]
        if isinstance(column, TimeDelta):
            plain[name] = MaskedColumn(column.to_value("d"), mask=column.mask, unit="d")
        elif isinstance(column, Time):
            texts = getattr(column.isot, "unmasked", column.isot)
            plain[name] = MaskedColumn(texts, mask=column.mask, meta={"xtype": "timestamp"})
    return plain


def _mark_position(plain: Table, name: str, column: Any) -> None:
    """Give the parts of an ICRS position the UCDs by which the portal knows positions."""
    if isinstance(column, SkyCoord) and column.frame.name == "icrs":
        for part, ucd in UCDS.items():
            plain[f"{name}.{part}"].meta["ucd"] = ucd


def _column(column: AstropyColumn) -> Column:
    # Only the values tell what a column of objects holds.
    sample = column if column.dtype.kind == "O" else column[:0]
    ours = column_of_type(column.name, _cells(sample).type)
    datatype = COMPLEX_DATATYPES.get(column.dtype.name, ours.datatype)
    shape = "x".join(str(size) for size in reversed(column.shape[1:]))
    return replace(
        ours,
        datatype=datatype,
        arraysize=ours.arraysize if column.dtype.kind in "SUO" else shape or None,
        unit=str(column.unit) if column.unit else None,
        description=column.description or "",
        ucd=column.meta.get("ucd"),
        utype=column.meta.get("utype"),
        xtype=column.meta.get("xtype"),
    )


def _batches(columns: tuple[Column, ...], plain: Table) -> Batches:
    schema = arrow_schema(columns)
    for begin in range(0, len(plain), ROWS_PER_BATCH):
        rows = slice(begin, begin + ROWS_PER_BATCH)
        parts = (plain[name][rows] for name in plain.colnames)
        pairs = zip(columns, parts, strict=True)
        arrays = [converted(column, _cells(part)) for column, part in pairs]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)
    yield TableEnd()


def _cells(column: AstropyColumn) -> pa.Array:
    """Return the values of a column as the Arrow type that is closest to numpy's."""
    values = np.ma.getdata(np.ma.asarray(column))
    mask = np.ma.getmaskarray(np.ma.asarray(column))
    if values.dtype.kind in "SUO":
        return _objects(values, mask)
    values = values.astype(_native(values.dtype), copy=False)
    if values.ndim == 1:
        return _numbers(values, mask)
    size = values[0].size if len(values) else 0
    offsets = np.arange(len(values) + 1, dtype=np.int32) * size
    mask = mask.reshape(len(values), size)
    empty = pa.array(mask.all(axis=1)) if size else None
    elements = _numbers(values.ravel(), mask.ravel())
    return pa.ListArray.from_arrays(offsets, elements, mask=empty)


def _native(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the dtype in this machine's byte order, and no wider than Arrow knows."""
    longest = {"f": "f8", "c": "c16"}.get(dtype.kind)
    if longest and dtype.itemsize > np.dtype(longest).itemsize:
        return np.dtype(longest)
    return dtype.newbyteorder("=")


def _numbers(values: np.ndarray, mask: np.ndarray) -> pa.Array:
    if values.dtype.kind in "fc":
        mask = mask | np.isnan(values)
    if values.dtype.kind == "c":
        pairs = pa.array(values.view(values.real.dtype))
        return pa.FixedSizeListArray.from_arrays(pairs, 2, mask=pa.array(mask))
    return pa.array(values, mask=mask)


def _objects(values: np.ndarray, mask: np.ndarray) -> pa.Array:
    """Return text and Python objects, of one type if they have one, else as text."""
    pairs = zip(values, mask, strict=True)
    objects = [None if np.all(hidden) else _plain(value) for value, hidden in pairs]
    try:
        return pa.array(objects)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if one is None else str(one) for one in objects], pa.string())


def _plain(value: Any) -> Any:
    """Return a value as plain Python: text, numbers, lists of them, None for what is masked."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, np.ndarray):
        return [_plain(one) for one in value.ravel().tolist()]
    return value.item() if isinstance(value, np.generic) else value
