"""The tables of the archive, by their names."""

from collections.abc import Sequence
from pathlib import Path

from portal.plugins import AdqlTable
from portal.plugins import Choice
from portal.plugins import UsageError
from portal_files.conversion import Conversions
from portal_files.folder import find_sources
from portal_files.folder import Source
from portal_files.table import LocalTable

SCHEMA = "files"


class Catalogue:
    """What is in the folder at the moment; nothing is kept between calls."""

    def __init__(self, folder: Path, conversions: Conversions) -> None:
        """Keep where the tables are, and where they are converted to."""
        self._folder = folder
        self._conversions = conversions

    @property
    def sources(self) -> tuple[Source, ...]:
        """The files of the folder, read or not."""
        return find_sources(self._folder)

    @property
    def names(self) -> tuple[AdqlTable, ...]:
        """The tables as ADQL names them, without their columns."""
        return tuple(AdqlTable(schema=SCHEMA, name=source.name) for source in self.sources)

    def get(self, name: str) -> LocalTable:
        """Return a table by its name in ADQL; raises UsageError when it cannot be used."""
        for source in self.sources:
            if source.name == name.casefold():
                return self._conversions.get(source)
        raise UsageError(f"There is no table {name} in the folder.")

    def readable(self) -> tuple[LocalTable, ...]:
        """Return every table that can be used, each converted now if need be."""
        tables = []
        for source in self.sources:
            try:
                tables.append(self._conversions.get(source))
            except UsageError:
                continue
        return tuple(tables)

    def choices(self) -> Sequence[Choice]:
        """Return the tables for a form, with what is known about them without reading them."""
        return tuple(
            Choice(value=one.name, title=one.path.name, description=self.describe(one))
            for one in self.sources
        )

    def known(self, source: Source) -> LocalTable | None:
        """Return a table that was converted before; None when nothing is known of it yet."""
        return self._conversions.find(source)

    def describe(self, source: Source) -> str:
        """Say in a line what a table is, or why it cannot be used."""
        converted = self._conversions.find(source)
        if converted is not None:
            rows, columns = converted.row_count, len(converted.text.columns)
            size = f"{rows:,} rows, {columns} columns."
            return f"{size} {converted.text.summary}".strip()
        reason = self._conversions.reason(source)
        return f"Cannot be used: {reason}." if reason else f"{source.kind} file."
