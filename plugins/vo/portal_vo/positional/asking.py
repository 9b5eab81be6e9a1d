"""One request to a service, and its table; what it refuses is told in its own words."""

from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from typing import BinaryIO

import pyarrow as pa
import requests

from portal.plugins import open_body
from portal.plugins import PortalError
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal.plugins import TableEnd
from portal.plugins import UsageError
from portal_vo.words import blame
from portal_vo.words import peer_of
from portal_vo.words import refusal
from portal_vo.words import words_of

NOT_FOUND = 404
FAILED = 400


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks with one session; `protocol` is the word for what the service should be."""

    http: requests.Session
    protocol: str

    def ask(self, url: str) -> ResultTable:
        """Return the table that a URL answers, while it arrives.

        Raises UsageError, TransientError or ServiceError, whether the service refuses by the
        HTTP status, inside a VOTable (INFO Error, QUERY_STATUS), or answers something else.
        """
        response = self.http.get(url)
        if response.status_code == NOT_FOUND:
            said = words_of(response)
            raise UsageError(f"There is no {self.protocol} service at {_place(url)}: {said}")
        if response.status_code >= FAILED:
            raise refusal(response)
        body = open_body(response)
        try:
            table = ResultTable.from_votable(body)
        except PortalError as error:
            body.close()
            if isinstance(error, ServiceError):
                raise blame(f"{peer_of(url)} ({self.protocol}): {error.message}") from error
            raise
        return replace(table, batches=_closing(table.batches, body))


def _closing(
    batches: Iterable[pa.RecordBatch | TableEnd], body: BinaryIO
) -> Iterator[pa.RecordBatch | TableEnd]:
    """Yield the batches, and end the exchange with them, however that is."""
    with body:
        yield from batches


def _place(url: str) -> str:
    return url.partition("?")[0]
