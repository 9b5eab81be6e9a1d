"""The start page."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint
from flask import current_app
from flask import render_template

from portal.accounts.owner import find_owner
from portal.parameters import form_fields
from portal.parameters import FormField
from portal.plugins.registry import PluginRegistry
from portal.plugins.types import Archive
from portal.plugins.types import Query
from portal.uws.listing import list_latest

bp = Blueprint("home", __name__)
RECENT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A query that the start page asks by one field of its form."""

    archive: Archive
    query: Query
    field: FormField


@bp.get("/")
def index() -> str:
    """Say what this is, and let a user start at once."""
    registry: PluginRegistry = current_app.extensions["plugins"]
    return render_template(
        "home.html",
        archives=registry.archives,
        recent_jobs=list_latest(find_owner(), RECENT),
        search=find_search(registry.archives),
    )


def find_search(archives: Iterable[Archive]) -> Search | None:
    """Return the first query of a visible archive that has a field of the kind "search"."""
    for archive in archives:
        for query in archive.queries if archive.visible else ():
            for field in form_fields(query.Parameters):
                if field.kind == "search":
                    return Search(archive=archive, query=query, field=field)
    return None
