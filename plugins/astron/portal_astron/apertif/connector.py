"""Everything that is asked of ALTA's API."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
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
from portal_astron.apertif.products import Product

MOST_BYTES = 64_000_000
MOST_WORDS = 500
BUSY = frozenset({408, 429, 502, 503, 504})


class _Page(BaseModel):
    """A page of data products, and how many there are of both."""

    count: int
    pages: int = 1
    results: list[Product]


@dataclass(frozen=True, slots=True)
class Alta:
    """The API, asked through the job's session; every method raises in the API's own words."""

    http: requests.Session

    def pages(self, address: str) -> Iterator[tuple[list[Product], int, int]]:
        """Yield the products of a list page by page, with the number of each and of all pages."""
        number, last = 1, 1
        while number <= last:
            page = self._page(f"{address}&page={number}")
            last = page.pages
            yield page.results, number, last
            if not page.results:
                break
            number += 1

    def _page(self, address: str) -> _Page:
        response = self.http.get(address, headers={"Accept": "application/json"})
        body = _read(response)
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            raise _refusal(response, body)
        try:
            return _Page.model_validate(_json(response, body))
        except ValidationError as error:
            raise ServiceError(
                f"{_peer(response)} sent data products in a form that its API does not have",
                detail=str(error),
            ) from error


def _read(response: requests.Response) -> bytes:
    document = io.BytesIO()
    with open_body(response) as body:
        while data := body.read(MOST_BYTES):
            document.write(data)
            if document.tell() > MOST_BYTES:
                raise ServiceError(f"{_peer(response)} sent more than {MOST_BYTES:,} bytes at once")
    return document.getvalue()


def _json(response: requests.Response, body: bytes) -> Any:
    try:
        return from_json(body)
    except ValueError as error:
        raise ServiceError(f"{_peer(response)} sent something that is not JSON") from error


def _refusal(response: requests.Response, body: bytes) -> PortalError:
    """Return the error of an answer; what is in the API's own form is about what was asked."""
    message = f"{_peer(response)} answers {response.status_code} {response.reason}".rstrip()
    try:
        said = " ".join(_words(from_json(body)).split())[:MOST_WORDS]
    except ValueError:
        said = ""
    message = f"{message}: {said}" if said else message
    if response.status_code in BUSY:
        return TransientError(message)
    if said and response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return UsageError(message)
    return ServiceError(message)


def _words(document: Any) -> str:
    """Return what is said anywhere in an error, which names fields, lists, or is a detail."""
    if isinstance(document, dict):
        return "; ".join(filter(None, map(_words, document.values())))
    if isinstance(document, list):
        return "; ".join(filter(None, map(_words, document)))
    return document if isinstance(document, str) else ""


def _peer(response: requests.Response) -> str:
    return urlsplit(response.url).netloc
