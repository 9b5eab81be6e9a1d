"""The rows of any archive in ObsCore's columns (ObsCore 1.1, section 3)."""

import math
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from portal.plugins.cone import Cone
from portal.plugins.items import items_from_obscore
from portal.plugins.registry import PluginRegistry
from portal.plugins.types import DataItem
from portal.plugins.types import Query
from portal.tables import arrow_schema
from portal.tables import Column
from portal.tables import ResultTable
from portal.tables import TableEnd

ROWS_AT_ONCE = 2_000


def _text(name: str, ucd: str, description: str) -> Column:
    return Column(name=name, arraysize="*", ucd=ucd, description=description)


def _number(name: str, unit: str | None, ucd: str, description: str) -> Column:
    return Column(name=name, datatype="double", unit=unit, ucd=ucd, description=description)


# Filled by what the archive's own plugin makes of a row for the basket.
OF_ITEMS = {
    "dataproduct_type": _text("dataproduct_type", "meta.code.class", "Kind of data"),
    "obs_collection": _text("obs_collection", "meta.id", "Collection that it is of"),
    "obs_id": _text("obs_id", "meta.id", "Identifier of the observation"),
    "title": _text("obs_title", "meta.title;obs", "What the archive calls it"),
    "target_name": _text("target_name", "meta.id;src", "What was observed"),
    "s_ra": _number("s_ra", "deg", "pos.eq.ra", "Right ascension, ICRS"),
    "s_dec": _number("s_dec", "deg", "pos.eq.dec", "Declination, ICRS"),
    "publisher_did": _text("obs_publisher_did", "meta.ref.uri;meta.curation", "Its identifier"),
    "access_url": _text("access_url", "meta.ref.url", "Where the data are"),
    "access_format": _text("access_format", "meta.code.mime", "Media type of the data"),
    "access_estsize": Column(
        name="access_estsize", datatype="long", unit="kbyte", ucd="phys.size;meta.file"
    ),
}
SEPARATION = _number("separation", "deg", "pos.angDistance", "From the position that was asked for")
# Filled from columns of these very names, in these units.
BY_NAME = (
    _number("t_min", "d", "time.start;obs.exposure", "Start of the observation, MJD"),
    _number("t_max", "d", "time.end;obs.exposure", "End of the observation, MJD"),
    _number("t_exptime", "s", "time.duration;obs.exposure", "Exposure time"),
    _number("em_min", "m", "em.wl;stat.min", "Shortest wavelength"),
    _number("em_max", "m", "em.wl;stat.max", "Longest wavelength"),
    _number("s_fov", "deg", "phys.angSize;instr.fov", "Diameter of the field"),
    _text("facility_name", "meta.id;instr.tel", "Telescope or facility"),
    _text("instrument_name", "meta.id;instr", "Instrument"),
)
COLUMNS = (*OF_ITEMS.values(), SEPARATION, *BY_NAME)
SCHEMA = arrow_schema(COLUMNS)


def as_obscore(
    query: Query, table: ResultTable, registry: PluginRegistry, centre: Cone | None
) -> ResultTable:
    """Return the rows of a query's table in `COLUMNS`, as they are read.

    What a row is, is for the query's own `to_items` to say; if that fails, names and UCDs do.
    """
    return ResultTable(columns=COLUMNS, batches=_batches(query, table, registry, centre))


def _batches(
    query: Query, table: ResultTable, registry: PluginRegistry, centre: Cone | None
) -> Iterator[pa.RecordBatch | TableEnd]:
    sources = _sources(table.columns)
    for element in table.batches:
        if isinstance(element, TableEnd):
            yield element
            continue
        for first in range(0, element.num_rows, ROWS_AT_ONCE):
            rows = element.slice(first, ROWS_AT_ONCE)
            own = _item_columns(query, table.columns, rows, registry)
            places = _separations(own["s_ra"], own["s_dec"], centre)
            named = [
                rows.column(sources[column.name]).cast(SCHEMA.field(column.name).type)
                if column.name in sources
                else pa.nulls(rows.num_rows, SCHEMA.field(column.name).type)
                for column in BY_NAME
            ]
            yield pa.RecordBatch.from_arrays([*own.values(), places, *named], schema=SCHEMA)


def _item_columns(
    query: Query, columns: Sequence[Column], batch: pa.RecordBatch, registry: PluginRegistry
) -> dict[str, pa.Array]:
    rows = batch.to_pylist()

    def make() -> dict[str, pa.Array] | None:
        items = query.to_items(columns, rows)
        return _arrays(items) if len(items) == len(rows) else None

    made = registry.call(query, make, otherwise=None)
    return _arrays(items_from_obscore(columns, rows)) if made is None else made


def _arrays(items: Sequence[DataItem]) -> dict[str, pa.Array]:
    return {
        name: pa.array(
            [_finite(getattr(item, name)) for item in items], SCHEMA.field(column.name).type
        )
        for name, column in OF_ITEMS.items()
    }


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _sources(columns: Sequence[Column]) -> dict[str, int]:
    """Return where the columns of `BY_NAME` are: same name, same kind, same unit if it says one."""
    found: dict[str, int] = {}
    wanted = {column.name: column for column in BY_NAME}
    for place, column in enumerate(columns):
        name = column.name.casefold()
        if name not in wanted or name in found:
            continue
        fits = column.is_text if wanted[name].is_text else column.is_numeric
        if fits and (not column.unit or column.unit == wanted[name].unit):
            found[name] = place
    return found


def _separations(ra: pa.Array, dec: pa.Array, centre: Cone | None) -> pa.Array:
    if centre is None:
        return pa.nulls(len(ra), pa.float64())
    lon, lat = (np.radians(one.to_numpy(zero_copy_only=False)) for one in (ra, dec))
    lon0, lat0 = math.radians(centre.ra), math.radians(centre.dec)
    half = (
        np.sin((lat - lat0) / 2) ** 2 + math.cos(lat0) * np.cos(lat) * np.sin((lon - lon0) / 2) ** 2
    )
    angles = np.degrees(2 * np.arcsin(np.sqrt(np.clip(half, 0, 1))))
    return pa.array(angles, pa.float64(), from_pandas=True)  # NaN, of what has no place, is null
