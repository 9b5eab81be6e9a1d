"""What a service says when it refuses, and whose fault that is."""

import html
import io
import re
from typing import BinaryIO
from urllib.parse import urlsplit

import requests

from portal.plugins import open_body
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError

MOST_BYTES = 65_536
LONGEST = 500
MARKUP = re.compile(r"(?is)<(script|style|head)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>")
BUSY = re.compile(
    r"try again|too many (jobs|queries|requests|connections)|overload|\bbusy\b|temporar"
    r"|unavailable|maintenance",
    re.IGNORECASE,
)
MISTAKE = re.compile(
    r"syntax|pars(e|ing)\b|could not locate|unknown (column|table|function|identifier|name)"
    r"|unresolved|no such|does not exist|not found|undefined|ambiguous|adql"
    r"|(invalid|incorrect|illegal) (query|column|table|identifier|name|character)|encountered \"",
    re.IGNORECASE,
)
BAD_REQUEST = 400
UNAUTHORIZED = 401
LOGIN_STATUSES = frozenset({401, 403, 407})
BUSY_STATUSES = frozenset({408, 425, 429, 502, 503, 504})
SERVER_FAULT = 500


def blame(message: str) -> ServiceError | TransientError | UsageError:
    """Return the error that a service's words stand for.

    Services say in words only whether the query is wrong, they are busy, or they failed.
    """
    if BUSY.search(message):
        return TransientError(message)
    if MISTAKE.search(message):
        return UsageError(message)
    return ServiceError(message)


def refusal(response: requests.Response) -> ServiceError | TransientError | UsageError:
    """Return the error that an answer with an HTTP status of 400 or more stands for."""
    status = response.status_code
    said = words_of(response)
    message = f"{peer_of(response.url)} answers {status} {response.reason}".rstrip()
    message = f"{message}: {said}" if said else message
    if status == UNAUTHORIZED and "Authorization" in response.request.headers:
        return UsageError(
            f"{message}. It does not accept the login that you stored for it, which is deleted "
            "now. Store it anew on your account page."
        )
    if status in LOGIN_STATUSES:
        return ServiceError(f"{message}. The service may ask for a login.")
    if status in BUSY_STATUSES:
        return TransientError(message)
    return UsageError(message) if BAD_REQUEST <= status < SERVER_FAULT else blame(message)


def words_of(response: requests.Response) -> str:
    """Return what the body of an error says: the VOTable's message, or its text without tags."""
    with open_body(response) as body:
        document = _beginning(body)
    if b"<VOTABLE" in document or b":VOTABLE" in document:
        try:
            ResultTable.from_votable(io.BytesIO(document))
        except ServiceError as error:
            return _shortened(error.message)
    return plain_text(document.decode(errors="replace"))


def plain_text(markup: str) -> str:
    """Return a text without tags, entities and line breaks, and not too long."""
    return _shortened(html.unescape(MARKUP.sub(" ", markup)))


def peer_of(url: str) -> str:
    """Return the host and port of a URL."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _beginning(body: BinaryIO) -> bytes:
    document = b""
    while len(document) < MOST_BYTES:
        data = body.read(MOST_BYTES - len(document))
        if not data:
            break
        document += data
    return document


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
