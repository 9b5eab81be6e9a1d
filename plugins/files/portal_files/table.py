"""A table of the archive: what its file says about it, and how that is kept."""

import json
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from portal.plugins import arrow_schema
from portal.plugins import Column
from portal.plugins import unique_names

ORIGIN_NAMES = ("creator", "publisher", "citation", "reference_url", "rights", "rights_uri")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableText:
    """What a file says about its table, beside the rows.

    `origin` are the INFO elements that say where data come from and what may be done with
    them, by the names of the IVOA note on data origin.
    """

    columns: tuple[Column, ...]
    description: str = ""
    origin: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> bytes:
        """Return the text as it is kept in the metadata of a Parquet file."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "TableText":
        """Read what `to_json` wrote."""
        values = json.loads(text)
        return cls(
            columns=tuple(Column(**one) for one in values["columns"]),
            description=values["description"],
            origin=tuple((name, value) for name, value in values["origin"]),
        )

    @property
    def summary(self) -> str:
        """Return the description with licence and source, for people."""
        known = dict(self.origin)
        licence = known.get("rights") and f"Licence: {known['rights']}."
        source = known.get("reference_url") and f"Source: {known['reference_url']}"
        return " ".join(part for part in (self.description, licence, source) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContent:
    """A file that was read: its text and its rows, with the columns' Arrow types."""

    text: TableText
    rows: pa.Table

    @classmethod
    def make(
        cls,
        columns: Sequence[Column],
        values: Sequence[pa.Array],
        *,
        description: str = "",
        origin: Iterable[tuple[str, Any]] = (),
    ) -> "FileContent":
        """Join columns and their values; repeated names are told apart, as a query needs."""
        unique = unique_names(columns)
        known = tuple(
            (name, str(value)) for name, value in origin if name in ORIGIN_NAMES and value
        )
        schema = arrow_schema(unique)
        arrays = [one.cast(field.type) for one, field in zip(values, schema, strict=True)]
        return cls(
            text=TableText(columns=unique, description=description.strip(), origin=known),
            rows=pa.Table.from_arrays(arrays, schema=schema),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTable:
    """A table that can be queried: a Parquet file that this plugin made."""

    name: str
    parquet: Path
    text: TableText
    row_count: int

    @property
    def columns(self) -> Mapping[str, Column]:
        """Return the columns by their names."""
        return {column.name: column for column in self.text.columns}
