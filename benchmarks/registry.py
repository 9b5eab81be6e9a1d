"""Searches of the copy of the registry, as one types, against a scan with LIKE.

    python -m benchmarks.registry --seed 1 --resources 30000

Makes a registry of that many resources (about 2 kB of text each, half of them with 20 columns
of tables and a coverage), then asks both sides the same: every search is one page of 20
answers with the number of all of them and, on our side, of each type and waveband. Times are
wall times in one process, without HTTP and templates.
"""

import argparse
import itertools
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from datetime import datetime
from datetime import UTC
from pathlib import Path

from benchmarks import children
from portal.plugins import parse_position
from portal_vo.constraints import RegistryConstraints
from portal_vo.mirror.files import Mirror
from portal_vo.mirror.files import MirrorFiles
from portal_vo.mirror.indexing import entry_of
from portal_vo.mirror.search import search
from portal_vo.mirror.source import Record
from portal_vo.mirror.staging import open_staging

REGISTRY = "http://registry.example.org/tap"
RESULTS = Path(__file__).parent / "results" / "registry.txt"
STANDARDS = ("tap", "tap#aux", "conesearch", "sia", "sia#query-2.0", "ssa")
BANDS = ("radio", "infrared", "optical", "uv", "x-ray", "gamma-ray")
UCDS = ("pos.eq.ra", "pos.eq.dec", "phot.mag;em.opt.V", "src.redshift", "meta.id", "time.epoch")
# Words that are searched for, by their rank: "survey" is in nearly all, "pulsar" in a few hundred.
RANKS = {
    0: "survey",
    40: "catalogue",
    60: "galaxy",
    100: "observations",
    900: "pulsar",
    1500: "timing",
}
VOCABULARY = [RANKS.get(rank, f"w{rank}") for rank in range(20_000)]
WEIGHTS = list(itertools.accumulate(1 / (rank + 1) for rank in range(20_000)))
TYPED = "pulsar timing observations"
ROUNDS = 5
BATCH = 500


