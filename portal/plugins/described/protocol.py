"""How a described query is asked: what a plugin that knows a protocol provides."""

from abc import ABC
from abc import abstractmethod
from typing import Any

from portal.plugins.described.description import QueryDescription
from portal.plugins.links import QueryLink
from portal.plugins.types import Query


class Protocol(ABC):
    """Makes queries of descriptions whose `service` is its id.

    `Description` is what such a block may say: `QueryDescription` with further keys.
    """

    id: str
    Description: type[QueryDescription]

    @abstractmethod
    def query(self, query_id: str, description: Any) -> Query:
        """Return the query of that id; pure.

        Raises DescriptionError with the place of what is wrong, from the block of the query.
        """

    def health(self, description: Any) -> QueryLink | None:
        """Return a query that fails when the service does not answer; as `Archive.health`."""
        return None
