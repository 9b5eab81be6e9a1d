"""OpenNGC as a first table to play with: about 14,000 objects, ready without a network."""

import math
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import as_file
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from portal.plugins import arrow_schema
from portal.plugins import arrow_type
from portal.plugins import Column
from portal_files.atomic import replacing
from portal_files.table import TableText
from portal_files.votable_header import parquet_metadata

FILE_NAME = "openngc.parquet"
LICENCE = "CC-BY-SA-4.0"
LICENCE_URL = "https://creativecommons.org/licenses/by-sa/4.0/"
SOURCE = "https://github.com/mattiaverga/OpenNGC"
CITATION = f"OpenNGC, a database of NGC and IC objects, by Mattia Verga and contributors, {SOURCE}"
QUERY = """
    SELECT objects.*, objTypes.typedesc
    FROM objects LEFT JOIN objTypes USING (type)
    ORDER BY objects.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """A column, and where its values come from in the database of pyongc."""

    column: Column
    source: str
    convert: Callable[[Any], Any] = lambda value: value if value != "" else None


def is_empty(folder: Path) -> bool:
    """Say whether a folder holds nothing that a user put there."""
    return not folder.is_dir() or all(one.name.startswith(".") for one in folder.iterdir())


def install(folder: Path) -> None:
    """Write OpenNGC into the folder as one Parquet file with its units and its licence."""
    text = openngc_text()
    schema = arrow_schema(text.columns).with_metadata(parquet_metadata(text))
    objects = read_objects()
    table = pa.Table.from_arrays([_values(field, objects) for field in FIELDS], schema=schema)
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / FILE_NAME) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def openngc_text() -> TableText:
    """Return what the table says about itself."""
    return TableText(
        columns=tuple(field.column for field in FIELDS),
        description=(
            "OpenNGC: galaxies, clusters and nebulae of the New General Catalogue and the Index "
            f"Catalogues, with positions and photometry. From pyongc {version('pyongc')}."
        ),
        origin=(
            ("creator", "Mattia Verga and contributors"),
            ("citation", CITATION),
            ("reference_url", SOURCE),
            ("rights", LICENCE),
            ("rights_uri", LICENCE_URL),
        ),
    )


def read_objects() -> list[sqlite3.Row]:
    """Return the objects of the NGC and IC catalogues that pyongc brings along."""
    with as_file(files("pyongc") / "ongc.db") as path:
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.row_factory = sqlite3.Row
            return database.execute(QUERY).fetchall()


def _values(field: _Field, objects: list[sqlite3.Row]) -> pa.Array:
    values = [field.convert(one[field.source]) for one in objects]
    return pa.array(values, type=arrow_type(field.column))


def _text(name: str, source: str, ucd: str, description: str, **more: Any) -> _Field:
    column = Column(name=name, datatype="char", arraysize="*", ucd=ucd, description=description)
    return _Field(column=column, source=source, **more)


def _number(
    name: str, source: str, unit: str | None, ucd: str, description: str, **more: Any
) -> _Field:
    datatype = more.pop("datatype", "float")
    column = Column(name=name, datatype=datatype, unit=unit, ucd=ucd, description=description)
    return _Field(column=column, source=source, **more)


def _degrees(radians: float | None) -> float | None:
    """Undo pyongc's radians: the source has degrees to about a milliarcsecond."""
    return None if radians is None else round(math.degrees(radians), 7)


def _messier(number: str) -> str | None:
    return f"M{int(number)}" if number else None


def _listed(names: str) -> str | None:
    return ", ".join(names.split(",")) or None


FIELDS = (
    _text("name", "name", "meta.id;meta.main", "Designation, such as NGC0224 or IC0342"),
    _text("type", "type", "src.class", "Kind of object: G, OCl, GCl, PN, HII, ..."),
    _text("type_name", "typedesc", "src.class", "Kind of object in words"),
    _number(
        "ra",
        "ra",
        "deg",
        "pos.eq.ra;meta.main",
        "Right ascension, J2000 (ICRS)",
        datatype="double",
        convert=_degrees,
    ),
    _number(
        "dec",
        "dec",
        "deg",
        "pos.eq.dec;meta.main",
        "Declination, J2000 (ICRS)",
        datatype="double",
        convert=_degrees,
    ),
    _text("constellation", "const", "pos", "Constellation, as the IAU abbreviates it"),
    _text("messier", "messier", "meta.id", "Number in Messier's catalogue", convert=_messier),
    _text("common_names", "commonnames", "meta.id", "Names in use", convert=_listed),
    _number("major_axis", "majax", "arcmin", "phys.angSize.smajAxis", "Major axis"),
    _number("minor_axis", "minax", "arcmin", "phys.angSize.sminAxis", "Minor axis"),
    _number("position_angle", "pa", "deg", "pos.posAng", "Of the major axis, north through east"),
    _number("b_mag", "bmag", "mag", "phot.mag;em.opt.B", "Magnitude in B"),
    _number("v_mag", "vmag", "mag", "phot.mag;em.opt.V", "Magnitude in V"),
    _number("j_mag", "jmag", "mag", "phot.mag;em.IR.J", "Magnitude in J"),
    _number("h_mag", "hmag", "mag", "phot.mag;em.IR.H", "Magnitude in H"),
    _number("k_mag", "kmag", "mag", "phot.mag;em.IR.K", "Magnitude in K"),
    _number(
        "surface_brightness",
        "sbrightn",
        "mag/arcsec**2",
        "phot.mag.sb;em.opt.B",
        "Mean surface brightness in B within the 25 mag isophote; galaxies only",
    ),
    _text("hubble_type", "hubble", "src.morph.type", "Morphological type; galaxies only"),
    _number("parallax", "parallax", "mas", "pos.parallax", "Parallax"),
    _number("pm_ra", "pmra", "mas/yr", "pos.pm;pos.eq.ra", "Proper motion in right ascension"),
    _number("pm_dec", "pmdec", "mas/yr", "pos.pm;pos.eq.dec", "Proper motion in declination"),
    _number("radial_velocity", "radvel", "km/s", "spect.dopplerVeloc", "Heliocentric velocity"),
    _number("redshift", "redshift", None, "src.redshift", "Heliocentric redshift"),
    _number("star_u_mag", "cstarumag", "mag", "phot.mag;em.opt.U", "Central star: U"),
    _number("star_b_mag", "cstarbmag", "mag", "phot.mag;em.opt.B", "Central star: B"),
    _number("star_v_mag", "cstarvmag", "mag", "phot.mag;em.opt.V", "Central star: V"),
    _text("star_names", "cstarnames", "meta.id.assoc", "Central star: names", convert=_listed),
    _text("ngc", "ngc", "meta.id.cross", "Number in the NGC, when listed twice"),
    _text("ic", "ic", "meta.id.cross", "Number in the IC, when listed twice"),
    _text("identifiers", "identifiers", "meta.id.cross", "Other catalogues", convert=_listed),
    _text("ned_notes", "nednotes", "meta.note", "Notes of the NED"),
    _text("notes", "ongcnotes", "meta.note", "Notes of OpenNGC"),
)
