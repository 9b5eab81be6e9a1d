"""A data lake as an archive of the portal."""

from portal.plugins import Archive
from portal.plugins import QueryLink
from portal_rucio.availability import AvailabilityQuery
from portal_rucio.dids import DidsQuery
from portal_rucio.files import FilesQuery
from portal_rucio.replicas import ReplicasQuery
from portal_rucio.rules import RuleQuery
from portal_rucio.scopes import ScopesQuery
from portal_rucio.settings import LakeSettings

DESCRIPTION = (
    "A data lake: files at many places under one name, kept by Rucio. Find scopes, datasets and "
    "files, see where they are, and have them copied next to where they are worked with."
)


def lake_archive(lake: LakeSettings) -> Archive:
    """Return the archive behind one Rucio server."""
    asks = (ScopesQuery, DidsQuery, FilesQuery, ReplicasQuery, RuleQuery, AvailabilityQuery)
    return Archive(
        id=lake.id,
        title=lake.title,
        description=lake.description or DESCRIPTION,
        documentation_url=lake.documentation_url,
        queries=tuple(ask(lake) for ask in asks),
        retrieval=(
            f"Store your login for {lake.host} under Account, Logins at archives: the user name "
            "and password of Rucio, or a token with the user name left empty. Put replicas into "
            "a basket to fetch them, or have them copied first."
        ),
        health=QueryLink(query_id=lake.query_id(AvailabilityQuery.kind)),
        order=lake.order,
        esap_name="rucio",
    )
