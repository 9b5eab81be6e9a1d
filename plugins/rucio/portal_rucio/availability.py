"""Whether a data lake answers."""

from portal.plugins import Column
from portal.plugins import JobContext
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal_rucio.answers import check
from portal_rucio.answers import read_json
from portal_rucio.query import LakeQuery

COLUMNS = (Column(name="access_url", arraysize="*", description="What answered"),)


class AvailabilityQuery(LakeQuery):
    """Asks for the version of the server, without a login."""

    kind = "availability"
    title = "See whether the data lake answers"
    Parameters = QueryParameters
    hidden = True

    def text(self, parameters: QueryParameters) -> str:
        """Return the address."""
        return self._settings.address("ping")

    def run(self, parameters: QueryParameters, context: JobContext) -> ResultTable:
        """Ask; nobody's login is needed for that."""
        url = self.text(parameters)
        read_json(check(context.http.get(url, allow_redirects=False)))
        return ResultTable.from_rows(COLUMNS, [(url,)])
