"""Downloads of a stored table: our streaming writers against astropy's.

    python -m benchmarks.export --seed 1 --rows 1000000 --rounds 1

Ours reads a Parquet file and writes the download; astropy writes a table that it already holds
in memory, which is not counted. In turns, each in a process of its own. Ratios are of CPU time.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from astropy.table import MaskedColumn
from astropy.table import Table

from benchmarks import children
from benchmarks import tables
from portal.tables import FORMATS

SIDES = ("ours", "astropy")
WARM_UP_ROWS = 10


def main() -> None:
    """Measure, print a table, write the results."""
    options = _options()
    if options.measure:
        side = {"ours": _ours, "astropy": _astropy}[options.measure]
        small, whole = (side(options.format, options.source, rows) for rows in (WARM_UP_ROWS, None))
        children.report(whole, small)
        return
    results = {
        "benchmark": "export",
        "seed": options.seed,
        "rows": options.rows,
        "columns": len(tables.COLUMNS),
        **children.conditions(),
    }
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source.parquet"
        with source.open("wb") as file:
            rows = lambda: tables.batches(options.rows, options.seed)  # noqa: E731
            file.writelines(FORMATS["parquet"].write(tables.COLUMNS, rows))
        results["cases"] = [_case(source, name, options) for name in options.formats]
    options.output.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--formats", nargs="*", default=list(FORMATS))
    results = Path(__file__).parent / "results"
    parser.add_argument("--output", type=Path, default=results / "export.json")
    parser.add_argument("--measure", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--format", help=argparse.SUPPRESS)
    parser.add_argument("--source", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _case(source: Path, name: str, options: argparse.Namespace) -> dict[str, Any]:
    arguments = ("--format", name, "--source", str(source))
    runs = [
        {side: children.run("benchmarks.export", "--measure", side, *arguments) for side in SIDES}
        for _ in range(options.rounds)
    ]
    case = {side: children.median([run[side] for run in runs]) for side in SIDES}
    ratio = round(case["astropy"]["cpu_s"] / max(case["ours"]["cpu_s"], 0.01), 1)
    print(f"{name}: {ratio} times less CPU")
    for side, figures in case.items():
        print(f"  {side:8}", figures)
    return {"format": name, "ratio": ratio, **case}


def _ours(name: str, source: Path, rows: int | None) -> Callable[[], dict[str, Any]]:
    """Return the work of streaming a file from Parquet."""

    def batches() -> Iterator[pa.RecordBatch]:
        with pq.ParquetFile(source) as file:
            for batch in file.iter_batches(batch_size=16_384):
                yield batch if rows is None else batch.slice(0, rows)
                if rows is not None:
                    return

    def work() -> dict[str, Any]:
        began, first, size = time.monotonic(), 0.0, 0
        with tempfile.TemporaryFile() as file:
            for piece in FORMATS[name].write(tables.COLUMNS, batches):
                first = first or time.monotonic() - began
                size += file.write(piece)
        return {"first_byte_s": round(first, 3), "mb": size // 1_000_000}

    return work


def _astropy(name: str, source: Path, rows: int | None) -> Callable[[], dict[str, Any]]:
    """Return the work of writing a table in memory with astropy."""
    table = _table(pq.read_table(source).slice(0, rows), as_bytes=name == "fits")
    options = {
        "votable": {"format": "votable", "tabledata_format": "binary2"},
        "votable-tabledata": {"format": "votable", "tabledata_format": "tabledata"},
        "fits": {"format": "fits"},
        "csv": {"format": "ascii.csv"},
        "ecsv": {"format": "ascii.ecsv"},
        "parquet": {"format": "parquet"},
    }

    def work() -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "table"
            table.write(path, **options[name])
            return {"mb": path.stat().st_size // 1_000_000}

    return work


def _table(rows: pa.Table, *, as_bytes: bool) -> Table:
    """Return an astropy table; its FITS writer takes other alphabets as UTF-8 bytes only."""
    table = Table()
    for column, cells in zip(tables.COLUMNS, rows.columns, strict=True):
        if column.datatype == "unicodeChar" and as_bytes:
            table[column.name] = np.array([text.encode() for text in cells.to_pylist()])
        elif column.is_text:
            table[column.name] = np.array(cells.to_pylist())
        else:
            null = cells.is_null().to_numpy()
            values = cells.fill_null(False if column.datatype == "boolean" else 0).to_numpy()
            table[column.name] = MaskedColumn(values, mask=null) if null.any() else values
    return table


if __name__ == "__main__":
    main()
