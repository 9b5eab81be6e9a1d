"""Write the data of the test services: a registry, a catalogue and observations.

    python sample.py FOLDER BASE_URL SEED

makes `FOLDER/<schema>/<table>.csv` for every table that the descriptors load.
"""

import csv
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import coverage
import pictures

AUTHORITY = "portal.test"
NOBODY = "http://127.0.0.1:9"
N_RESOURCES = 2_000
N_SOURCES = 20_000
N_OBSERVATIONS = 2_000
CREATED = "2020-01-01T00:00:00"
UPDATED = "2026-01-01T00:00:00"

OBJECTS = ["galaxy", "pulsar", "quasar", "cluster", "nebula", "star", "supernova", "exoplanet"]
KINDS = ["survey", "catalogue", "spectra", "images", "photometry", "redshifts", "light curves"]
BANDS = ["radio", "millimeter", "infrared", "optical", "uv", "euv", "x-ray", "gamma-ray"]
SITES = ["Dwingeloo", "Arcetri", "Heidelberg", "Strasbourg", "Madrid", "Canberra", "Pune"]
STANDARDS = {
    "tap": "ivo://ivoa.net/std/tap",
    "tap#aux": "ivo://ivoa.net/std/tap#aux",
    "scs": "ivo://ivoa.net/std/conesearch",
    "sia": "ivo://ivoa.net/std/sia",
    "sia2": "ivo://ivoa.net/std/sia#query-2.0",
    "ssa": "ivo://ivoa.net/std/ssa",
}
# What this server itself offers; None stands for no interface at all.
LOCAL = (
    ("tap", "Test services TAP", "All tables of the test services.", "optical", [("tap", "/tap")]),
    (
        "labcat",
        "Laboratory catalogue, with a comma",
        "Generated <b>sources</b> & more: <script>alert(1)</script> all over the sky.",
        "optical#infrared",
        [("tap#aux", "/tap"), ("scs", "/labcat/q/cone/scs.xml?")],
    ),
    (
        "obs",
        "Zephyr radio continuum images",
        "Observations of the zephyr survey, published by ObsCore.",
        "radio",
        [("tap#aux", "/tap")],
    ),
    ("nowhere", "Zephyr without an interface", "It cannot be queried.", "radio", [("tap", None)]),
    ("paper", "Zephyr as a document", "It has no capability.", "radio", []),
)


def _write_rows(path: Path, rows) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as target:
        csv.writer(target).writerows(rows)


def _write_registry(folder: Path, chance: random.Random, base_url: str) -> None:
    entries = [*_local(base_url), *_remote(chance)]
    _write_rows(folder / "resource.csv", (_resource(entry) for entry in entries))
    _write_rows(folder / "capability.csv", _capabilities(entries))
    _write_rows(folder / "interface.csv", _interfaces(entries))
    _write_rows(
        folder / "res_subject.csv", ((e["ivoid"], s) for e in entries for s in e["subjects"])
    )
    _write_rows(folder / "res_role.csv", _roles(entries))
    for name, rows in coverage.tables(entries).items():
        _write_rows(folder / f"{name}.csv", rows)


def _local(base_url: str) -> Iterator[dict]:
    for key, title, description, bands, services in LOCAL:
        yield {
            "ivoid": f"ivo://{AUTHORITY}/{key}",
            "short_name": f"test {key}",
            "title": title,
            "description": description,
            "bands": bands,
            "site": "Portal tests",
            "subjects": ["tests"],
            "services": [(std, path and base_url + path) for std, path in services],
        }


def _remote(chance: random.Random) -> Iterator[dict]:
    for number in range(N_RESOURCES):
        thing, kind = chance.choice(OBJECTS), chance.choice(KINDS)
        site, bands = chance.choice(SITES), chance.sample(BANDS, chance.choice([1, 1, 2]))
        standard = chance.choice(list(STANDARDS))
        yield {
            "ivoid": f"ivo://remote.test/{number}",
            "short_name": f"{site[:4]}{number}" if number % 10 else None,
            "title": f"{site} {thing} {kind} {number}",
            "description": f"{kind.capitalize()} of the {thing} project at {site}, in {bands[0]}.",
            "bands": "#".join(bands),
            "site": site,
            "subjects": [thing, kind],
            "services": [(standard, f"{NOBODY}/{number}/{standard}")],
        }


def _resource(entry: dict) -> tuple:
    return (
        entry["ivoid"], "vs:catalogservice", CREATED, entry["short_name"], entry["title"], UPDATED,
        "research", entry["description"], f"https://{AUTHORITY}/about", f"Staff of {entry['site']}",
        "catalog", None, None, None, None, entry["bands"], None,
    )  # fmt: skip


def _capabilities(entries: list[dict]) -> Iterator[tuple]:
    for entry in entries:
        for index, (standard, _url) in enumerate(entry["services"], 1):
            yield entry["ivoid"], index, None, None, STANDARDS[standard]


def _interfaces(entries: list[dict]) -> Iterator[tuple]:
    for entry in entries:
        for index, (_standard, url) in enumerate(entry["services"], 1):
            if url:
                yield (
                    entry["ivoid"], index, 1, "vs:paramhttp", "std", "1.1", "get", None, None,
                    "base", url, None,
                )  # fmt: skip


def _roles(entries: list[dict]) -> Iterator[tuple]:
    for entry in entries:
        for role in ("publisher", "creator", "contact"):
            yield entry["ivoid"], f"{entry['site']} {role}", None, None, None, None, None, role


def _sources(chance: random.Random) -> Iterator[tuple]:
    for number in range(N_SOURCES):
        ra, dec = round(chance.uniform(0, 360), 6), round(chance.uniform(-90, 90), 6)
        mag = None if number % 10 == 0 else round(chance.gauss(18, 2), 3)
        error = f"{{{chance.uniform(0.01, 1):.3f},{chance.uniform(0.01, 1):.3f}}}"
        name = f"LAB {number}, field {number % 7}"
        variable = None if number % 11 == 0 else number % 3 == 0
        yield number, name, ra, dec, mag, chance.randint(1, 50), variable, error


def _observations(chance: random.Random) -> Iterator[tuple]:
    for number in range(N_OBSERVATIONS):
        collection = "zephyr-dr1" if number % 5 else "breeze-dr2"
        subtype = chance.choice(["continuum", "continuum", "polarization", "calibrated"])
        kind = "visibility" if subtype == "calibrated" else "image"
        start = round(58_000 + chance.uniform(0, 1_000), 5)
        yield (
            f"obs{number:05d}", collection, kind, subtype, 2, f"{subtype} image {number}",
            f"Field {number % 100}", round(chance.uniform(0, 360), 6),
            round(chance.uniform(-30, 90), 6), 0.5, start, start + 0.5, 0.2, 0.22,
            f"{NOBODY}/data/obs{number:05d}.fits", "image/fits", chance.randint(100, 90_000),
        )  # fmt: skip


def main(folder: Path, base_url: str, seed: int) -> None:
    """Write everything; the same seed gives the same files."""
    chance = random.Random(seed)
    _write_registry(folder / "rr", chance, base_url)
    _write_rows(folder / "labcat" / "sources.csv", _sources(chance))
    _write_rows(folder / "obs" / "observations.csv", _observations(chance))
    pictures.write_pictures(folder / "sky" / "data")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
