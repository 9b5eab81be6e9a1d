"""One link after the other of a host: a HEAD, or the first byte where that is refused."""

import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import requests

from portal.plugins.http.failures import AbortedError
from portal.plugins.http.failures import DeadlineError
from portal.problems import PortalError

PAUSE_SECONDS = 0.1  # between two questions to one host
MOST_SILENCE = 20.0  # seconds
MOST_PATIENCE = 20.0  # seconds, with a host that wants to be asked later
STATE_LENGTH = 200
REFUSED_HEAD = frozenset({400, 401, 403, 404, 405, 406, 500, 501, 503})
UNREADABLE = "answers with what cannot be read"
TOTAL = re.compile(r"bytes \d+-\d+/(\d{1,18})")
WORDS = {
    HTTPStatus.UNAUTHORIZED: "needs a login",
    HTTPStatus.FORBIDDEN: "is not open to everybody",
    HTTPStatus.NOT_FOUND: "is not there",
    HTTPStatus.GONE: "is gone for good",
    HTTPStatus.TOO_MANY_REQUESTS: "the host is busy",
    HTTPStatus.SERVICE_UNAVAILABLE: "the host is busy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address, and the item that has it."""

    item: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a link; `wait` is how many seconds the host wants to be left alone."""

    state: str
    wait: float = 0.0
    status: int | None = None
    size: int | None = None
    type: str | None = None


class Turns:
    """Lets each host be asked one thing at a time, with a pause after it."""

    def __init__(self, stop: threading.Event) -> None:
        """Wait no longer once `stop` is set."""
        self._stop = stop
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._lock = threading.Lock()
        self._last: dict[str, float] = {}

    def take(self, link: Link, work: Callable[[], Answer]) -> Answer:
        """Do the work when it is the turn of this link."""
        host = urlsplit(link.url).netloc
        with self._lock:
            lock = self._locks[host]
        with lock:
            self._stop.wait(max(0.0, self._last.get(host, 0.0) + PAUSE_SECONDS - time.monotonic()))
            try:
                return work()
            finally:
                self._last[host] = time.monotonic()


def ask(link: Link, http: requests.Session, stop: threading.Event) -> Answer:
    """Say what a link leads to; raises AbortedError and DeadlineError only.

    A host that is busy is asked once more, when it says; that may be so much later, and no
    longer once `stop` is set.
    """
    try:
        answer = _ask(link.url, http)
        if answer.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            stop.wait(answer.wait)
            answer = _ask(link.url, http)
    except (AbortedError, DeadlineError):
        raise
    except PortalError as error:
        return Answer(state=error.message[:STATE_LENGTH])
    except (requests.RequestException, ValueError):  # a redirect to what is no address
        return Answer(state=UNREADABLE)
    return answer


def _ask(url: str, http: requests.Session) -> Answer:
    plain = {"Accept-Encoding": "identity"}
    with http.head(url, headers=plain, timeout=MOST_SILENCE, allow_redirects=True) as head:
        if head.ok:
            return _answer(head)
        refused = _failed(head)
    if refused.status not in REFUSED_HEAD or refused.wait:
        return refused
    first = {**plain, "Range": "bytes=0-0"}
    with http.get(url, headers=first, timeout=MOST_SILENCE) as answer:
        return _answer(answer) if answer.ok else _failed(answer)


def _failed(response: requests.Response) -> Answer:
    status = response.status_code
    words = next((text for known, text in WORDS.items() if known == status), "failed")
    wait = read_seconds(response.headers.get("Retry-After", ""))
    return Answer(state=f"{words} ({status})", status=status, wait=wait)


def read_seconds(text: str) -> float:
    """Read Retry-After (RFC 9110, 10.2.3), which may be an instant; never more than is patient."""
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), MOST_PATIENCE)
    try:
        until = parsedate_to_datetime(text)
        wanted = (until - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return min(max(wanted, 0.0), MOST_PATIENCE)


def _answer(response: requests.Response) -> Answer:
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
    kept = "".join(filter(str.isprintable, media_type))[:STATE_LENGTH]
    return Answer(
        state="ok",
        status=response.status_code,
        size=_size(response),
        type=kept or None,
    )


def _size(response: requests.Response) -> int | None:
    if response.status_code == HTTPStatus.PARTIAL_CONTENT:
        found = TOTAL.fullmatch(response.headers.get("Content-Range", "").strip())
        return int(found[1]) if found else None
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(10**18)) else None
