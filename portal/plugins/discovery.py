"""Which plugins are installed, and whether each can be loaded without harm."""

import logging
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from types import ModuleType

GROUP = "portal.plugins"
PROBE_SECONDS = 20.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A plugin that may be loaded: its name, its module, and where it comes from."""

    name: str
    load: Callable[[], ModuleType]
    distribution: str = ""
    version: str = ""


def installed(disabled: Iterable[str] = ()) -> list[Candidate]:
    """Return the plugins of all installed distributions, by their entry points, by name."""
    left_out = set(disabled)
    return [
        Candidate(
            name=point.name,
            load=lambda value=point.value: import_module(value),  # type: ignore[misc]
            distribution=point.dist.name if point.dist else "",
            version=point.dist.version if point.dist else "",
        )
        for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)
        if point.name not in left_out
    ]


def probe(trial: Callable[[], object], *, seconds: float = PROBE_SECONDS) -> str | None:
    """Try something in a forked child; return why it failed, or None when it went well.

    A plugin that calls `sys.exit`, ends its process or never returns shows its nature there
    and not here. Call it while the process has no threads and no open connections.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _try_in_child(trial, writer)
    os.close(writer)
    try:
        return _verdict(pid, reader, seconds)
    finally:
        os.close(reader)


def _try_in_child(trial: Callable[[], object], writer: int) -> None:
    verdict = "ended the process"
    try:
        trial()
        verdict = ""
    except SystemExit:
        verdict = "called sys.exit"
    except BaseException as error:  # noqa: BLE001 - to find out what it does is the point
        verdict = f"{type(error).__name__}: {error}"
    finally:
        sys.stdout.flush()
        os.write(writer, b"!" + verdict.encode()[:4000])
        os._exit(0)


def _verdict(pid: int, reader: int, seconds: float) -> str | None:
    until = time.monotonic() + seconds
    ready, _, _ = select.select([reader], [], [], max(0.0, until - time.monotonic()))
    answer = os.read(reader, 8000) if ready else b""
    if not ready:
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    if not ready:
        return f"did not finish loading within {seconds:.0f} s"
    if not answer.startswith(b"!"):
        return "ended the process while it was loaded"
    return answer[1:].decode(errors="replace") or None
