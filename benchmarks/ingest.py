"""A VOTable from a TAP service to a file of Arrow batches: ours against pyvo's to_table.

    python -m benchmarks.ingest --seed 1 --rows 1000000 --rounds 2

Both sides ask the same service on the loopback, in turns, each in a process of its own. Ours
ends with a pageable file on disk, pyvo's with an astropy table in memory. Ratios are of CPU
time; the service's is not counted.
"""

import argparse
import json
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyvo
import requests

from benchmarks import children
from benchmarks import tables
from portal.tables import FORMATS
from portal.tables import ResultTable
from portal.tables import TableEnd

SERIALISATIONS = {"BINARY2": "votable", "TABLEDATA": "votable-tabledata"}
SIDES = ("ours", "pyvo")
QUERY = "SELECT * FROM benchmark"


def main() -> None:
    """Measure, print a table, write the results."""
    options = _options()
    if options.measure:
        side = {"ours": _ours, "pyvo": _pyvo}[options.measure]
        children.report(lambda: side(options.url), lambda: side(options.url + "/small"))
        return
    results = {
        "benchmark": "ingest",
        "seed": options.seed,
        "rows": options.rows,
        "columns": len(tables.COLUMNS),
        **children.conditions(),
        "peer": f"pyvo {pyvo.__version__}",
    }
    with tempfile.TemporaryDirectory() as folder:
        results["cases"] = [_case(Path(folder), name, options) for name in SERIALISATIONS]
    options.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    results = Path(__file__).parent / "results"
    parser.add_argument("--output", type=Path, default=results / "ingest.json")
    parser.add_argument("--measure", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    return parser.parse_args()


def _case(folder: Path, serialisation: str, options: argparse.Namespace) -> dict[str, Any]:
    document, small = folder / serialisation, folder / f"{serialisation}-small"
    _write(document, serialisation, options.rows, options.seed)
    _write(small, serialisation, 100, options.seed)
    with _serving(document, small) as url:
        runs = [
            {
                side: children.run("benchmarks.ingest", "--measure", side, "--url", url)
                for side in SIDES
            }
            for _ in range(options.rounds)
        ]
    case = {side: children.median([run[side] for run in runs]) for side in SIDES}
    ratio = round(case["pyvo"]["cpu_s"] / case["ours"]["cpu_s"], 1)
    size = document.stat().st_size // 1_000_000
    document.unlink()
    print(f"{serialisation} ({size} MB): {ratio} times less CPU")
    for side, figures in case.items():
        print(f"  {side:6}", figures)
    return {"serialisation": serialisation, "document_mb": size, "ratio": ratio, **case}


def _run(side: str, url: str) -> dict[str, Any]:
    return children.run("benchmarks.ingest", "--measure", side, "--url", url)


def _write(path: Path, serialisation: str, rows: int, seed: int) -> None:
    write = FORMATS[SERIALISATIONS[serialisation]].write
    with path.open("wb") as file:
        for piece in write(tables.COLUMNS, lambda: tables.batches(rows, seed)):
            file.write(piece)


class _Archive(BaseHTTPRequestHandler):
    """A TAP service whose every answer is a file: a small one below /small."""

    files: tuple[Path, Path]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        path = self.files["/small/" in self.path]
        self.send_response(200)
        self.send_header("Content-Type", "application/x-votable+xml")
        self.send_header("Content-Length", str(path.stat().st_size))
        self.end_headers()
        with path.open("rb") as file:
            shutil.copyfileobj(file, self.wfile)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _serving(document: Path, small: Path) -> Iterator[str]:
    handler = type("Handler", (_Archive,), {"files": (document, small)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _ours(url: str) -> dict[str, Any]:
    """Read the answer into an Arrow file on disk."""
    began, rows, first = time.monotonic(), 0, 0.0
    answer = requests.post(f"{url}/sync", {"QUERY": QUERY, "LANG": "ADQL"}, stream=True, timeout=60)
    table = ResultTable.from_votable(answer.raw)
    with tempfile.TemporaryFile() as file:
        writer = None
        for batch in table.batches:
            if isinstance(batch, TableEnd):
                break
            first = first or time.monotonic() - began
            writer = writer or pa.ipc.new_file(file, batch.schema)
            writer.write_batch(batch)
            rows += batch.num_rows
        writer.close()
    return {"rows": rows, "first_rows_s": round(first, 3)}


def _pyvo(url: str) -> dict[str, Any]:
    """Read the answer into an astropy table."""
    table = pyvo.dal.TAPService(url).run_sync(QUERY).to_table()
    return {"rows": len(table)}


if __name__ == "__main__":
    main()
