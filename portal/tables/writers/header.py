"""The VOTable document around the rows: one place for every format that carries it."""

from collections.abc import Sequence
from itertools import zip_longest
from xml.sax.saxutils import escape
from xml.sax.saxutils import quoteattr

from portal.tables.columns import Column
from portal.tables.writers.xmltext import legal

OPENING = """<?xml version="1.0" encoding="UTF-8"?>
<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">
<RESOURCE type="results">
<INFO name="QUERY_STATUS" value="OK"/>
"""
OVERFLOW = '<INFO name="QUERY_STATUS" value="OVERFLOW"/>\n'
CLOSING = "</RESOURCE>\n</VOTABLE>\n"


def table_xml(columns: Sequence[Column], nulls: Sequence[int | None] = ()) -> str:
    """Return the opening of TABLE with a FIELD for each column.

    `nulls` has the integer that stands for null inside an array of each column.
    """
    pairs = zip_longest(columns, nulls)
    return "<TABLE>\n" + "".join(field_xml(column, null) for column, null in pairs)


def closing_xml(*, overflow: bool) -> str:
    """Return what ends a document after its TABLE (DALI 1.1, section 4.4.1)."""
    return "</TABLE>\n" + (OVERFLOW if overflow else "") + CLOSING


def field_xml(column: Column, null: int | None = None) -> str:
    """Return a FIELD element (VOTable 1.4, section 4.1)."""
    attributes = {
        "name": column.name,
        "datatype": column.datatype,
        "arraysize": column.arraysize,
        "unit": column.unit,
        "ucd": column.ucd,
        "utype": column.utype,
        "xtype": column.xtype,
    }
    written = "".join(
        f" {name}={quoteattr(legal(value))}" for name, value in attributes.items() if value
    )
    inner = f"<DESCRIPTION>{escape(legal(column.description))}</DESCRIPTION>"
    inner = inner if column.description else ""
    if null is not None:
        inner += f'<VALUES null="{null}"/>'
    return f"<FIELD{written}>{inner}</FIELD>\n" if inner else f"<FIELD{written}/>\n"


def header_document(columns: Sequence[Column], *, overflow: bool = False) -> str:
    """Return a VOTable document that describes columns and has no rows."""
    return OPENING + table_xml(columns) + closing_xml(overflow=overflow)
