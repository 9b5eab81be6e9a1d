"""What the registry of the test services says of tables, coverage, dates and relationships.

Everything follows from the number of a resource, so that tests know what to find.
"""

import itertools
from collections.abc import Iterator

ALL_SKY = "0/0-11"
LAST_CELL = 4**6 * 12 - 1
JOULE = 4e-19  # green light
DATE = "2021-05-06T00:00:00"
MODELS = ("ivo://ivoa.net/std/ObsCore#core-1.1", "ivo://ivoa.net/std/RegTAP#1.1")
MODEL_XPATH = "/capability/dataModel/@ivo-id"
COLUMNS = (
    ("id", "meta.id;meta.main", None, "char", "Identifier"),
    ("ra", "pos.eq.ra;meta.main", "deg", "double", "Right ascension"),
    ("dec", "pos.eq.dec;meta.main", "deg", "double", "Declination"),
)
MAGNITUDE = ("vmag", "phot.mag;em.opt.V", "mag", "float", "Brightness")
REDSHIFT = ("z", "src.redshift", None, "float", "Redshift")


def tables(entries: list[dict]) -> dict[str, Iterator[tuple]]:
    """Return the rows of each table, by its name in the schema rr."""
    numbered = list(enumerate(entries))
    makers = {
        "alt_identifier": _identifiers,
        "relationship": _relationships,
        "res_date": _dates,
        "res_detail": _details,
        "res_table": _tables,
        "table_column": _columns,
        "stc_spatial": _spatial,
        "stc_temporal": _temporal,
        "stc_spectral": _spectral,
    }
    return {
        name: itertools.chain.from_iterable(itertools.starmap(maker, numbered))
        for name, maker in makers.items()
    }


def _identifiers(number: int, entry: dict) -> Iterator[tuple]:
    if number % 7 == 0:
        yield entry["ivoid"], f"doi:10.1234/test.{number}"


def _relationships(number: int, entry: dict) -> Iterator[tuple]:
    if number % 20 == 1:
        yield entry["ivoid"], "isservedby", "ivo://portal.test/tap", "Test services TAP"


def _dates(number: int, entry: dict) -> Iterator[tuple]:
    yield entry["ivoid"], DATE, "created"


def _details(number: int, entry: dict) -> Iterator[tuple]:
    if any(standard == "tap" for standard, _ in entry["services"]) and number % 4 == 0:
        for model in MODELS if number == 0 else MODELS[:1]:
            yield entry["ivoid"], 1, MODEL_XPATH, model


def _tables(number: int, entry: dict) -> Iterator[tuple]:
    if number % 2 == 0:
        utype = "ivo://ivoa.net/std/epntap#table-2.0" if number % 50 == 0 else None
        title = f"Main table of {number}"
        yield entry["ivoid"], 1, f"{title}.", f"t{number}.main", 1, title, "output", utype


def _columns(number: int, entry: dict) -> Iterator[tuple]:
    if number % 2 == 0:
        others = [MAGNITUDE] * (number % 6 == 0) + [REDSHIFT] * (number % 10 == 0)
        for name, ucd, unit, datatype, description in (*COLUMNS, *others):
            yield entry["ivoid"], 1, name, ucd, unit, None, datatype, description


def _spatial(number: int, entry: dict) -> Iterator[tuple]:
    if number % 3 == 0:
        first = number * 977 % (LAST_CELL - 3_000)
        part = f"6/{first}-{first + number % 2_500}"
        yield entry["ivoid"], ALL_SKY if number % 30 == 0 else part, None


def _temporal(number: int, entry: dict) -> Iterator[tuple]:
    if number % 4 == 0:
        yield entry["ivoid"], 50_000 + number, 50_000 + number + 300


def _spectral(number: int, entry: dict) -> Iterator[tuple]:
    if number % 5 == 0:
        yield entry["ivoid"], JOULE * (number + 1) / 1_000, JOULE * (number + 1) / 500
