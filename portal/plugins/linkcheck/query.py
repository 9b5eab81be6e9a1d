"""The query `basket.check`: a list of links as a file, and a table of what became of each."""

import json
import queue
import threading
from collections.abc import Iterator
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from itertools import zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from portal.parameters import parameter
from portal.parameters import QueryParameters
from portal.parameters import Upload
from portal.plugins.linkcheck.asking import Answer
from portal.plugins.linkcheck.asking import ask
from portal.plugins.linkcheck.asking import Link
from portal.plugins.linkcheck.asking import Turns
from portal.plugins.types import JobContext
from portal.plugins.types import Query
from portal.problems import PortalError
from portal.problems import UsageError
from portal.tables import Column
from portal.tables import ResultTable

QUERY_ID = "basket.check"
MOST_LINKS = 20_000
MOST_BYTES = 100_000_000
THREADS = 16
COLUMNS = (
    Column(name="item", arraysize="*", description="Which item of the basket"),
    Column(name="access_url", arraysize="*", ucd="meta.ref.url"),
    Column(name="state", arraysize="*", description="In words"),
    Column(name="status", datatype="int", description="HTTP status; none without an answer"),
    Column(name="size", datatype="long", unit="byte", ucd="phys.size;meta.file"),
    Column(name="type", arraysize="*", ucd="meta.code.mime"),
)


class LinkCheckParameters(QueryParameters):
    """The links."""

    links: Upload = parameter(
        title="Links",
        description='A file with {"item": "...", "url": "..."} in each line.',
    )
    title: str = parameter("a basket", title="Title", max_length=200)


class LinkCheck(Query):
    """Asks for each link, without fetching what is there."""

    id = QUERY_ID
    title = "Check links"
    description = "Whether links still lead to something, and to what."
    Parameters = LinkCheckParameters
    hidden = True

    def text(self, parameters: LinkCheckParameters) -> str:
        """Say whose links they are."""
        return f"The links of {parameters.title}"

    def run(self, parameters: LinkCheckParameters, context: JobContext) -> ResultTable:
        """Ask several hosts side by side, and each of them one thing at a time."""
        links = read_links(context.upload("links"))
        return ResultTable.from_rows(COLUMNS, _rows(links, context))


def read_links(path: Path) -> list[Link]:
    """Read the file; raises UsageError for one that is something else, or too long."""
    if path.stat().st_size > MOST_BYTES:
        raise UsageError("The list of links is too long.")
    links = []
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if number > MOST_LINKS:
                raise UsageError(f"At most {MOST_LINKS:,} links are checked at once.")
            links.append(_read(line, number))
    return links


def _read(line: bytes, number: int) -> Link:
    try:
        found = json.loads(line)
        urlsplit(found["url"])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(
        isinstance(found.get(name), str) for name in ("item", "url")
    ):
        raise UsageError(f"Line {number} of the list is no link.")
    return Link(item=found["item"], url=found["url"])


def _rows(links: Sequence[Link], context: JobContext) -> Iterator[tuple[Any, ...]]:
    done: queue.Queue[tuple[Link, Answer] | PortalError] = queue.Queue()
    stop = threading.Event()
    context.on_abort(stop.set)
    turns = Turns(stop)

    def check(link: Link) -> None:
        if stop.is_set():
            return
        try:
            done.put((link, turns.take(link, lambda: ask(link, context.http, stop))))
        except PortalError as error:  # aborted, or out of time
            done.put(error)

    with ThreadPoolExecutor(THREADS, thread_name_prefix="links") as pool:
        try:
            for link in _mixed(links):
                pool.submit(check, link)
            for count in range(1, len(links) + 1):
                found = done.get()
                if isinstance(found, PortalError):
                    raise found
                context.report(count / len(links), f"{count:,} of {len(links):,} links")
                yield _row(*found)
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)


def _mixed(links: Sequence[Link]) -> Iterator[Link]:
    """Go through the hosts in turn, so that none of them keeps all threads waiting."""
    by_host: dict[str, list[Link]] = {}
    for link in links:
        by_host.setdefault(urlsplit(link.url).netloc, []).append(link)
    rounds = zip_longest(*by_host.values())
    return (link for link in chain.from_iterable(rounds) if link is not None)


def _row(link: Link, answer: Answer) -> tuple[Any, ...]:
    return link.item, link.url, answer.state, answer.status, answer.size, answer.type
