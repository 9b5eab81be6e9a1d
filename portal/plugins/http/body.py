"""The body of an answer as a file: capped, watched, and readable while it arrives."""

import io
from typing import Any
from typing import BinaryIO
from typing import cast

import requests
from urllib3 import HTTPResponse

from portal.plugins.http.failures import typed_failures
from portal.plugins.http.policy import HttpPolicy
from portal.plugins.http.watch import NO_WATCH
from portal.plugins.http.watch import Watch
from portal.problems import ServiceError

CHUNK = 1 << 18
MEGABYTE = 1_000_000
SILENT = "stopped sending before its answer was complete"


class Body(io.RawIOBase):
    """The decompressed bytes of one answer.

    `read` returns what has arrived, at most as much as was asked for, and b"" at the end.
    It raises ServiceError when the answer is larger than the policy allows,
    TransientError when the server falls silent or breaks off, and DeadlineError or
    AbortedError when the job has to stop.
    """

    def __init__(
        self, answer: HTTPResponse, *, peer: str, policy: HttpPolicy, watch: Watch
    ) -> None:
        super().__init__()
        self._answer = answer
        self._peer = peer
        self._policy = policy
        self._watch = watch
        self._count = 0
        # requests looks here for the headers when it keeps cookies.
        self._original_response = getattr(answer, "_original_response", None)

    def readable(self) -> bool:
        """Say yes."""
        return True

    def read(self, size: int | None = -1, *, decode_content: bool = True) -> bytes:
        """Return the next bytes; everything that is left when `size` is negative or None.

        `decode_content` is accepted because pyvo passes it; bodies are always decoded.
        """
        if size is None or size < 0:
            return self.readall()
        return self._receive(min(size, CHUNK)) if size else b""

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with the next bytes, as io.BufferedReader wants it."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def release_conn(self) -> None:
        """Give the connection back; requests calls this when an answer is closed."""
        self._answer.release_conn()

    def close(self) -> None:
        """Drop what was not read, and the connection if there was any of it."""
        if not self.closed:
            self._answer.close()
        super().close()

    def _receive(self, size: int) -> bytes:
        self._watch.check()
        with typed_failures(self._peer, silence=SILENT, check=self._watch.check):
            data = self._answer.read1(size, decode_content=True)
        self._count += len(data)
        if self._count > self._policy.max_bytes:
            self._answer.close()
            limit = self._policy.max_bytes / MEGABYTE
            raise ServiceError(
                f"the answer of {self._peer} is larger than {limit:,.0f} MB, "
                "the largest that this portal accepts: ask for fewer rows or columns"
            )
        return data


def open_body(response: requests.Response) -> BinaryIO:
    """Return the `Body` of an answer as a file, ready to be streamed into a reader."""
    body = response.raw
    if not isinstance(body, Body):
        body = Body(body, peer="the service", policy=HttpPolicy(), watch=NO_WATCH)
    return cast("BinaryIO", body)
