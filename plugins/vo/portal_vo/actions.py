"""What can be done with a row of the registry."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from portal.plugins import Column
from portal.plugins import QueryLink
from portal.plugins import RowAction
from portal_vo.standards import TAP_STANDARDS

NEEDED = frozenset({"standard_id", "access_url"})


class QueryService(RowAction):
    """Leads from a TAP service in the registry to the form that asks it."""

    id = "vo-query-service"
    title = "Query this service"

    def applies(self, columns: Sequence[Column]) -> bool:
        """Say whether the rows are services."""
        return {column.name for column in columns} >= NEEDED

    def link(self, row: Mapping[str, Any]) -> QueryLink | None:
        """Return the form with the address filled in, or None for other services."""
        url, standard = row.get("access_url"), row.get("standard_id")
        if not url or standard not in TAP_STANDARDS:
            return None
        return QueryLink(query_id="query.tap", parameters={"access_url": str(url)})
