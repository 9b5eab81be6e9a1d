"""What the tables, columns and functions of a TAP service look like to an ADQL editor."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from portal.adql.literals import delimited
from portal.adql.literals import quote_identifier

_PIECE = re.compile(r'(?P<dot>\.)|"(?P<delimited>(?:[^"]|"")*)(?:"|$)|(?P<plain>[^."]+)')


@dataclass(frozen=True, slots=True, kw_only=True)
class AdqlSchema:
    """A schema of a service (TAP 1.1, section 4.1)."""

    name: str
    title: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableInfo:
    """A table of a service (TAP 1.1, section 4.2).

    `name` is what a query writes after FROM: with the schema where the service wants it,
    and with the quotes that a name such as "II/336/apass9" needs. `schema` is the schema's
    own name, without quotes. `kind` is table or view. `nrows` is the number of rows that
    the service tells (VOSI `nrows`), None when it does not.
    """

    name: str
    schema: str = ""
    kind: str = "table"
    title: str = ""
    description: str = ""
    nrows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnInfo:
    """A column of a table (TAP 1.1, section 4.3); `name` is without quotes.

    `datatype` is the word of the service, such as DOUBLE, VARCHAR(20) or a VOTable type. One
    that `is_delimited` is in quotes where the service lists it: its case matters.
    """

    name: str
    datatype: str = ""
    unit: str | None = None
    ucd: str | None = None
    description: str = ""
    indexed: bool = False
    principal: bool = False
    is_delimited: bool = False

    @property
    def written(self) -> str | None:
        """What a query writes for the column; None for a name that no query can write."""
        try:
            quoted = quote_identifier(self.name)
        except ValueError:
            return None
        return delimited(self.name) if self.is_delimited else quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """How one table refers to another (TAP 1.1, section 4.4); `columns` are pairs of names."""

    from_table: str
    target_table: str
    columns: tuple[tuple[str, str], ...]
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionInfo:
    """A function that a service offers beside those of ADQL (TAPRegExt, section 2.3).

    `signature` is the service's text, such as `ivo_healpix_index(order INTEGER) -> BIGINT`.
    """

    name: str
    signature: str = ""
    description: str = ""


class TableSource(Protocol):
    """What is known of one service. Names may come from anybody: no method raises for them."""

    @property
    def is_complete(self) -> bool:
        """Say whether everything is known; if not, an unknown name is no mistake."""
        ...

    def find_table(self, name: str) -> TableInfo | None:
        """Return the table that a query calls `name`, quotes and dots included.

        Without regard to case, and with or without the catalogue and the schema before it:
        the table whose `full_name` is `name`, or else one whose `full_name` ends so.
        """
        ...

    def columns(self, table: TableInfo) -> Sequence[ColumnInfo]:
        """Return the columns of a table that this source gave; empty when they are unknown."""
        ...

    def similar_tables(self, text: str, limit: int = 3) -> Sequence[TableInfo]:
        """Return the tables whose names look like `text`, the closest first."""
        ...

    def complete(self, text: str, limit: int = 20) -> Sequence[TableInfo]:
        """Return the tables whose name, or a part of it, starts with `text` or contains it."""
        ...

    def functions(self) -> Sequence[FunctionInfo]:
        """Return the functions that the service offers beside those of ADQL."""
        ...


def name_parts(name: str) -> tuple[str, ...]:
    """Return the parts of a dotted name without their quotes, in the case they have.

    Never raises: a quote that is never closed ends with the text.
    """
    parts = [""]
    for piece in _PIECE.finditer(name):
        if piece["dot"]:
            parts.append("")
        elif piece["delimited"] is not None:
            parts[-1] += piece["delimited"].replace('""', '"')
        else:
            parts[-1] += piece["plain"].strip()
    return tuple(parts)


def name_key(name: str) -> tuple[str, ...]:
    """Return the parts of a dotted name as names are compared: without quotes and case."""
    return tuple(part.casefold() for part in name_parts(name))


def full_name(table: TableInfo) -> tuple[str, ...]:
    """Return the parts of a table's name for comparison, the schema's in front."""
    name, schema = name_key(table.name), name_key(table.schema) if table.schema else ()
    return name if len(name) > 1 or name[: len(schema)] == schema else schema + name


def quote_table_name(*parts: str) -> str:
    """Return the name that a query writes for these parts, quoted where ADQL needs it.

    Raises ValueError for an empty part and for control characters.
    """
    return ".".join(quote_identifier(part) for part in parts)
