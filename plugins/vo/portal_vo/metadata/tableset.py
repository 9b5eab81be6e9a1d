"""The tables of a service from its VOSI /tables (VOSI 1.1, section 2.3; VODataService 1.2)."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import TypedDict

import requests

from portal.plugins import AdqlSchema
from portal.plugins import ColumnInfo
from portal.plugins import TableInfo
from portal_vo.metadata.names import schema_name
from portal_vo.metadata.names import table_name
from portal_vo.metadata.records import KeyRecord
from portal_vo.metadata.records import TableRecord
from portal_vo.xml import child_text
from portal_vo.xml import find_child
from portal_vo.xml import local_name
from portal_vo.xml import stream_xml

MOST_BYTES = 500_000_000
MOST_DIGITS = 18  # that SQLite can keep
OUTPUT = "output"  # a table of this type is an answer, not something to ask


class ColumnName(TypedDict):
    """What a column is called, and whether in quotes."""

    name: str
    is_delimited: bool


def read_tableset(
    response: requests.Response, *, max_bytes: int = MOST_BYTES
) -> Iterator[AdqlSchema | TableRecord]:
    """Yield the schemas and tables of a document while it arrives, each schema first.

    Tables whose name no query can write are left out. Raises ServiceError where the document
    is broken, after what came before it.
    """
    schema = AdqlSchema(name="")
    for element in stream_xml(
        response, ("name", "title", "description", "table"), max_bytes=max_bytes
    ):
        kind = local_name(element)
        if kind == "table":
            record = read_table_element(element, schema.name)
            if record is not None:
                yield record
            continue
        text = " ".join("".join(element.itertext()).split())
        if kind == "name":
            schema = AdqlSchema(name=schema_name(text))
        elif kind == "title":
            schema = AdqlSchema(name=schema.name, title=text, description=schema.description)
        else:
            schema = AdqlSchema(name=schema.name, title=schema.title, description=text)
        if schema.name:
            yield schema


def read_table_element(element: ET.Element, schema: str) -> TableRecord | None:
    """Return one table; None when no query can name it, or it is none to ask."""
    written = child_text(element, "name")
    try:
        name = table_name(written, schema)
    except ValueError:
        return None
    kind = (element.get("type") or "table").strip().lower()
    if kind == OUTPUT:
        return None
    columns = [one for one in element if local_name(one) == "column"]
    keys = [one for one in element if local_name(one) == "foreignKey"]
    return TableRecord(
        info=TableInfo(
            name=name,
            schema=schema,
            kind=kind,
            title=child_text(element, "title"),
            description=child_text(element, "description"),
            nrows=whole_number(child_text(element, "nrows")),
        ),
        written=written,
        columns=[_column(one) for one in columns],
        keys=[_key(one, written) for one in keys],
    )


def whole_number(text: str) -> int | None:
    """Return a number of rows; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


def sized(datatype: str, arraysize: str) -> str:
    """Return a type with its size, as pages and completions show it."""
    return f"{datatype}({arraysize})" if arraysize not in ("", "1") else datatype


def _column(element: ET.Element) -> ColumnInfo:
    flags = {
        "".join(one.itertext()).strip().lower() for one in element if local_name(one) == "flag"
    }
    datatype = find_child(element, "dataType")
    arraysize = (
        "" if datatype is None else (datatype.get("arraysize") or datatype.get("size") or "")
    )
    return ColumnInfo(
        **column_name(child_text(element, "name")),
        datatype=sized(child_text(element, "dataType"), arraysize),
        unit=child_text(element, "unit") or None,
        ucd=child_text(element, "ucd") or None,
        description=child_text(element, "description"),
        indexed=bool(flags & {"indexed", "primary"}),
        principal="principal" in flags,
    )


def column_name(written: str) -> ColumnName:
    """Return a column's own name, without the quotes that TAP_SCHEMA writes (TAP 1.1, 4.3)."""
    if len(written) > 1 and written.startswith('"') and written.endswith('"'):
        return {"name": written[1:-1].replace('""', '"'), "is_delimited": True}
    return {"name": written, "is_delimited": False}


def _key(element: ET.Element, written: str) -> KeyRecord:
    pairs = [one for one in element if local_name(one) == "fkColumn"]
    return KeyRecord(
        from_table=written,
        target_table=child_text(element, "targetTable"),
        columns=tuple(
            (child_text(one, "fromColumn"), child_text(one, "targetColumn")) for one in pairs
        ),
        description=child_text(element, "description"),
    )
