"""One child process: started, started again when it ends, its output passed on, stopped."""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL
from asyncio.subprocess import Process
from asyncio.subprocess import STDOUT
from collections.abc import Callable
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field

from portal.problems import PortalError
from portal.supervisor.tether import tethered

CHUNK = 65_536
LONGEST_LINE = 1_000_000
FROM_OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM)  # no fault of the program


class GaveUpError(PortalError):
    """A child ended at once, again and again, or a step that must succeed failed."""

    title = "The portal stopped"


@dataclass(frozen=True)
class Program:
    """A command line, what is added to its environment, and the descriptors it inherits."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    inherits: tuple[int, ...] = ()


@dataclass(frozen=True)
class Patience:
    """Seconds and counts that decide about restarts and about stopping."""

    first_delay: float = 0.5
    longest_delay: float = 15.0
    early: float = 10.0  # ending sooner than this after a start counts as "at once"
    tries: int = 5
    grace: float = 10.0  # between SIGTERM and SIGKILL


def say(name: str, line: str) -> None:
    """Print a line of the named child, or of the supervisor itself."""
    with suppress(OSError):  # nobody reads any more, or the disk is full: run on
        sys.stdout.write(f"{name:<6} | {line}\n")
        sys.stdout.flush()


class Child:
    """The process of a program, of which there is never more than one at a time."""

    def __init__(self, program: Program, patience: Patience) -> None:
        self.program = program
        self._patience = patience
        self._process: Process | None = None

    async def keep_running(self) -> None:
        """Run the program again and again until cancelled; raises GaveUpError.

        It gives up when the program ends by itself at once, every time.
        """
        patience = self._patience
        early = 0
        while True:
            began = time.monotonic()
            status = await self.run_once()
            is_early = time.monotonic() - began < patience.early and status not in FROM_OUTSIDE
            early = early + 1 if is_early else 0
            if early >= patience.tries:
                raise GaveUpError(
                    f"{self.program.name} ended {early} times right after its start,"
                    f" the last time {describe(status)}; its last lines are above."
                )
            delay = min(patience.first_delay * 2**early, patience.longest_delay)
            say("portal", f"{self.program.name} ended {describe(status)}; again in {delay:g} s")
            await asyncio.sleep(delay)

    async def run_once(self) -> int:
        """Run the program to its end and return its status; cancelling stops it."""
        process = self._process = await self._start()
        try:
            return await process.wait()
        finally:
            await self._stop(process)
            self._process = None

    async def _start(self) -> Process:
        reading, writing = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *tethered(self.program.command),
                stdin=DEVNULL,
                stdout=writing,
                stderr=STDOUT,
                env={**os.environ, **self.program.environment},
                pass_fds=self.program.inherits,
                process_group=0,  # a terminal's Ctrl-C reaches the supervisor alone
            )
        finally:
            os.close(writing)
        _pass_on(reading, lambda line: say(self.program.name, line))
        return process

    async def _stop(self, process: Process) -> None:
        """Ask, wait, then kill; always kill what the process left behind in its group."""
        try:
            if process.returncode is None:
                process.terminate()
                async with asyncio.timeout(self._patience.grace):
                    await process.wait()
        except TimeoutError:
            say("portal", f"{self.program.name} does not stop and is killed")
        finally:
            self.kill()
            await process.wait()

    def kill(self) -> None:
        """Kill the process and its group now."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)


def describe(status: int) -> str:
    """Say how a process ended: by which signal, or with which status."""
    if status >= 0:
        return f"with status {status}"
    names = {one.value: one.name for one in signal.Signals}
    return f"by {names.get(-status, f'signal {-status}')}"


def _pass_on(descriptor: int, tell: Callable[[str], None]) -> None:
    """Call `tell` with every line that arrives, until the last writer has closed."""
    loop = asyncio.get_running_loop()
    rest = b""

    def read() -> None:
        nonlocal rest
        chunk = os.read(descriptor, CHUNK)
        *lines, rest = (rest + chunk).split(b"\n")
        if rest and (not chunk or len(rest) > LONGEST_LINE):
            lines.append(rest)
            rest = b""
        for line in lines:
            tell(line.decode("utf-8", "replace"))
        if not chunk:
            loop.remove_reader(descriptor)
            os.close(descriptor)

    loop.add_reader(descriptor, read)
