"""Pages of a stored result against Datasette over SQLite: CPU time of the servers, per page.

    python -m benchmarks.pages --seed 1 --rows 1000000 --large 10000000

Both serve the same rows as HTML over loopback HTTP, 100 a page, and are asked in turns. The
ratio is theirs to ours. `--large` adds pages of ours alone from a larger result (0: none).
"""

import argparse
import contextlib
import json
import os
import platform
import random
import re
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import pages_peer
from benchmarks import tables
from benchmarks.servers import running
from benchmarks.servers import Server
from portal.results.keys import ResultKey
from portal.results.orders import build_order
from portal.results.store import ResultStore
from portal.tables import ResultTable
from portal.tables import TableEnd

ROWS = 100
ORDERS = (None, "ra", "mag_g", "dec", "source_id")
LARGE_PAGES = 40
FIRST_NAME = re.compile(rb"Survey DR3 \d+")
NUMBERS = [column.name for column in tables.COLUMNS if column.is_numeric]


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        report = {
            "benchmark": "pages",
            "seed": options.seed,
            "rows": options.rows,
            "python": platform.python_version(),
            "cpus": os.cpu_count(),
            "load_average": round(os.getloadavg()[0], 1),
            "peer": pages_peer.DATASETTE,
            "peer_indexes": pages_peer.INDEXED,
            "pages": _compare(Path(scratch), options),
        }
        if options.large:
            report["large"] = _large(Path(scratch), options)
    options.output.write_text(json.dumps(report, indent=1) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--large", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--scratch", type=Path)
    results = Path(__file__).parent / "results"
    parser.add_argument("--output", type=Path, default=results / "pages.json")
    return parser.parse_args()


def _compare(scratch: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    database = scratch / "peer.db"
    pages_peer.make_database(database, rows=options.rows, seed=options.seed)
    store, key = _store(scratch, rows=options.rows, seed=options.seed)
    print(f"{'order':12}{'first row':>12}{'ours ms':>10}{'theirs ms':>11}{'ratio':>8}   (CPU)")
    with _serving(store, key) as ours, pages_peer.serving(database) as theirs:
        pages = [
            _case(ours, theirs, database, sort=sort, first=first, rounds=options.rounds)
            for sort in ORDERS
            for first in (0, options.rows // 2, options.rows - ROWS)
        ]
    ratios = [page["ratio"] for page in pages]
    print(f"least ratio {min(ratios):.1f}, median {statistics.median(ratios):.1f}")
    return pages


def _case(
    ours: Server, theirs: Server, database: Path, *, sort: str | None, first: int, rounds: int
) -> dict[str, Any]:
    """Measure one page of both, in turns; both must begin with the same row."""
    our_path = f"/?first={first}" + (f"&sort={sort}" if sort else "")
    their_path = pages_peer.page_path(database, first=first, sort=sort)
    first_ours, first_theirs = ours.measure(our_path, 1), theirs.measure(their_path, 1)
    names = [_first_name(first_ours.body), _first_name(first_theirs.body)]
    if names[0] is None or names[0] != names[1]:
        raise RuntimeError(f"the pages differ: {sort} from row {first}: {names}")
    mine, peers = [], []
    for _ in range(rounds):
        mine.append(ours.measure(our_path, 10))
        peers.append(theirs.measure(their_path, 3))
    case = {
        "order": sort or "natural",
        "first_row": first,
        "ours_cpu_ms": _median_ms([answer.cpu for answer in mine]),
        "theirs_cpu_ms": _median_ms([answer.cpu for answer in peers]),
        "ours_wall_ms": _median_ms([answer.wall for answer in mine]),
        "theirs_wall_ms": _median_ms([answer.wall for answer in peers]),
        "ours_first_wall_ms": _median_ms([first_ours.wall]),
        "theirs_first_wall_ms": _median_ms([first_theirs.wall]),
        "ours_kb": len(mine[0].body) // 1000,
        "theirs_kb": len(peers[0].body) // 1000,
    }
    case["ratio"] = round(case["theirs_cpu_ms"] / case["ours_cpu_ms"], 2)
    print(
        f"{case['order']:12}{first:12}{case['ours_cpu_ms']:10.2f}"
        f"{case['theirs_cpu_ms']:11.2f}{case['ratio']:8.1f}"
    )
    return case


def _large(scratch: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Measure pages of ours anywhere in a large result, by every numeric column."""
    started = time.process_time()
    store, key = _store(scratch, rows=options.large, seed=options.seed)
    report: dict[str, Any] = {"rows": options.large, "write_cpu_s": time.process_time() - started}
    chosen = random.Random(options.seed)
    places = [(chosen.randrange(options.large), chosen.choice(NUMBERS)) for _ in range(LARGE_PAGES)]
    with _serving(store, key) as server:
        server.get("/")
        report["natural"] = _costs(server, [f"/?first={first}" for first, _ in places])
        sorted_paths = [f"/?first={first}&sort={name}" for first, name in places]
        report["sorted"] = _costs(server, sorted_paths)
        result = store.open(key)
        started = time.process_time()
        build_order(result, result.column_index("ra"), ascending=True)
        report["order_build_cpu_s"] = time.process_time() - started
        report["sorted_order_kept"] = _costs(
            server, [f"/?first={first}&sort=ra" for first, _ in places]
        )
    print(json.dumps(report, indent=1))
    return report


def _costs(server: Server, paths: list[str]) -> dict[str, float]:
    answers = [server.measure(path, 1) for path in paths]
    cpu = sorted(answer.cpu for answer in answers)
    return {
        "cpu_ms_median": _median_ms(cpu),
        "cpu_ms_p95": round(cpu[int(len(cpu) * 0.95)] * 1e3, 2),
        "wall_ms_median": _median_ms([answer.wall for answer in answers]),
    }


def _store(scratch: Path, *, rows: int, seed: int) -> tuple[ResultStore, ResultKey]:
    def batches() -> Iterator[Any]:
        yield from tables.batches(rows, seed)
        yield TableEnd()

    store = ResultStore(scratch / "store")
    key = ResultKey(uuid.uuid4().hex, uuid.uuid4().hex, "result")
    table = ResultTable(columns=tables.COLUMNS, batches=batches())
    store.write(key, table, maxrec=rows, max_bytes=10**12)
    return store, key


@contextlib.contextmanager
def _serving(store: ResultStore, key: ResultKey) -> Iterator[Server]:
    """Start one worker of the portal's modules in the smallest app."""
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--no-control-socket",
        "-k",
        "gthread",
        "-w",
        "1",
        "--threads",
        "4",
    ]
    command += ["-b", "127.0.0.1:{port}", "benchmarks.pages_app:create_app()"]
    result = f"{key.job_id}/{key.token}/{key.name}"
    with running(command, BENCH_STORE=str(store.root), BENCH_RESULT=result) as server:
        yield server


def _first_name(body: bytes) -> bytes | None:
    found = FIRST_NAME.search(body)
    return found.group() if found else None


def _median_ms(seconds: list[float]) -> float:
    return round(statistics.median(seconds) * 1e3, 2)


if __name__ == "__main__":
    main()
