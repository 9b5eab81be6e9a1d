"""What Rucio answers: JSON, whole or line by line, or the reason why there is none."""

import io
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from typing import cast
from urllib.parse import urlsplit

import requests
from pydantic_core import from_json

from portal.plugins import open_body
from portal.plugins import PortalError
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError

MEGABYTE = 1_000_000
MOST_BYTES = 64 * MEGABYTE
LONGEST_LINE = 4 * MEGABYTE  # a file with its replicas has a few kilobytes
MOST_WORDS = 500
BUSY = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
OF_THE_SERVER = ("Database", "Configuration", "ConnectionError")


class DuplicateRuleError(UsageError):
    """The account has a rule for the same data and place already."""


def check(response: requests.Response) -> requests.Response:
    """Return an answer that is none of an error; raises what `refusal` returns otherwise."""
    if response.status_code < HTTPStatus.MULTIPLE_CHOICES:
        return response
    with open_body(response):
        raise refusal(response)


def refusal(response: requests.Response) -> PortalError:
    """Return the error that an answer stands for.

    What Rucio itself refuses it names in two headers, often with a status of 500 for what the
    user asked wrongly; anything else is the failure of something on the way.
    """
    kind = exception_class(response)
    said = f"{_peer(response)} answers {response.status_code} {response.reason}".rstrip()
    words = " ".join(response.headers.get("ExceptionMessage", "").split())[:MOST_WORDS]
    message = f"{said}: {kind}: {words}" if kind else said
    if response.status_code in BUSY:
        return TransientError(message)
    if kind == "DuplicateRule":
        return DuplicateRuleError(message)
    if kind and not kind.startswith(OF_THE_SERVER):
        return UsageError(message)
    return ServiceError(message)


def exception_class(response: requests.Response) -> str:
    """Return Rucio's name for what went wrong, or nothing when it is not Rucio who says so."""
    return " ".join(response.headers.get("ExceptionClass", "").split())[:MOST_WORDS]


def read_json(response: requests.Response) -> Any:
    """Return the document of an answer; raises ServiceError when it is no JSON or too large."""
    with open_body(response) as body:
        document = io.BytesIO()
        while data := body.read(MOST_BYTES):
            document.write(data)
            if document.tell() > MOST_BYTES:
                raise ServiceError(
                    f"{_peer(response)} sent more than {MOST_BYTES // MEGABYTE} MB at once"
                )
    return _parsed(document.getvalue(), response)


def read_lines(response: requests.Response) -> Iterator[Any]:
    """Yield the documents of an answer that has one in each line, as they arrive.

    Raises ServiceError for a line that is none, such as the last one of an answer that broke off.
    """
    with io.BufferedReader(cast("io.RawIOBase", open_body(response))) as lines:
        while line := lines.readline(LONGEST_LINE):
            if len(line) == LONGEST_LINE:
                raise ServiceError(f"{_peer(response)} sent a line that does not end")
            if not line.endswith(b"\n"):
                raise ServiceError(f"{_peer(response)} broke off in the middle of a line")
            if line.strip():
                yield _parsed(line, response)


def _parsed(document: bytes, response: requests.Response) -> Any:
    try:
        return from_json(document)
    except ValueError as error:
        raise ServiceError(f"{_peer(response)} sent something that is not JSON") from error


def _peer(response: requests.Response) -> str:
    return urlsplit(response.url).netloc
