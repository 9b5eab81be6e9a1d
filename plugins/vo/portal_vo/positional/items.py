"""Basket items of images and spectra, whose columns are known by UCDs and utypes."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from portal.plugins import Column
from portal.plugins import DataItem
from portal_vo.positional.query import PositionalQuery

# SIA 1.0, section 4.2; SSA 1.1, section 4.2.5 and appendix B. ObsCore's names come first.
MEANINGS: dict[str, tuple[str, ...]] = {
    "publisher_did": ("curation.publisherdid", "obscore:curation.publisherdid"),
    "obs_id": ("dataid.datasetid", "dataid.creatordid"),
    "obs_collection": ("dataid.collection",),
    "target_name": ("target.name",),
    "access_url": ("access.reference", "vox:image_accessreference"),
    "access_format": ("access.format", "vox:image_format"),
    "access_estsize": ("vox:image_filesize", "access.size"),
    "title": ("dataid.title", "vox:image_title"),
}
PLACE = ("char.spatialaxis.coverage.location.value",)
BYTES_PER_KILOBYTE = 1_000
IN_BYTES = frozenset({"vox:image_filesize"})
BYTES = frozenset({"byte", "bytes", "B"})


class ImageItems(PositionalQuery):
    """A query whose rows are images or spectra that can be fetched."""

    product_type = "image"

    def to_items(
        self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]
    ) -> list[DataItem]:
        """Return one item per row, under ObsCore's names."""
        sources = _sources(columns)
        rows = list(rows)
        items = super().to_items(columns, rows)
        return [
            replace(item, **self._more(item), **_meant(sources, row))
            for item, row in zip(items, rows, strict=True)
        ]

    def _more(self, item: DataItem) -> dict[str, Any]:
        return {} if item.dataproduct_type else {"dataproduct_type": self.product_type}


def _sources(columns: Sequence[Column]) -> dict[str, tuple[Column, bool]]:
    """Return the columns of the fields by their utype or UCD, and whether sizes are bytes."""
    meanings: dict[str, Column] = {}
    for column in columns:
        for word in (_bare(column.utype), (column.ucd or "").casefold()):
            if word:
                meanings.setdefault(word, column)
    found = {}
    for field, words in (*MEANINGS.items(), ("place", PLACE)):
        known = next((one for one in words if one in meanings), None)
        if known is not None:
            column = meanings[known]
            found[field] = (column, known in IN_BYTES or column.unit in BYTES)
    return found


def _bare(utype: str | None) -> str:
    """Return a utype in lower case, without the name of its data model."""
    return (utype or "").casefold().rpartition(":")[2]


def _meant(sources: Mapping[str, tuple[Column, bool]], row: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field, (column, in_bytes) in sources.items():
        value = row.get(column.name)
        if value is None or value == "":
            continue
        if field == "place":
            values |= _place(value)
        elif field == "access_estsize":
            values[field] = _kilobytes(value, in_bytes=in_bytes)
        else:
            values[field] = str(value).strip()
    return {name: value for name, value in values.items() if value is not None}


def _place(value: Any) -> dict[str, float]:
    """Return a position that SSA writes as two numbers in one cell."""
    numbers = value.split() if isinstance(value, str) else value
    try:
        ra, dec = (float(one) for one in numbers)
    except (TypeError, ValueError):
        return {}
    return {"s_ra": ra, "s_dec": dec}


def _kilobytes(value: Any, *, in_bytes: bool) -> int | None:
    if not isinstance(value, int | float):
        return None
    return round(value / BYTES_PER_KILOBYTE) if in_bytes else round(value)
