"""Whether the Zooniverse answers."""

from portal.plugins import Column
from portal.plugins import JobContext
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal_zooniverse.connector import Panoptes
from portal_zooniverse.panoptes import PanoptesQuery
from portal_zooniverse.resources import Project

COLUMNS = (Column(name="access_url", arraysize="*", description="What answered"),)


class AvailabilityQuery(PanoptesQuery):
    """Asks for any project; fails in the API's own words."""

    id = "zooniverse.availability"
    title = "See whether the Zooniverse answers"
    Parameters = QueryParameters
    hidden = True

    def text(self, parameters: QueryParameters) -> str:
        """Return the address."""
        return self._settings.api_address("projects", {"page_size": "1"})

    def run(self, parameters: QueryParameters, context: JobContext) -> ResultTable:
        """Ask, without a login."""
        url = self.text(parameters)
        Panoptes(context).find(Project, url)
        return ResultTable.from_rows(COLUMNS, [(url,)])
