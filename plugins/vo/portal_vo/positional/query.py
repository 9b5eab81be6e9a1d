"""What the queries of these protocols have in common: their URL, and one place or many."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any
from typing import ClassVar

from portal.plugins import find_coordinates
from portal.plugins import JobContext
from portal.plugins import Query
from portal.plugins import ResultTable
from portal.plugins import Snippet
from portal_vo.code import list_code
from portal_vo.code import url_code
from portal_vo.login import log_in
from portal_vo.positional.addresses import Pairs
from portal_vo.positional.addresses import request_url
from portal_vo.positional.asking import Asker
from portal_vo.positional.many import ask_many
from portal_vo.positional.places import read_places
from portal_vo.positional.values import read_extra
from portal_vo.positional.values import write_number
from portal_vo.words import peer_of

UPLOAD = "positions"
Where = tuple[str, str]
UNKNOWN: Where = ("{ra}", "{dec}")


class PositionalQuery(Query):
    """Asks a service about a position, about each of a file, or about none.

    `protocol` is what the service is called. `most_positions` may be in one file.
    """

    protocol: ClassVar[str]

    def __init__(self, *, most_positions: int) -> None:
        """Keep how many positions a file may have."""
        self._most_positions = most_positions

    @abstractmethod
    def request(self, parameters: Any, where: Where | None) -> Pairs:
        """Return the protocol's parameters; `where` is right ascension and declination."""

    def url(self, parameters: Any, where: Where | None, *, maxrec: int | None) -> str:
        """Return the address to ask; what the user adds comes last, and wins."""
        pairs = list(self.request(parameters, where))
        if maxrec is not None:
            pairs.append(("MAXREC", str(maxrec)))
        extra = read_extra(parameters.extra)
        added = {name.casefold() for name, _ in extra}
        kept = [(name, value) for name, value in pairs if name.casefold() not in added]
        return request_url(parameters.access_url, [*kept, *extra])

    def maxrec(self, parameters: Any, limit: int) -> int | None:
        """Return the MAXREC to send: `limit`, in protocols that know it."""
        return limit

    def text(self, parameters: Any) -> str:
        """Return the URL, with {ra} and {dec} for what is looked up or read later."""
        position = parameters.position
        where = _known(position) or (UNKNOWN if position or parameters.positions else None)
        url = self.url(parameters, where, maxrec=parameters.maxrec)
        if where != UNKNOWN:
            return url
        return f"{url}\n{position or 'for each position of the file'}"

    def job_title(self, parameters: Any) -> str:
        """Return the service and the place."""
        place = parameters.position or getattr(parameters, "region", None)
        around = f" around {place}" if place else " for a file of positions"
        if not place and not parameters.positions:
            around = ""
        return f"{self.protocol}: {peer_of(parameters.access_url)}{around}"

    def code(self, parameters: Any, *, maxrec: int) -> Sequence[Snippet]:
        """Return how to ask the same, where all of it is known before the job runs."""
        limit = self.maxrec(parameters, maxrec)
        if parameters.positions:
            return list_code(self.url(parameters, UNKNOWN, maxrec=limit))
        where = _known(parameters.position)
        if parameters.position and where is None:
            return ()
        return url_code(self.url(parameters, where, maxrec=limit))

    def run(self, parameters: Any, context: JobContext) -> ResultTable:
        """Ask once, or once for each position of the file."""
        log_in(context, parameters.access_url)
        asker = Asker(context.http, self.protocol)
        maxrec = self.maxrec(parameters, context.maxrec)

        def ask(where: Where | None) -> ResultTable:
            return asker.ask(self.url(parameters, where, maxrec=maxrec))

        if parameters.positions:
            places = read_places(context.upload(UPLOAD), most=self._most_positions)
            return ask_many(places, lambda ra, dec: ask(_written(ra, dec)), context)
        where = None
        if parameters.position:
            found = context.resolve(parameters.position)
            where = _written(found.ra, found.dec)
        context.report(None, "asking the service")
        return ask(where)


def _known(position: str | None) -> Where | None:
    found = find_coordinates(position) if position else None
    return None if found is None else _written(*found)


def _written(ra: float, dec: float) -> Where:
    return write_number(ra), write_number(dec)
