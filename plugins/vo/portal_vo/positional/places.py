"""The places of a file: a table with positions or names, or a line of text for each."""

import csv
import io
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from portal.plugins import Column
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal.plugins import UsageError

MOST_BYTES = 20_000_000
RA_NAMES = ("ra", "raj2000", "ra_icrs", "_ra", "_raj2000", "ra2000", "s_ra", "alpha", "ra_deg")
DEC_NAMES = ("dec", "de", "dej2000", "de_icrs", "_de", "_dej2000", "dec2000", "s_dec", "delta",
             "dec_deg", "decj2000")  # fmt: skip
NAME_NAMES = ("target", "target_name", "name", "object", "main_id", "id", "source", "designation")
POSITION_NAMES = ("position", "coordinates", "coord", "coords", "pos")
RA_UCDS = ("pos.eq.ra;meta.main", "pos.eq.ra", "pos_eq_ra_main")
DEC_UCDS = ("pos.eq.dec;meta.main", "pos.eq.dec", "pos_eq_dec_main")
NAME_UCDS = ("meta.id;meta.main", "meta.id", "id_main")
DEGREES = {None: 1.0, "": 1.0, "deg": 1.0, "degree": 1.0, "degrees": 1.0,
           "h": 15.0, "hourangle": 15.0, "rad": 57.29577951308232}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """One place to ask about: its number in the file, and coordinates or a name as text."""

    row: int
    text: str
    title: str = ""


def read_places(path: Path, *, most: int) -> list[Place]:
    """Return the places in a VOTable, an ECSV or CSV table, or lines of text.

    Raises UsageError that says what is missing, and for more than `most` of them.
    """
    if path.stat().st_size > MOST_BYTES:
        raise UsageError(f"A file of positions has at most {MOST_BYTES // 1_000_000} MB.")
    places = [one for one in _places(path.read_bytes(), most) if one.text]
    if not places:
        raise UsageError("There is no position and no name in the file.")
    if len(places) > most:
        raise UsageError(f"The file has {len(places)} positions; {most} can be asked at once.")
    return places


def _places(data: bytes, most: int) -> Iterable[Place]:
    start = data[:4096].lstrip()
    if start.startswith((b"<", b"\x1f\x8b")):
        return _of_votable(data, most)
    text = _decoded(data)
    if text.startswith("# %ECSV"):
        return _of_ecsv(text)
    return _of_text(text)


def _of_votable(data: bytes, most: int) -> Iterable[Place]:
    try:
        table = ResultTable.from_votable(io.BytesIO(data))
        rows = _rows(table, most)
    except ServiceError as error:
        raise UsageError(f"The file cannot be read as a VOTable: {error.message}") from error
    return _of_rows(table.columns, rows)


def _of_ecsv(text: str) -> Iterable[Place]:
    from astropy.table import Table

    try:
        table = ResultTable.from_astropy(Table.read(text, format="ascii.ecsv"))
    except Exception as error:  # whatever astropy raises for a table that is none
        raise UsageError(f"The file cannot be read as ECSV: {error}") from error
    return _of_rows(table.columns, _rows(table))


def _rows(table: ResultTable, most: int | None = None) -> list[dict[str, Any]]:
    """Return the rows; UsageError as soon as there are more, since it may be compressed."""
    rows: list[dict[str, Any]] = []
    for batch in table.batches:
        if isinstance(batch, pa.RecordBatch):
            rows += batch.to_pylist()
        if most is not None and len(rows) > most:
            raise UsageError(f"The file has more rows than the {most} that can be asked at once.")
    return rows


def _of_text(text: str) -> Iterable[Place]:
    """Read a CSV table when its first line names columns, else each line by itself."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if not lines:
        return []
    separator = next((one for one in ("\t", ";", ",", "|") if one in lines[0]), ",")
    header = [name.strip() for name in next(csv.reader(lines[:1], delimiter=separator))]
    columns = [Column(name=name, arraysize="*") for name in header]
    if _has_places(columns):
        rows = csv.DictReader(lines[1:], fieldnames=header, delimiter=separator)
        return _of_rows(columns, list(rows))
    return [Place(row, line.strip()) for row, line in enumerate(lines, start=1)]


def _has_places(columns: Sequence[Column]) -> bool:
    found = _find_columns(columns)
    return bool({"position", "name"} & found.keys()) or {"ra", "dec"} <= found.keys()


def _of_rows(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> Iterable[Place]:
    found = _find_columns(columns)
    if not _has_places(columns):
        names = ", ".join(column.name for column in columns)
        raise UsageError(f"The file has no columns of positions or names: {names[:300]}.")
    return [_of_row(found, row, number) for number, row in enumerate(rows, start=1)]


def _of_row(found: Mapping[str, Column], row: Mapping[str, Any], number: int) -> Place:
    title = _text(row, found.get("name"))
    if "position" in found and _text(row, found["position"]):
        return Place(number, _text(row, found["position"]), title)
    if {"ra", "dec"} <= found.keys():
        ra, dec = (_angle(row, found[one]) for one in ("ra", "dec"))
        if ra and dec:
            return Place(number, f"{ra} {dec}", title)
    return Place(number, title, title)


def _find_columns(columns: Sequence[Column]) -> dict[str, Column]:
    wanted = {
        "ra": (RA_UCDS, RA_NAMES),
        "dec": (DEC_UCDS, DEC_NAMES),
        "name": (NAME_UCDS, NAME_NAMES),
        "position": ((), POSITION_NAMES),
    }
    found: dict[str, Column] = {}
    for kind, (ucds, names) in wanted.items():
        by_ucd = [one for ucd in ucds for one in columns if (one.ucd or "").casefold() == ucd]
        by_name = [one for name in names for one in columns if one.name.casefold() == name]
        if by_ucd or by_name:
            found[kind] = (by_ucd or by_name)[0]
    return found


def _angle(row: Mapping[str, Any], column: Column) -> str:
    """Return a coordinate as text: a number in degrees, or sexagesimal as it is."""
    value = row.get(column.name)
    if value is None:
        return ""
    if isinstance(value, int | float):
        factor = DEGREES.get(column.unit)
        if factor is None:
            raise UsageError(f"The column {column.name} is in {column.unit}, not in degrees.")
        return f"{value * factor:.12g}"
    return str(value).strip()


def _text(row: Mapping[str, Any], column: Column | None) -> str:
    value = row.get(column.name) if column else None
    return "" if value is None else " ".join(str(value).split())


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
