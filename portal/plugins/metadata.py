"""What is known of a service that takes ADQL: its tables, and what it can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.adql.metadata import TableSource
from portal.parameters import Example
from portal.plugins.links import QueryLink


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFact:
    """One line about a service, such as its row limit; `group` is the heading it is under."""

    group: str
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceMetadata:
    """The tables of a service, as they were at `read_time`.

    `tables` is None for a service that was never read; `reader` is the query whose job reads
    it, or reads it again, and None where there is nothing to read. With its parameter
    `table_parameter`, where there is one, it reads the columns of a table that has none yet.
    `facts` are its languages, limits and formats; `examples` fill in the form of the query
    that asks it. Tables that are a `TableCatalogue` can be paged through.
    """

    tables: TableSource | None
    read_time: datetime | None = None
    reader: QueryLink | None = None
    table_parameter: str | None = None
    facts: Sequence[ServiceFact] = ()
    examples: Sequence[Example] = ()
