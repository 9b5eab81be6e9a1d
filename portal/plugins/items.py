"""Basket items of rows whose archive says nothing more: ObsCore names, then UCDs."""

import math
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from portal.plugins.types import DataItem
from portal.tables import Column

BY_NAME = {
    "publisher_did": ("obs_publisher_did", "publisher_did", "ivoid", "pubdid"),
    "obs_id": ("obs_id",),
    "obs_collection": ("obs_collection", "collection"),
    "dataproduct_type": ("dataproduct_type",),
    "target_name": ("target_name",),
    "s_ra": ("s_ra",),
    "s_dec": ("s_dec",),
    "access_url": ("access_url", "accref", "url"),
    "access_format": ("access_format", "mime"),
    "access_estsize": ("access_estsize",),
    "title": ("obs_title", "title", "res_title", "name", "obs_id", "target_name"),
}
BY_UCD = {
    "s_ra": ("pos.eq.ra;meta.main", "pos_eq_ra_main", "pos.eq.ra"),
    "s_dec": ("pos.eq.dec;meta.main", "pos_eq_dec_main", "pos.eq.dec"),
    "access_url": ("meta.ref.url", "vox:image_accessreference"),
    "access_format": ("meta.code.mime", "vox:image_format"),
    "title": ("meta.id;meta.main", "id_main", "meta.title", "vox:image_title", "meta.id"),
}
NUMBERS = frozenset({"s_ra", "s_dec"})


def items_from_obscore(
    columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]
) -> list[DataItem]:
    """Make one item per row from the columns that ObsCore or a UCD gives a meaning."""
    sources = find_columns(columns)
    return [_item(sources, row) for row in rows]


def find_columns(columns: Sequence[Column]) -> dict[str, str]:
    """Map the fields of an item to the names of the columns that hold them."""
    names = {column.name.casefold(): column.name for column in reversed(columns)}
    ucds = {column.ucd.casefold(): column.name for column in reversed(columns) if column.ucd}
    found = {}
    for field in DataItem.__dataclass_fields__:
        by_name = [names[one] for one in BY_NAME.get(field, ()) if one in names]
        by_ucd = [ucds[one] for one in BY_UCD.get(field, ()) if one in ucds]
        if by_name or by_ucd:
            found[field] = (by_name or by_ucd)[0]
    return found


def _item(sources: Mapping[str, str], row: Mapping[str, Any]) -> DataItem:
    values: dict[str, Any] = {}
    for field, name in sources.items():
        value = row.get(name)
        if value is None or value == "":
            continue
        if field in NUMBERS:
            values[field] = float(value) if isinstance(value, int | float) else None
        elif field == "access_estsize":
            is_number = isinstance(value, int | float) and math.isfinite(value)
            values[field] = int(value) if is_number else None
        else:
            values[field] = str(value)
    values.setdefault("title", _fallback_title(row))
    return DataItem(**values)


def _fallback_title(row: Mapping[str, Any]) -> str:
    texts = [f"{name} {value}" for name, value in list(row.items())[:3] if value is not None]
    return ", ".join(texts)[:200] or "Row"
