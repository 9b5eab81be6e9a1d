"""What all queries to a data lake have in common."""

from typing import Any

from portal.plugins import Query
from portal_rucio.settings import LakeSettings


class LakeQuery(Query):
    """Asks one Rucio server; `kind` is the end of its id."""

    kind: str

    def __init__(self, settings: LakeSettings) -> None:
        """Ask the server that the settings name."""
        self.id = settings.query_id(self.kind)
        self._settings = settings

    def service(self, parameters: Any) -> str:
        """Return the address of the server."""
        return self._settings.url
