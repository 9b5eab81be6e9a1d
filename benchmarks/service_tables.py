"""Reading what a very large TAP service has, and browsing it, beside pyvo.

    python -m benchmarks.service_tables --seed 1 --tables 50000

A service on this machine lists that many tables with ten columns each. Each side reads it in a
process of its own: pyvo into objects in memory, as a program would that browses with it; the
portal into a file, with all columns (a service that does not know `detail=min`) and without. Then
each look-up that a page or an editor makes: CPU time, the median of several, cached file.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import requests

from benchmarks import children
from portal.archives.tableaddress import TableAddress
from portal.archives.tableview import look_up
from portal.plugins.testing import RunningJob
from portal_vo.metadata.job import MetadataParameters
from portal_vo.metadata.job import MetadataQuery
from portal_vo.metadata.store import MetadataStore
from portal_vo.tap import TapQuery
from tests.support.loopback import Exchange
from tests.support.loopback import loopback

RESULTS = Path(__file__).parent / "results" / "service_tables.txt"
WORDS = ("galaxies", "stars", "survey", "catalogue", "photometry", "redshifts", "radio", "spectra")
SIDES = ("pyvo", "portal", "portal-short")
COLUMNS = 10
ROUNDS = 9
LARGEST = 2_000_000_000
PAGES = {
    "first page": {},
    "a page in the middle": {"page": 500},
    "one schema": {"schema": "s7"},
    "a word in one table of eight": {"q": "quasars"},
    "two words": {"q": "radio quasars"},
    "a word in every table": {"q": "catalogue"},
    "a name": {"q": "J/A+A/77", "places": ("name",)},
    "one table": {"table": '"J/A+A/77/t12"'},
    "examples": {"tab": "examples"},
}


def main() -> None:
    """Measure, print, write the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tables", type=int, default=50_000)
    parser.add_argument("--side", choices=SIDES)
    parser.add_argument("--url", default="")
    parser.add_argument("--output", type=Path, default=RESULTS)
    args = parser.parse_args()
    if args.side:
        run_side(args.side, args.url)
        return
    lines = [f"service_tables: {args.tables} tables, {COLUMNS} columns each, seed {args.seed}"]
    lines += [f"{name}: {value}" for name, value in children.conditions().items()]
    for side in SIDES:
        lines += measure(side, args.tables, args.seed)
    args.output.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def measure(side: str, tables: int, seed: int) -> list[str]:
    """Have a child read the service, and return what it says as lines."""
    with loopback() as server:
        server.routes["/tap/tables"] = sender(tables, seed, knows_detail=side != "portal")
        given = ("--side", side, "--url", f"{server.url}/tap")
        figures = children.run("benchmarks.service_tables", *given)
    looks = figures.pop("looks", {})
    own = [f"{name}: {value}" for name, value in figures.items()]
    return ["", side, *own, *(f"  {name:30} {value:8.2f} ms" for name, value in looks.items())]


def sender(tables: int, seed: int, *, knows_detail: bool) -> Callable[[Exchange], None]:
    """Return what answers /tables."""

    def send(exchange: Exchange) -> None:
        is_short = knows_detail and exchange.form.get("detail") == "min"
        exchange.head(content_type="text/xml")
        for part in document(tables, seed, with_columns=not is_short):
            exchange.write(part.encode())

    return send


def document(tables: int, seed: int, *, with_columns: bool) -> Iterator[str]:
    """Yield the tableset: a hundred schemas, tables named as those of journals are."""
    rng = random.Random(seed)
    columns = "".join(
        f"<column><name>c{i}</name><description>Value {i}, {WORDS[i % 8]}</description>"
        "<unit>mag</unit><ucd>phot.mag</ucd><dataType>double</dataType></column>"
        for i in range(COLUMNS)
    )
    yield '<v:tableset xmlns:v="http://www.ivoa.net/xml/VOSITables/v1.0">'
    for schema in range(100):
        yield f"<schema><name>s{schema}</name>"
        for number in range(tables // 100):
            rare = "quasars" if rng.random() < 1 / 8 else "things"
            yield (
                f'<table><name>"J/A+A/{schema}/t{number}"</name><description>A catalogue of '
                f"{rng.choice(WORDS)} and {rare} ({number})</description>"
                f"{columns if with_columns else ''}<nrows>{number}</nrows></table>"
            )
        yield "</schema>"
    yield "</v:tableset>"


def run_side(side: str, url: str) -> None:
    """Read the service in this process, and print the figures."""
    if side == "pyvo":
        children.report(lambda: read_with_pyvo(url), warm_up=import_pyvo)
    else:
        with tempfile.TemporaryDirectory() as folder:
            children.report(lambda: read_with_portal(url, Path(folder)), warm_up=lambda: None)


def import_pyvo() -> None:
    """Count reading, not the import."""
    import pyvo.dal  # noqa: F401 - only so that it is loaded


def read_with_pyvo(url: str) -> dict[str, object]:
    """Read all tables with their columns, as `TAPService.tables` does."""
    from pyvo.io import vosi

    with requests.get(f"{url}/tables", stream=True, timeout=600) as response:
        response.raw.decode_content = True
        found = vosi.parse_tables(response.raw.read)
    return {"tables": sum(1 for _ in found.iter_tables())}


def read_with_portal(url: str, folder: Path) -> dict[str, object]:
    """Read the service by its job, then look it up as pages and the editor do."""
    store = MetadataStore(folder / "metadata")
    job = RunningJob(data_dir=folder, max_bytes=LARGEST, read_timeout=60)
    began = time.process_time()
    MetadataQuery(store).run(MetadataParameters(access_url=url), job.context())
    read = time.process_time() - began
    size = next((folder / "metadata").glob("*.sqlite")).stat().st_size
    query, values = TapQuery(store), {"access_url": url}
    looks = {
        name: typical(lambda asked=asked: look_up(query, TableAddress(values=values, **asked)))
        for name, asked in PAGES.items()
    }
    tables = query.metadata(values).tables
    looks["find a table"] = typical(lambda: tables.find_table('"j/a+a/77/T12"'))
    looks["complete a name"] = typical(lambda: tables.complete("J/A+A/7"))
    looks["names like it"] = typical(lambda: tables.similar_tables('"J/A+A/77/t12x"'))
    return {"read_cpu_s": round(read, 1), "file_mb": size // 1_000_000, "looks": looks}


def typical(work: Callable[[], object]) -> float:
    """Return the median CPU time in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        times.append((time.process_time() - began) * 1_000)
    return round(statistics.median(times), 2)


if __name__ == "__main__":
    main()