def main() -> None:
    """Measure, print, write the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resources", type=int, default=30_000)
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = MirrorFiles(Path(folder), REGISTRY)
        seconds = _build(files, options.resources, options.seed)
        lines = _lines(files, options, seconds)
        files.close()
    text = "\n".join(lines) + "\n"
    print(text, end="")
    options.output.write_text(text, encoding="utf-8")


def _lines(files: MirrorFiles, options: argparse.Namespace, seconds: float) -> list[str]:
    size = files.live.stat().st_size / 1e6
    began = time.perf_counter()
    mirror = files.reader()
    search(mirror, RegistryConstraints(keywords="w17"))
    cold = 1e3 * (time.perf_counter() - began)
    lines = [
        f"registry: {options.resources} resources, seed {options.seed}",
        *(f"{name}: {value}" for name, value in children.conditions().items()),
        f"built in {seconds:.1f} s, {size:.0f} MB; opened and asked once in {cold:.0f} ms",
        "",
        f"{'search':<28}{'found':>8}{'ours, ms':>10}{'LIKE, ms':>10}{'ratio':>8}",
    ]
    ours, typed = [], []
    for name, asked in _searches():
        found, mine = _timed(lambda asked=asked: _ours(mirror, asked))
        _, theirs = _timed(lambda asked=asked: _like(mirror.connection, asked))
        ours += mine
        typed += mine if name.startswith("typed") else []
        mine, theirs = statistics.median(mine), statistics.median(theirs)
        lines.append(f"{name:<28}{found:>8}{mine:>10.2f}{theirs:>10.2f}{theirs / mine:>8.1f}")
    for name, times in (("all searches", ours), ("typing", typed)):
        lines.append(
            f"{name}: median {statistics.median(times):.2f} ms,"
            f" 95 % within {statistics.quantiles(times, n=20)[-1]:.2f} ms,"
            f" worst {max(times):.2f} ms"
        )
    return lines


def _searches() -> Iterator[tuple[str, RegistryConstraints]]:
    for length in range(2, len(TYPED) + 1):
        if TYPED[length - 1] != " ":
            yield f"typed: {TYPED[:length]}", RegistryConstraints(keywords=TYPED[:length])
    others = {
        "nothing": {},
        "rare word": {"keywords": "w15000"},
        "two words": {"keywords": "w400 w900"},
        "common word": {"keywords": "survey"},
        "phrase": {"keywords": '"galaxy survey"'},
        "word and waveband": {"keywords": "galaxy", "waveband": "radio"},
        "word, type, waveband": {"keywords": "w300", "waveband": "uv", "service_type": "tap"},
        "waveband": {"waveband": ["radio", "x-ray"]},
        "author": {"author": "Name77"},
        "UCD": {"ucd": "phot.mag%"},
        "subject": {"subject": "subject-12"},
        "position": {"position": "120 30"},
        "circle": {"position": "120 30", "radius": 5},
        "time": {"time": "2005-01-01 2005-06-30"},
        "spectrum": {"spectrum": "400-700 nm"},
        "word, position and time": {"keywords": "galaxy", "position": "120 30", "time": "55000"},
    }
    yield from ((name, RegistryConstraints(**asked)) for name, asked in others.items())


def _ours(mirror: Mirror, asked: RegistryConstraints) -> int:
    position = parse_position(asked.position) if asked.position else None
    return search(mirror, asked, position=position).total


def _like(connection: sqlite3.Connection, asked: RegistryConstraints) -> int:
    """Look for the words, or for whatever else is asked, in every text of every resource."""
    text = asked.keywords.replace('"', "") or asked.author or asked.subject or "w17"
    where = " AND ".join(
        "(title LIKE ? OR subjects LIKE ? OR description LIKE ?)" for _ in text.split()
    )
    values = [f"%{word}%" for word in text.split() for _ in range(3)]
    (total,) = connection.execute(f"SELECT COUNT(*) FROM words WHERE {where}", values).fetchone()
    connection.execute(
        f"SELECT title, description FROM words WHERE {where} ORDER BY title LIMIT 20", values
    ).fetchall()
    return total


def _timed(work: Callable[[], int]) -> tuple[int, list[float]]:
    work()
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        found = work()
        times.append(1e3 * (time.perf_counter() - began))
    return found, times


def _build(files: MirrorFiles, resources: int, seed: int) -> float:
    began = time.perf_counter()
    chance = random.Random(seed)
    copy = open_staging(files.staging, live=files.live, registry=REGISTRY)
    for start in range(0, resources, BATCH):
        numbers = range(start, min(start + BATCH, resources))
        copy.put(entry_of(f"ivo://example/{n}", _record(n, chance)) for n in numbers)
    copy.finish(files.live, as_of=datetime.now(UTC))
    return time.perf_counter() - began


def _words(chance: random.Random, count: int) -> str:
    """Return words that are as uneven as those of a language (Zipf's law)."""
    return " ".join(chance.choices(VOCABULARY, cum_weights=WEIGHTS, k=count))


def _record(number: int, chance: random.Random) -> Record:
    rich = number % 2 == 0
    first = chance.randrange(49_000)
    start = chance.uniform(40_000, 60_000)
    energy = 10 ** chance.uniform(-26, -14)
    standard = chance.choice(STANDARDS)
    return Record(
        resource={
            "res_title": _words(chance, 8),
            "short_name": f"S{number}",
            "updated": "2026-01-01T00:00:00",
            "res_description": _words(chance, 220),
            "waveband": "#".join(chance.sample(BANDS, chance.choice((1, 1, 2)))),
        },
        rows={
            "capability": [{"cap_index": 1, "standard_id": f"ivo://ivoa.net/std/{standard}"}],
            "interface": [
                {"cap_index": 1, "intf_role": "std", "access_url": f"http://example.org/{number}"}
            ],
            "res_role": [
                {"base_role": "creator", "role_name": f"Name{chance.randrange(5_000)}, A."}
                for _ in range(4)
            ],
            "res_subject": [{"res_subject": f"subject-{chance.randrange(300)}"}],
            "res_table": [{"table_index": 1, "table_name": f"t{number}.main"}],
            "table_column": [
                {"table_index": 1, "name": f"c{n}", "ucd": f"{chance.choice(UCDS)}"}
                for n in range(20 if rich else 5)
            ],
            "stc_spatial": [
                {
                    "coverage": "0/0-11"
                    if number % 20 == 0
                    else f"6/{first}-{first + chance.randrange(1, 150)} {chance.randrange(49_000)}"
                }
            ]
            if rich
            else [],
            "stc_temporal": [{"time_start": start, "time_end": start + 500}] if rich else [],
            "stc_spectral": [{"spectral_start": energy, "spectral_end": 3 * energy}]
            if rich
            else [],
        },
    )


if __name__ == "__main__":
    main()
