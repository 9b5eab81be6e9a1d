"""astropy's tables as the portal's columns and rows."""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from astropy.table import Column as AstropyColumn
from astropy.table import Table
from astropy.table.serialize import represent_mixins_as_columns
from astropy.time import Time

from portal.plugins import Column
from portal_files.readers.arrays import to_arrow
from portal_files.table import FileContent

TEXTS = ("ucd", "utype", "xtype")


def convert(table: Table, *, origin: Iterable[tuple[str, Any]] = ()) -> FileContent:
    """Convert a table with everything in it; `meta` of a column may hold ucd, utype and xtype."""
    plain = represent_mixins_as_columns(_with_times_as_text(table))
    columns = [plain.columns[name] for name in plain.colnames]
    arrays = [to_arrow(column.data) for column in columns]
    described = [
        _describe(column, array.datatype, array.arraysize)
        for column, array in zip(columns, arrays, strict=True)
    ]
    description = table.meta.get("description", "")
    return FileContent.make(
        described,
        [array.values for array in arrays],
        description=description if isinstance(description, str) else "",
        origin=origin,
    )


def _describe(column: AstropyColumn, datatype: str, arraysize: str | None) -> Column:
    meta: Mapping[str, Any] = column.meta or {}
    return Column(
        name=column.name,
        datatype=datatype,
        arraysize=arraysize,
        unit=_unit(column),
        description=column.description or "",
        **{name: str(meta[name]) for name in TEXTS if meta.get(name)},
    )


def _unit(column: AstropyColumn) -> str | None:
    """Return the unit as VOUnits writes it, or as the file does when VOUnits has no word."""
    if column.unit is None:
        return None
    try:
        text = column.unit.to_string("vounit")
    except ValueError:
        text = column.unit.to_string()
    return str(text) or None


def _with_times_as_text(table: Table) -> Table:
    times = [name for name in table.colnames if isinstance(table[name], Time)]
    if not times:
        return table
    changed = table.copy(copy_data=False)
    for name in times:
        text = AstropyColumn(table[name].isot, meta={"xtype": "timestamp"})
        changed.replace_column(name, text)
    return changed
