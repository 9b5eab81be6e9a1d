"""Tie a process to its parent: however the parent ends, the process ends too.

As a script it runs a command in that way: `python tether.py PARENT_PID COMMAND ARGUMENT...`.
It needs nothing but the standard library, so that it can start without the site packages.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from types import FrameType

PR_SET_PDEATHSIG = 1
NOT_RUNNABLE = 127
LOOK_EVERY = 0.5
GRACE = 5.0


def die_with_parent(parent: int) -> None:
    """Have the kernel send this process SIGTERM when `parent` ends; Linux only.

    The request survives exec and is not inherited by a fork. It follows the thread that forked
    this process: fork from one that lives as long as its process does.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # it ended before the kernel was asked
        os.kill(os.getpid(), signal.SIGTERM)


def watch(parent: int, command: Sequence[str]) -> int:
    """Run a command beside this process, which stays to end it when `parent` ends.

    For systems whose kernel cannot be asked. Returns the exit status as a shell would say it.
    """
    with subprocess.Popen(command, close_fds=False) as child:  # noqa: S603  # our own command

        def forward(number: int, _frame: FrameType | None) -> None:
            child.send_signal(number)

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, forward)
        while os.getppid() == parent and not _ends_within(child, LOOK_EVERY):
            pass
        if child.poll() is None:
            child.terminate()
        if not _ends_within(child, GRACE):
            child.kill()
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _ends_within(child: "subprocess.Popen[bytes]", seconds: float) -> bool:
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def tethered(command: Sequence[str]) -> list[str]:
    """Return the command line that runs `command` and ends with the calling process."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def main(parent: int, command: Sequence[str]) -> int:
    """Become the command, or stay beside it where the kernel does not offer the tie."""
    try:
        if sys.platform != "linux":
            return watch(parent, command)
        die_with_parent(parent)
        os.execvp(command[0], list(command))  # noqa: S606  # a list, no shell
    except OSError as error:
        sys.stderr.write(f"{command[0]} cannot be run: {error.strerror}\n")
        return NOT_RUNNABLE


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
