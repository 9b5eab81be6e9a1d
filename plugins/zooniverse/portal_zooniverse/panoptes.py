"""What all queries to the Zooniverse have in common."""

from typing import Any

from portal.plugins import Query
from portal_zooniverse.settings import ZooniverseSettings


class PanoptesQuery(Query):
    """Asks Panoptes, the Zooniverse's API."""

    def __init__(self, settings: ZooniverseSettings) -> None:
        """Ask the API that the settings name."""
        self._settings = settings

    def service(self, parameters: Any) -> str:
        """Return the address of the API."""
        return self._settings.api_url
