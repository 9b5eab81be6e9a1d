"""Everything that is asked of Panoptes, the Zooniverse's API.

Not by panoptes-client: its session is its own, without time-outs, and it hides HTTP statuses.
"""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from typing import TypeVar

import requests
from pydantic import ValidationError

from portal.plugins import ServiceError
from portal_zooniverse.answers import read_json
from portal_zooniverse.resources import PageInfo
from portal_zooniverse.resources import Resource

ACCEPT = {"Accept": "application/vnd.api+json; version=1"}

R = TypeVar("R", bound=Resource)
Report = Callable[[float | None, str], None]


class Panoptes:
    """The API, asked through the guarded session; every method raises in the API's own words."""

    def __init__(self, http: requests.Session, report: Report) -> None:
        self._http = http
        self._report = report

    def find(self, kind: type[R], url: str) -> R | None:
        """Return the first resource at an address."""
        document = self._ask(url)
        with _as_described(kind):
            return next(iter(_resources(kind, document)), None)

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

    def _page(self, kind: type[R], url: str, number: int) -> tuple[list[R], PageInfo]:
        document = self._ask(url if number == 1 else f"{url}&page={number}")
        with _as_described(kind):
            resources = _resources(kind, document)
            info = PageInfo.model_validate(document["meta"][kind.kind])
        if info.next_page not in (None, number + 1):
            raise ServiceError(f"the pages of {kind.kind} are out of order after page {number}")
        pages = max(number, info.page_count)
        self._report(number / pages, f"{number} of {pages} pages of {kind.kind} have arrived")
        return resources, info

    def _ask(self, url: str) -> Any:
        return read_json(self._http.get(url, headers=ACCEPT))


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
