"""ECSV files: CSV with the columns' types and units in a YAML header (astropy's APE 6)."""

import json
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from portal.tables.columns import Column
from portal.tables.writers.flat import fixed_count
from portal.tables.writers.flat import is_complex
from portal.tables.writers.flat import number_dtype
from portal.tables.writers.format import Batches
from portal.tables.writers.measure import measure
from portal.tables.writers.plaintext import arrays_as_json
from portal.tables.writers.plaintext import csv_lines

OPENING = "# %ECSV 1.0\n# ---\n# delimiter: ','\n"
OVERFLOW = "# meta: {overflow: true}\n"
CLOSING = "# schema: astropy-2.0\n"


def write_ecsv(
    columns: Sequence[Column], batches: Batches, *, overflow: bool = False
) -> Iterator[bytes]:
    """Yield an ECSV file; its readers take "" and null for the same."""
    measures = measure(columns, batches, needed=lambda column: column.is_array)
    obeyed = [
        column if one.all_have(fixed_count(column)) else replace(column, arraysize="*")
        for column, one in zip(columns, measures, strict=True)
    ]
    described = "".join(f"# - {_flow(_description(column))}\n" for column in obeyed)
    header = f"{OPENING}# datatype:\n{described}{OVERFLOW if overflow else ''}{CLOSING}"
    yield header.encode()
    yield from csv_lines(obeyed, [column.name for column in columns], batches(), _cells)


def _description(column: Column) -> Mapping[str, Any]:
    meta = {"ucd": column.ucd, "utype": column.utype, "xtype": column.xtype}
    description = {
        "name": column.name,
        "unit": column.unit,
        **_types(column),
        "description": column.description,
        "meta": {key: value for key, value in meta.items() if value},
    }
    return {key: value for key, value in description.items() if value}


def _types(column: Column) -> Mapping[str, str]:
    if column.is_text:
        return {"datatype": "string"}
    number = str(number_dtype(column))
    if is_complex(column):
        return {"datatype": "string", "subtype": "json" if column.is_array else f"{number}[2]"}
    if not column.is_array:
        return {"datatype": number}
    sizes = reversed((column.arraysize or "").split("x"))
    shape = ",".join("null" if size.endswith("*") else size for size in sizes)
    return {"datatype": "string", "subtype": f"{number}[{shape}]"}


def _flow(mapping: Mapping[str, Any]) -> str:
    """Return a mapping in YAML's flow style, every value as JSON, which YAML includes."""
    pairs = (f"{key}: {json.dumps(value)}" for key, value in mapping.items())
    return "{" + ", ".join(pairs) + "}"


def _cells(column: Column, cells: pa.Array) -> pa.Array:
    if not column.is_array and pa.types.is_boolean(cells.type):
        return pc.if_else(cells, "True", "False")
    return arrays_as_json(column, cells)
