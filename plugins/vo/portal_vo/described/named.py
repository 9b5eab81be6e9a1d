"""Whether a TAP service has the table and the columns that a description names."""

from collections.abc import Iterator

from portal.plugins import DescribedPath
from portal.plugins import is_it
from portal.plugins import quote_literal
from portal.plugins import TableEnd
from portal_vo.connector import TapService
from portal_vo.described.tap_description import TapDescription

MOST_NAMES = 100_000


def missing_names(
    description: TapDescription, service: TapService
) -> Iterator[tuple[DescribedPath, str]]:
    """Go through the names that TAP_SCHEMA has not (TAP 1.1, section 4), each with its place."""
    table = description.table
    spellings = ", ".join(map(quote_literal, (table, table.replace('"', ""))))
    columns = _texts(
        service,
        f"SELECT column_name FROM TAP_SCHEMA.columns WHERE table_name IN ({spellings})",  # noqa: S608 - literals
    )
    if not columns:
        tables = _texts(service, "SELECT table_name FROM TAP_SCHEMA.tables")
        yield ("table",), f"the service has no table {table}{is_it(table, tables)}"
        return
    known = {name.strip('"').casefold() for name in columns}
    for place, name in _named(description):
        if name.casefold() not in known:
            yield place, f"{table} has no column {name}{is_it(name, columns)}"


def _named(description: TapDescription) -> Iterator[tuple[DescribedPath, str]]:
    for index, name in enumerate(description.columns):
        yield ("columns", index), name
    for index, name in enumerate(description.order_by):
        yield ("order_by", index), name.removeprefix("-")
    if description.cone is not None:
        yield ("cone", "ra"), description.cone.ra
        yield ("cone", "dec"), description.cone.dec
    for key, name in description.items.model_dump(exclude_none=True).items():
        yield ("items", key), name
    for index, field in enumerate(description.fields):
        for key in ("column", "column_min", "column_max"):
            if name := getattr(field, key):
                yield ("fields", index, key), name


def _texts(service: TapService, adql: str) -> list[str]:
    table = service.query_sync(adql, maxrec=MOST_NAMES)
    batches = [one for one in table.batches if not isinstance(one, TableEnd)]
    return [text for batch in batches for text in batch.column(0).to_pylist() if text]
