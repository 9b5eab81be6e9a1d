"""One side of a measurement, in a process of its own.

A child imports what it needs, works once on next to nothing, and only then counts: its CPU time
and that of its children, its wall time, and by how much its peak of memory grew.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

KILOBYTES = 1024
STATUS = Path("/proc/self/status")
RESET_PEAK = Path("/proc/self/clear_refs")


def run(module: str, *arguments: str) -> dict[str, Any]:
    """Run a module as a child and return the figures that it prints."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout))


def report(work: Callable[[], dict[str, Any]], warm_up: Callable[[], object]) -> None:
    """Measure `work` in this process and print the figures, its own among them."""
    warm_up()
    RESET_PEAK.write_text("5", encoding="ascii")
    idle, began, started = _megabytes("VmRSS"), time.monotonic(), _cpu()
    figures = work()
    figures["cpu_s"] = round(_cpu() - started, 2)
    figures["wall_s"] = round(time.monotonic() - began, 2)
    figures["idle_mb"] = idle
    figures["grew_mb"] = _megabytes("VmHWM") - idle
    print(json.dumps(figures))


def median(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the (lower) median of each figure of several runs."""
    return {key: round(statistics.median_low(run[key] for run in runs), 3) for key in runs[0]}


def conditions() -> dict[str, Any]:
    """Return what a reader of results wants to know about the machine."""
    return {
        "python": sys.version.split()[0],
        "cpus": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
    }


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _megabytes(name: str) -> int:
    """Return a figure of this process's own memory; getrusage's peak may be its parent's."""
    for line in STATUS.read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) // KILOBYTES
    raise LookupError(name)
