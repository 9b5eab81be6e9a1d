"""A table of the archive: what its file says about it, and how that is kept."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path

from portal.plugins import Column
from portal.plugins import ResultTable

ORIGIN_NAMES = ("creator", "publisher", "citation", "reference_url", "rights", "rights_uri")
Origin = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A file that is being read; `table` brings its rows, and INFO elements at its end."""

    table: ResultTable
    description: str = ""
    origin: Origin = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableText:
    """What a file says about its table, beside the rows.

    `origin` are the INFO elements that say where data come from and what may be done with
    them, by the names of the IVOA note on data origin.
    """

    columns: tuple[Column, ...]
    description: str = ""
    origin: Origin = ()

    def to_json(self) -> str:
        """Return the text as it is kept in the metadata of a Parquet file."""
        return json.dumps(asdict(self))

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
        known: Mapping[str, str] = dict(self.origin)
        licence = f"Licence: {known['rights']}." if "rights" in known else ""
        source = f"Source: {known['reference_url']}" if "reference_url" in known else ""
        return " ".join(part for part in (self.description, licence, source) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTable:
    """A table that can be queried: a Parquet file that this plugin made."""

    name: str
    parquet: Path
    text: TableText
    row_count: int
