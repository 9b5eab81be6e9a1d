# ruff: noqa: RUF001, RUF003 - Greek letters are meant
"""Make the lists of names that the plugin carries: portal_names/data/{objects,stars}.tsv.

    python plugins/names/make_lists.py <folder of the npm package d3-celestial 0.7.35>

OpenNGC comes from the package PyOngc, which the plugin `files` has installed. A line is right
ascension and declination in degrees (ICRS), the names of the object with "|" between them, the
one to show first, and the keys of all names, which are made here since it takes a while.
"""

import json
import math
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Any

from portal_names.keys import key_of

DATA = Path(__file__).parent / "portal_names" / "data"
DESIGNATION = re.compile(r"(NGC|IC|M|Mel|ESO|UGC|PGC|HCG|MWSC|H|C|B|Cl)0*(\d+)(.*)")
STAR_FILES = ("stars.6.json", "stars.8.json", "stars.14.json")
# Names that the sources do not have; that of α Centauri is said of the pair of stars.
ALSO = {"71683": ["α Cen", "α Centauri"], "ESO056-115": ["LMC"], "NGC0292": ["SMC"]}
OBJECTS = """
    SELECT name, messier, commonnames, ra, dec FROM objects
    WHERE ra IS NOT NULL AND type NOT IN ('NonEx') ORDER BY type = 'Dup', name
"""


def objects() -> Iterator[str]:
    """Yield a line for each object of OpenNGC that has a place; duplicates come last."""
    path = files("pyongc") / "ongc.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        for name, messier, common, ra, dec in database.execute(OBJECTS):
            names = [f"M {int(messier)}"] if messier else []
            names += [DESIGNATION.sub(r"\1 \2\3", name), *common.split(","), *ALSO.get(name, [])]
            yield line(math.degrees(ra), math.degrees(dec), names, digits=5)


def stars(folder: Path) -> Iterator[str]:
    """Yield a line for each star of d3-celestial that has a name or a designation."""
    places = dict(_places(folder))
    genitives = dict(_genitives(folder))
    for number, star in _read(folder / "starnames.json").items():
        ra, dec = places[number]
        names = [*_star_names(star, genitives), *ALSO.get(number, [])]
        yield line(ra % 360, dec, names, digits=4)


def line(ra: float, dec: float, names: list[str], *, digits: int) -> str:
    """Return a line; the digits are those that the source has."""
    known = dict.fromkeys(" ".join(one.split()) for one in names if one.strip())
    keys = dict.fromkeys(map(key_of, known))
    return f"{ra:.{digits}f}\t{dec:.{digits}f}\t{'|'.join(known)}\t{'|'.join(keys)}"


def _star_names(star: dict[str, Any], genitives: dict[str, str]) -> list[str]:
    """Return the proper name, Bayer, Flamsteed, variable star, Gliese, HD and HIP designations."""
    place = star.get("c", "")
    short = [star.get(kind, "") for kind in ("bayer", "flam", "var")]
    names = [star.get("name", "")]
    if place in genitives:
        names += [f"{one} {place}" for one in short if one]
        names += [f"{one} {genitives[place]}" for one in short if one]
    return [*names, star.get("gl", ""), star.get("hd", ""), star.get("hip", "")]


def _places(folder: Path) -> Iterator[tuple[str, tuple[float, float]]]:
    for name in reversed(STAR_FILES):
        for feature in _read(folder / name)["features"]:
            yield str(feature["id"]), feature["geometry"]["coordinates"]


def _genitives(folder: Path) -> Iterator[tuple[str, str]]:
    for feature in _read(folder / "constellations.json")["features"]:
        yield feature["properties"]["desig"], feature["properties"]["gen"]


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def main(folder: Path) -> None:
    """Write both lists."""
    for name, lines in (("objects", objects()), ("stars", stars(folder / "data"))):
        (DATA / f"{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
