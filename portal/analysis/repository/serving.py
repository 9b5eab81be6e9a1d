"""`git http-backend` as a stream: what it answers to one request, and an end to it in any case."""

import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from portal.analysis.repository.git import command_line
from portal.analysis.repository.git import environment
from portal.problems import ServiceError
from portal.problems import TransientError

SILENT_SECONDS = 60.0
TOTAL_SECONDS = 1800.0
BLOCK = 1 << 16
MOST_HEAD = 8192
END_OF_HEAD = b"\r\n\r\n"
SETTINGS = (
    ("pack.threads", "1"),
    ("http.receivepack", "false"),
    ("safe.directory", "*"),  # a worker that is another system user may have made it
)


class Backend:
    """One request that git answers: read `status` and `headers`, then iterate, then `close`.

    Nothing of it waits longer than SILENT_SECONDS for git, nor TOTAL_SECONDS in all.
    """

    def __init__(self, repository: Path, body: bytes, variables: Mapping[str, str]) -> None:
        """Start git; raises TransientError and ServiceError, and leaves nothing running then."""
        self._end = time.monotonic() + TOTAL_SECONDS
        self._process = _start(repository, body, variables)
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        self._output: IO[bytes] = self._process.stdout
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._output, selectors.EVENT_READ)
        try:
            head, self._rest = self._read_head()
            self.headers = dict(_pairs(head))
            self.status = int(self.headers.pop("Status", "200").split()[0])
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        """Yield the body of the answer, and end with it."""
        try:
            if self._rest:
                yield self._rest
            while data := self._read():
                yield data
        finally:
            self.close()

    def close(self) -> None:
        """End git, whatever it does, and everything that it has started."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._selector.close()
        self._output.close()

    def _read_head(self) -> tuple[bytes, bytes]:
        head = b""
        while END_OF_HEAD not in head:
            data = self._read()
            head += data
            if not data or len(head) > MOST_HEAD + BLOCK:
                raise ServiceError("git does not answer as it should.")
        before, _, rest = head.partition(END_OF_HEAD)
        return before, rest

    def _read(self) -> bytes:
        left = min(SILENT_SECONDS, self._end - time.monotonic())
        if left <= 0 or not self._selector.select(left):
            raise TransientError("The repository cannot be sent at the moment.")
        return os.read(self._output.fileno(), BLOCK)


def _start(
    repository: Path, body: bytes, variables: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    known = {
        **variables,
        "GIT_PROJECT_ROOT": str(repository.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "CONTENT_LENGTH": str(len(body)),
    }
    with tempfile.TemporaryFile() as given:
        given.write(body)
        given.seek(0)
        return subprocess.Popen(  # noqa: S603 - a list of arguments, and no shell
            command_line("http-backend", settings=SETTINGS),
            cwd=repository,
            env=environment(tuple(known.items())),
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )


def _pairs(head: bytes) -> Iterator[tuple[str, str]]:
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        yield name.strip(), value.strip()
