"""The job that ends a session for its owner."""

from portal.analysis.ending import SessionEnder
from portal.parameters import parameter
from portal.parameters import QueryParameters
from portal.plugins.types import JobContext
from portal.plugins.types import Query
from portal.tables import Column
from portal.tables import ResultTable

STOP = "session.stop"


class StopParameters(QueryParameters):
    """Which session is ended."""

    session: str = parameter(title="Session", max_length=32)


class StopQuery(Query):
    """Ends a session."""

    id = STOP
    title = "End a session"
    description = "Ends what runs at a facility, and removes what was made for it."
    Parameters = StopParameters
    hidden = True
    local = True

    def __init__(self, ender: SessionEnder) -> None:
        """Keep what ends sessions."""
        self._ender = ender

    def text(self, parameters: StopParameters) -> str:
        """Say which."""
        return f"session {parameters.session}"

    def run(self, parameters: StopParameters, context: JobContext) -> ResultTable:
        """End it, if its owner wants that: nothing happens to one that is not STOPPING."""
        self._ender.end(parameters.session, context)
        return ResultTable.from_rows([Column(name="session_id", arraysize="*")], [])
