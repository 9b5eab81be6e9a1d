"""What is read of a service, before it is stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.plugins import ColumnInfo
from portal.plugins import FunctionInfo
from portal.plugins import ServiceFact
from portal.plugins import TableInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """How a table refers to another, both by the names that the service writes."""

    from_table: str
    target_table: str
    columns: tuple[tuple[str, str], ...]
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRecord:
    """A table of a service; `written` is the name as the service wrote it."""

    info: TableInfo
    written: str
    columns: Sequence[ColumnInfo] = ()
    keys: Sequence[KeyRecord] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a service says it can do (TAPRegExt 1.0)."""

    facts: Sequence[ServiceFact] = ()
    functions: Sequence[FunctionInfo] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceExample:
    """A query that a service proposes (DALI 1.1, section 2.3)."""

    title: str
    query: str
    description: str = ""
