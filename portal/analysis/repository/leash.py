"""Run a command so that it ends with the process that wanted it, and all that it has started.

As a script: `leash.py PARENT_PID MOST_BYTES_OF_A_FILE COMMAND ARGUMENT...`, started as the leader
of a process group. Git passes no signal on to its helpers, which would go on for as long as a
server has something to say. It needs the standard library only, so that it starts at once.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Sequence
from types import FrameType

PR_SET_PDEATHSIG = 1


def leashed(command: Sequence[str], most: int) -> list[str]:
    """Return the command line that runs a command so; no file of it grows beyond `most`."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(most), *command]


def main(parent: int, most: int, command: Sequence[str]) -> int:
    """Run the command; returns its exit status as a shell says it."""
    signal.signal(signal.SIGTERM, _end_all)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it ended before the kernel was asked
        return 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    child = os.posix_spawnp(command[0], [*command], os.environ)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _end_all(_number: int, _frame: FrameType | None) -> None:
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
