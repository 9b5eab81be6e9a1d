"""Whether the Zooniverse answers."""

from portal.plugins import Column
from portal.plugins import JobContext
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal_zooniverse.connector import Panoptes
from portal_zooniverse.resources import Project
from portal_zooniverse.settings import ZooniverseSettings

COLUMNS = (Column(name="access_url", arraysize="*", description="What answered"),)


class AvailabilityQuery(Query):
    """Asks for any project; fails in the API's own words."""

    id = "zooniverse.availability"
    title = "See whether the Zooniverse answers"
    Parameters = QueryParameters
    hidden = True

    def __init__(self, settings: ZooniverseSettings) -> None:
        """Ask the API that the settings name."""
        self._url = settings.api_address("projects", {"page_size": "1"})

    def text(self, parameters: QueryParameters) -> str:
        """Return the address."""
        return self._url

    def run(self, parameters: QueryParameters, context: JobContext) -> ResultTable:
        """Ask, without a login."""
        Panoptes(context).find(Project, self._url)
        return ResultTable.from_rows(COLUMNS, [(self._url,)])
