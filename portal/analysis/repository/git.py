"""The one way git is run: no shell, no settings of this computer, and within limits.

Nothing is ever checked out: what is in a repository is read from and written to its object
store, so that no name or link in it means anything to the file system of the portal.
"""

import errno
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from portal.analysis.repository.leash import leashed
from portal.plugins.http.watch import Watch
from portal.problems import ServiceError
from portal.problems import UsageError

LOOK_EVERY = 0.1
MEGABYTE = 1_000_000
MOST_OUTPUT = 64 * MEGABYTE
MOST_WORDS = 500
FILE_TOO_LARGE = os.strerror(errno.EFBIG)
OLDEST = (2, 37)  # the first that can be told where a name leads
UNPRINTABLE = re.compile(r"[^\x20-\x7e\u00a0-\U0010ffff]+")
NOWHERE = os.devnull
SETTINGS = {
    "core.hooksPath": NOWHERE,
    "core.attributesFile": NOWHERE,
    "core.excludesFile": NOWHERE,
    "core.fsmonitor": "false",
    "core.alternateRefsCommand": "",
    "credential.helper": "",
    "fetch.recurseSubmodules": "false",
    "fetch.unpackLimit": "1",
    "gc.auto": "0",
    "gpg.program": NOWHERE,
    "init.defaultBranch": "main",
    "init.templateDir": "",
    "maintenance.auto": "false",
    "protocol.allow": "never",
    "submodule.recurse": "false",
    "transfer.bundleURI": "false",
}


class GitError(ServiceError):
    """Git ended with an error; `words` are its own."""

    def __init__(self, words: str) -> None:
        """Keep what git said."""
        super().__init__(f"git says: {words}")
        self.words = words


class TooLargeError(UsageError):
    """What is fetched or read is larger than the operator allows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much one run may write: to its folder, if that is watched, and to its output."""

    folder: int | None = None
    output: int = MOST_OUTPUT


DEFAULT_ROOM = Room()


def run_git(
    folder: Path,
    verb: str,
    *arguments: str,
    watch: Watch,
    settings: Sequence[tuple[str, str]] = (),
    feed: bytes = b"",
    room: Room = DEFAULT_ROOM,
) -> bytes:
    """Run git in a bare repository and return its output.

    The caller puts `--` before the first argument that is not its own. Raises GitError for an
    error of git, TooLargeError, and AbortedError or DeadlineError as `watch` says. With the
    `settings` of a remote repository git ends with this process. Nothing is left behind by name.
    """
    command = command_line(verb, *arguments, settings=settings)
    with _file(feed) as given, _file() as output, _file() as words:
        process = subprocess.Popen(  # noqa: S603 - a list of arguments, and no shell
            leashed(command, max(room.folder or 0, room.output)) if settings else command,
            cwd=folder,
            env=environment(),
            stdin=given,
            stdout=output,
            stderr=words,
            process_group=0,
        )
        with _ended(process):
            _wait(process, folder, output, watch, room)
        return _answer(process.returncode, output, words)


def command_line(verb: str, *arguments: str, settings: Sequence[tuple[str, str]] = ()) -> list[str]:
    """Return the command that runs git with our settings and none of anybody else."""
    pairs = [*SETTINGS.items(), *settings]
    options = [word for name, value in pairs for word in ("-c", f"{name}={value}")]
    return ["git", "--no-pager", "--no-replace-objects", *options, verb, *arguments]


def environment(variables: Sequence[tuple[str, str]] = ()) -> dict[str, str]:
    """Return all that git learns of the environment: no proxy, no login, nobody to ask."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": NOWHERE,
        "XDG_CONFIG_HOME": NOWHERE,
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": NOWHERE,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "false",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_NO_LAZY_FETCH": "1",
        **dict(variables),
    }


@cache
def check_version() -> None:
    """Raise ServiceError where git is missing, or too old to be told where a name leads."""
    try:
        said = subprocess.run(["git", "version"], capture_output=True, check=True)  # noqa: S607
    except (OSError, subprocess.CalledProcessError) as error:
        raise ServiceError("git is not installed where this portal runs its jobs") from error
    numbers = re.search(rb"(\d+)\.(\d+)", said.stdout)
    if numbers is None or tuple(map(int, numbers.groups())) < OLDEST:
        raise ServiceError("git is too old where this portal runs its jobs: it needs 2.37")


def folder_size(folder: Path) -> int:
    """Return the bytes of the files in a folder; of those that are gone meanwhile none."""
    total = 0
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                if entry.is_dir(follow_symlinks=False):
                    total += folder_size(Path(entry.path))
                else:
                    total += entry.stat(follow_symlinks=False).st_size
    return total


@contextmanager
def _file(content: bytes = b"") -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        yield file


@contextmanager
def _ended(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Leave nothing running of a process and of those that it has started."""
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(
    process: "subprocess.Popen[bytes]", folder: Path, output: IO[bytes], watch: Watch, room: Room
) -> None:
    is_running = True
    while is_running:
        with suppress(subprocess.TimeoutExpired):
            process.wait(LOOK_EVERY)
            is_running = False
        watch.check()
        _check_size(os.fstat(output.fileno()).st_size, room.output)
        if room.folder is not None:
            _check_size(folder_size(folder), room.folder)


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise TooLargeError(
            f"The repository is larger than {most / MEGABYTE:,.0f} MB, the most that this portal "
            "fetches."
        )


def _answer(code: int, output: IO[bytes], words: IO[bytes]) -> bytes:
    spoken = _spoken(words)
    if code and FILE_TOO_LARGE in spoken:
        raise TooLargeError("The repository is larger than this portal fetches.")
    if code:
        raise GitError(spoken or f"exit status {code}")
    output.seek(0)
    return output.read()


def _spoken(words: IO[bytes]) -> str:
    """Return the line of an error that says most, without what a terminal would act on."""
    words.seek(0)
    lines = words.read(MEGABYTE).decode(errors="replace").replace("\r", "\n").splitlines()
    spoken = [UNPRINTABLE.sub(" ", line).strip() for line in lines if line.strip()]
    fatal = [line for line in spoken if line.startswith(("fatal: ", "error: "))]
    return (fatal or spoken or [""])[0][:MOST_WORDS]
