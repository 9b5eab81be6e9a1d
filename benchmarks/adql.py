"""What the check of an ADQL query costs while somebody types, beside parsing it with sqlglot.

    python -m benchmarks.adql --seed 1 --rounds 30

CPU time of one process, in turns. sqlglot reads the same texts with the dialect that this
project runs on its own tables: it knows no tables and stops at the first error.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import children
from portal.adql import check
from portal.adql import ColumnInfo
from portal.adql import format_adql
from portal.adql import MemoryTables
from portal.adql import parse
from portal.adql import TableInfo

RESULTS = Path(__file__).parent / "results" / "adql.txt"
COLUMNS = 152
WORDS = (
    "ra",
    "dec",
    "parallax",
    "pmra",
    "pmdec",
    "phot",
    "mag",
    "flux",
    "error",
    "corr",
    "bp",
    "g",
)
TYPICAL = """
SELECT TOP 100 g.source_id, g.ra, g.dec, g.parallax,
  DISTANCE(POINT(g.ra, g.dec), POINT(56.75, 24.12)) AS separation
FROM gaiadr3.gaia_source AS g
  JOIN TAP_UPLOAD.mine AS u ON 1 = CONTAINS(POINT(g.ra, g.dec), CIRCLE(u.ra, u.dec, 0.001))
WHERE g.parallax > 10 AND g.mag BETWEEN 5 AND 10 AND g.dec IS NOT NULL
ORDER BY separation
"""


def main() -> None:
    """Measure, print, write the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    tables = _tables(chance)
    lines = [f"python -m benchmarks.adql --seed {options.seed} --rounds {options.rounds}"]
    lines += [", ".join(f"{key}: {value}" for key, value in children.conditions().items()), ""]
    for name, text in _queries(chance).items():
        works: dict[str, Callable[[], object]] = {
            "check": lambda text=text: check(text, tables),
            "format": lambda text=text: format_adql(text),
        }
        if "wrong" not in name:
            works["sqlglot"] = lambda text=text: parse(text)
        times = _measure(works, options.rounds)
        shown = ", ".join(f"{one} {median:.2f} ms" for one, median in times.items())
        lines.append(f"{name} ({len(text):,} characters): {shown}")
    options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def _measure(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median CPU milliseconds of each, taken in turns."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            began = time.process_time()
            work()
            times[name].append((time.process_time() - began) * 1000)
    return {name: statistics.median(values) for name, values in times.items()}


def _tables(chance: random.Random) -> MemoryTables:
    names = {"source_id", "ra", "dec", "parallax", "mag"}
    while len(names) < COLUMNS:
        names.add("_".join(chance.choices(WORDS, k=3)))
    columns = [ColumnInfo(name=name) for name in sorted(names)]
    return MemoryTables({TableInfo(name="gaiadr3.gaia_source", schema="gaiadr3"): columns})


def _queries(chance: random.Random) -> dict[str, str]:
    ids = ", ".join(str(chance.randrange(10**18)) for _ in range(2000))
    corners = ", ".join(f"{chance.uniform(-90, 90):.5f}" for _ in range(400))
    source = "FROM gaiadr3.gaia_source"
    return {
        "typical": TYPICAL,
        "typical, three names wrong": TYPICAL.replace("g.parallax", "g.paralax"),
        "typical, a slip: wrong": TYPICAL.replace("WHERE", "WEHRE"),
        "IN with 2,000 values": f"SELECT ra {source} WHERE source_id IN ({ids})",
        "POLYGON with 200 corners": (
            f"SELECT ra {source} WHERE 1 = CONTAINS(POINT(ra, dec), POLYGON({corners}))"
        ),
        "500 conditions": f"SELECT ra {source} WHERE "
        + " AND ".join(f"ra > {chance.random():.6f}" for _ in range(500)),
    }


if __name__ == "__main__":
    main()
