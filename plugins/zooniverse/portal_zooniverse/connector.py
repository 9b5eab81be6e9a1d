"""Everything that is asked of Panoptes, the Zooniverse's API.

Not by panoptes-client, for the reasons in ADR 11: this keeps to its conventions, and to the
guarded session of the job.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from typing import TypeVar

import requests
from pydantic import ValidationError

from portal.plugins import JobContext
from portal.plugins import Patience
from portal.plugins import seconds_to_wait
from portal.plugins import ServiceError
from portal.plugins import UsageError
from portal_zooniverse.answers import read_body
from portal_zooniverse.answers import read_json
from portal_zooniverse.answers import refusal
from portal_zooniverse.login import find_login
from portal_zooniverse.login import Login
from portal_zooniverse.login import SERVICE
from portal_zooniverse.login import WHERE
from portal_zooniverse.resources import PageInfo
from portal_zooniverse.resources import Resource
from portal_zooniverse.settings import ZooniverseSettings

ACCEPT = {"Accept": "application/vnd.api+json; version=1"}
ASKED_TO_WAIT = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
LONGEST_WAIT = 900.0
MOST_WAITS = 5

R = TypeVar("R", bound=Resource)
Send = Callable[[], requests.Response]


class Panoptes:
    """The API, asked through the guarded session; every method raises in the API's own words.

    With `login` it is asked as whoever that is. Where it says how long to wait before it is
    asked again, that is done.
    """

    def __init__(self, context: JobContext, *, login: Login | None = None) -> None:
        """Ask for one job."""
        self.patience = Patience(context)
        self.login = login
        self._http = context.http
        self._report = context.report

    @classmethod
    def logged_in(cls, context: JobContext, settings: ZooniverseSettings) -> "Panoptes":
        """Return the API as the job's owner sees it, if there is a login in store."""
        return cls(context, login=find_login(context, settings))

    def find(self, kind: type[R], url: str) -> R | None:
        """Return the first resource at an address."""
        return self._first(kind, self._ask(lambda: self._get(url)))

    def post(self, kind: type[R], url: str, document: Mapping[str, Any]) -> R | None:
        """Send a document, and return the first resource of the answer."""
        return self._first(
            kind,
            self._ask(lambda: self._http.post(url, json=document, headers=ACCEPT, auth=self.login)),
        )

    def pages(self, kind: type[R], url: str) -> Iterator[list[R]]:
        """Yield the resources of a list, page by page, to its end.

        Pages are asked for by number: the API's `next_href` forgets search words and tags.
        What moves to another page while the list is read is given only once.
        """
        seen: set[int] = set()
        number, info = 1, PageInfo(next_page=1, page_count=1)
        while info.next_page is not None:
            resources, info = self._page(kind, url, number)
            new = {one.id: one for one in resources if one.id not in seen}
            seen |= new.keys()
            yield list(new.values())
            number += 1

    def patiently(self, send: Send) -> requests.Response:
        """Send a request; again, after the time that the answer asks to wait for.

        An answer that asks for too long, or too often, is returned as it is.
        """
        for _ in range(MOST_WAITS):
            response = send()
            seconds = seconds_to_wait(response.headers.get("Retry-After"))
            if response.status_code not in ASKED_TO_WAIT or seconds is None:
                return response
            if seconds > LONGEST_WAIT:
                return response
            self._wait_as_told(seconds, refusal(response, read_body(response)).message)
        return send()

    def _wait_as_told(self, seconds: float, words: str) -> None:
        self._report(None, f"the Zooniverse asks to wait for {seconds:.0f} s")
        self.patience.wait(seconds, out_of_time=lambda: words)

    def _page(self, kind: type[R], url: str, number: int) -> tuple[list[R], PageInfo]:
        address = url if number == 1 else f"{url}&page={number}"
        document = self._ask(lambda: self._get(address))
        with _as_described(kind):
            resources = _resources(kind, document)
            info = PageInfo.model_validate(document["meta"][kind.kind])
        if info.next_page not in (None, number + 1):
            raise ServiceError(f"the pages of {kind.kind} are out of order after page {number}")
        pages = max(number, info.page_count)
        self._report(number / pages, f"{number} of {pages} pages of {kind.kind} have arrived")
        return resources, info

    def _get(self, url: str) -> requests.Response:
        return self._http.get(url, headers=ACCEPT, auth=self.login)

    def _ask(self, send: Send) -> Any:
        """Return the document that a request is answered with, as whoever logs in."""
        if self.login is None:
            response = self.patiently(send)
            if response.status_code == HTTPStatus.UNAUTHORIZED:
                raise _wants_login(response)
            return read_json(response)
        self.login.renew_if_old(self.patiently)
        response = self.patiently(send)
        if response.status_code == HTTPStatus.UNAUTHORIZED and self.login.can_renew:
            read_body(response)
            self.login.renew(self.patiently)
            response = self.patiently(send)
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            raise self.login.refused()
        return read_json(response)

    def _first(self, kind: type[R], document: Any) -> R | None:
        with _as_described(kind):
            return next(iter(_resources(kind, document)), None)


def _wants_login(response: requests.Response) -> UsageError:
    said = refusal(response, read_body(response)).message
    return UsageError(f"{said}. Store your login for {SERVICE} {WHERE}.")


def _resources(kind: type[R], document: Any) -> list[R]:
    return [kind.model_validate(one) for one in document[kind.kind]]


@contextmanager
def _as_described(kind: type[Resource]) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValidationError) as error:
        raise ServiceError(
            f"the Zooniverse sent {kind.kind} in a form that its API does not have",
            detail=str(error),
        ) from error
