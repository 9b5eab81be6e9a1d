"""The plugin `basket`: a job that asks for every link of a basket whether it still leads anywhere.

It is a part of the portal; its archive is not listed, and a basket's page makes its jobs.
"""

from portal.plugins.hookspecs import hookimpl
from portal.plugins.linkcheck.query import LinkCheck
from portal.plugins.types import Archive

NAME = "basket"


@hookimpl
def portal_register_archives() -> list[Archive]:
    """Register the query, below an archive that no list shows."""
    return [
        Archive(
            id=NAME,
            title="Baskets",
            description="What can be done with the items of a basket.",
            queries=(LinkCheck(),),
            visible=False,
        )
    ]
