"""Everything that is asked of Zenodo: searches, page by page, and pieces of files."""

import io
import time
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from urllib.parse import urlsplit

import requests
from pydantic_core import from_json

from portal.plugins import JobContext
from portal.plugins import open_body
from portal.plugins import Patience
from portal.plugins import seconds_to_wait
from portal.plugins import ServiceError
from portal.plugins import TransientError

PAGE_SIZE = 25  # more is refused from those who do not log in
MOST_PAGES = 400  # a search ends after 10,000 records
MOST_BYTES = 32_000_000
MOST_TRIES = 5
LONGEST_PAUSE = 300.0
FIRST_PAUSE = 5.0
BUSY = frozenset({408, 429, 502, 503, 504})


@dataclass
class Zenodo:
    """One Zenodo, asked through the job's session, never faster than `pause` seconds."""

    site: str
    context: JobContext
    pause: float
    _asked: float = field(default=0.0)

    def __post_init__(self) -> None:
        """Begin to wait on behalf of the job."""
        self._patience = Patience(self.context)

    def records(self, query: str) -> Iterator[tuple[list[Any], int]]:
        """Yield what a search finds, page by page, with the number of all."""
        address: str | None = f"{self.site}/api/records?" + urlencode(
            {"q": query, "size": PAGE_SIZE, "page": 1, "sort": "newest"}
        )
        seen: set[str] = set()
        while address and address not in seen and len(seen) < MOST_PAGES:
            seen.add(address)
            hits, total, address = _page(self.get_json(address, most=MOST_BYTES))
            yield hits, total
            if not hits:
                return

    def get_json(self, address: str, *, most: int) -> Any:
        """Read a document; raises ServiceError for what is none, or is larger than `most`."""
        body = self.get(address, most=most)
        try:
            return from_json(body)
        except ValueError as error:
            raise ServiceError(f"{self._peer} sent something that is not JSON") from error

    def get(self, address: str, *, most: int, span: tuple[int, int] | None = None) -> bytes:
        """Read what is at an address, or the bytes from the first to the second of `span`.

        Raises TransientError while the service stays busy, and ServiceError otherwise.
        """
        if urlsplit(address).netloc != urlsplit(self.site).netloc:
            raise ServiceError(f"{self._peer} refers to another site: {address[:200]}")
        headers = (
            {"Accept": "application/json"}
            if span is None
            else {
                "Accept-Encoding": "identity",
                "Range": f"bytes={span[0]}-{span[1]}",
            }
        )
        with self._answer(address, headers) as response:
            wanted = HTTPStatus.OK if span is None else HTTPStatus.PARTIAL_CONTENT
            if response.status_code != wanted:
                raise ServiceError(
                    f"{self._peer} answers {response.status_code} to {address[:200]}"
                )
            return self._read(response, most)

    def _answer(self, address: str, headers: dict[str, str]) -> requests.Response:
        """Ask until the service is no longer busy, as long as it wants that to last."""
        for number in range(1, MOST_TRIES + 1):
            self._wait(max(0.0, self._asked + self.pause - time.monotonic()))
            self._asked = time.monotonic()
            response = self.context.http.get(address, headers=headers)
            if response.status_code not in BUSY:
                return response
            seconds = _seconds_to_wait(response, number)
            response.close()
            if number < MOST_TRIES and seconds <= LONGEST_PAUSE:
                self.context.report(None, f"{self._peer} is busy: going on in {seconds:.0f} s")
                self._wait(seconds)
        raise TransientError(f"{self._peer} is busy: it answers {response.status_code}")

    def _wait(self, seconds: float) -> None:
        self._patience.wait(
            seconds, out_of_time=lambda: f"{self._peer} takes longer than the job may."
        )

    def _read(self, response: requests.Response, most: int) -> bytes:
        document = io.BytesIO()
        with open_body(response) as body:
            while data := body.read(most):
                document.write(data)
                if document.tell() > most:
                    raise ServiceError(f"{self._peer} sent more than {most:,} bytes at once")
        return document.getvalue()

    @property
    def _peer(self) -> str:
        return urlsplit(self.site).netloc


def _page(document: Any) -> tuple[list[Any], int, str | None]:
    """Return the records of a page, the number of all, and where the next page is."""
    found = document.get("hits") if isinstance(document, dict) else None
    hits = found.get("hits") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(hits, list):
        raise ServiceError("what was sent is no list of records")
    links = document.get("links")
    following = links.get("next") if isinstance(links, dict) else None
    total = found.get("total")
    return (
        hits,
        total if isinstance(total, int) else len(hits),
        following if isinstance(following, str) else None,
    )


def _seconds_to_wait(response: requests.Response, number: int) -> float:
    """Return how long to wait; where the answer does not say it, each pause is longer."""
    said = seconds_to_wait(response.headers.get("Retry-After"))
    return FIRST_PAUSE * float(2 ** (number - 1)) if said is None else said
