"""What services of described archives know nothing of, by the lines that name it."""

import time
from collections.abc import Iterable
from collections.abc import Iterator
from pathlib import Path

import requests

from portal.plugins.described.places import find_lines
from portal.plugins.described.places import line_of
from portal.plugins.described.query import DescribedQuery
from portal.plugins.described.reading import LineFault
from portal.plugins.described.reading import read_text
from portal.plugins.http import HttpPolicy
from portal.plugins.http import open_session
from portal.plugins.types import Archive
from portal.problems import PortalError

SECONDS = 60.0  # for each service
MOST_BYTES = 100_000_000


def ask_services(
    file: Path, archives: Iterable[Archive], *, allow: frozenset[str]
) -> Iterator[LineFault]:
    """Ask for what the queries of a file name; `allow` are hosts in private networks."""
    lines = find_lines(read_text(file))
    policy = HttpPolicy(allow=allow, max_bytes=MOST_BYTES)
    for index, archive in enumerate(archives):
        for number, query in enumerate(archive.queries):
            if not isinstance(query, DescribedQuery):
                continue
            place = ("archives", index, "queries", number)
            with open_session(policy, deadline=time.monotonic() + SECONDS) as http:
                for path, message in _missing(query, http):
                    yield LineFault(line=line_of(lines, (*place, *path)), message=message)


def _missing(
    query: DescribedQuery, http: requests.Session
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    try:
        yield from query.missing_at_service(http)
    except PortalError as error:
        yield ("access_url",), f"it could not be asked: {error.message}"
