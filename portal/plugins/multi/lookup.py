"""Where the objects of a list are: a job that asks the resolvers for one name after the other."""

from collections.abc import Iterator
from typing import Annotated
from typing import Any

from pydantic import Field

from portal.parameters import parameter
from portal.parameters import QueryParameters
from portal.plugins.types import JobContext
from portal.plugins.types import Query
from portal.problems import UsageError
from portal.tables import Column
from portal.tables import ResultTable

LOOKUP_ID = "query.positions"
MOST_NAMES = 1_000
COLUMNS = (
    Column(name="name", arraysize="*", ucd="meta.id;meta.main", description="What was looked up"),
    Column(name="ra", datatype="double", unit="deg", ucd="pos.eq.ra;meta.main"),
    Column(name="dec", datatype="double", unit="deg", ucd="pos.eq.dec;meta.main"),
    Column(name="resolver", arraysize="*", description="Who knows where it is"),
    Column(name="known_as", arraysize="*", ucd="meta.id", description="What it is called there"),
    Column(name="message", arraysize="*", description="Why there is no position"),
)


class LookupParameters(QueryParameters):
    """The names of objects, or coordinates among them."""

    names: list[Annotated[str, Field(min_length=1, max_length=200)]] = parameter(
        title="Names", description="Names of objects, or coordinates", max_length=MOST_NAMES
    )


class LookupQuery(Query):
    """Ask the resolvers of names where each object of a list is."""

    id = LOOKUP_ID
    title = "Look up positions"
    description = "Where the objects of a list are; those that nobody knows say so in their row."
    Parameters = LookupParameters
    hidden = True  # the search of all archives sends it

    def job_title(self, parameters: LookupParameters) -> str:
        """Return how many names there are, and the first."""
        first, *others = parameters.names
        return f"{self.title}: {first}" + (f" and {len(others)} more" if others else "")

    def text(self, parameters: LookupParameters) -> str:
        """Return the names, each in a line."""
        return "\n".join(parameters.names)

    def run(self, parameters: LookupParameters, context: JobContext) -> ResultTable:
        """Ask for one name after the other; raises TransientError when nobody could be asked."""
        return ResultTable.from_rows(COLUMNS, _rows(parameters.names, context))


def _rows(names: list[str], context: JobContext) -> Iterator[tuple[Any, ...]]:
    for number, name in enumerate(names):
        context.report(number / len(names), f"{name}, {number + 1} of {len(names)}")
        try:
            found = context.resolve(name)
        except UsageError as error:
            yield name, None, None, None, None, error.message
        else:
            yield name, found.ra, found.dec, found.resolver, found.name or None, None
