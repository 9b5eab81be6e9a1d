"""What Panoptes answers: JSON of a reasonable size, or the reason why there is none."""

import io
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from pydantic import BaseModel
from pydantic import ValidationError
from pydantic_core import from_json

from portal.plugins import open_body
from portal.plugins import PortalError
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError

MEGABYTE = 1_000_000
MOST_BYTES = 64 * MEGABYTE  # the largest pages that Panoptes sends have a few megabytes
MOST_WORDS = 500
TITLE = re.compile(rb"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
BUSY = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


class NotThereError(UsageError):
    """The API has no such thing, or does not show it to whoever asks."""


class _Error(BaseModel):
    message: str


class _Errors(BaseModel):
    errors: tuple[_Error, ...]


def read_json(response: requests.Response) -> Any:
    """Return the document of an answer.

    Raises what `refusal` returns when the answer is an error, and ServiceError when it is
    no JSON or too large.
    """
    body = read_body(response)
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        raise refusal(response, body)
    try:
        return from_json(body)
    except ValueError as error:
        said = _joined(f"{_peer(response)} sent something that is not JSON", _title(body))
        raise ServiceError(said) from error


def refusal(response: requests.Response, body: bytes) -> PortalError:
    """Return the error that an answer with an HTTP status of 400 or more stands for.

    A refusal in the API's own form is about what was asked; any other is the failure of
    something on the way, which speaks in web pages.
    """
    words = _words(body)
    said = f"{_peer(response)} answers {response.status_code} {response.reason}".rstrip()
    message = _joined(said, words or _title(body))
    wait = response.headers.get("Retry-After")
    if wait:
        unit = " s" if wait.isdecimal() else ""
        message = f"{message} (Retry-After: {wait}{unit})"
    if response.status_code in BUSY:
        return TransientError(message)
    if words and response.status_code == HTTPStatus.NOT_FOUND:
        return NotThereError(message)
    if words and response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return UsageError(message)
    return ServiceError(message)


def read_body(response: requests.Response) -> bytes:
    """Return the bytes of an answer; raises ServiceError when there are too many."""
    with open_body(response) as body:
        document = io.BytesIO()
        while data := body.read(MOST_BYTES):
            document.write(data)
            if document.tell() > MOST_BYTES:
                megabytes = MOST_BYTES // MEGABYTE
                raise ServiceError(f"{_peer(response)} sent more than {megabytes} MB at once")
    return document.getvalue()


def _words(body: bytes) -> str:
    """Return what the API says is wrong, or nothing when this is not its form."""
    try:
        errors = _Errors.model_validate_json(body).errors
    except ValidationError:
        return ""
    return "; ".join(error.message for error in errors)


def _title(body: bytes) -> str:
    """Return the title of a web page, or nothing."""
    found = TITLE.search(body)
    return found[1].decode(errors="replace") if found else ""


def _joined(said: str, words: str) -> str:
    line = " ".join(words.split())[:MOST_WORDS]
    return f"{said}: {line}" if line else said


def _peer(response: requests.Response) -> str:
    return urlsplit(response.url).netloc
