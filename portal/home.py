"""The start page."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint
from flask import current_app
from flask import render_template
from flask import url_for

from portal.accounts.owner import find_owner
from portal.parameters import form_fields
from portal.parameters import FormField
from portal.plugins.page import Page
from portal.plugins.registry import PluginRegistry
from portal.plugins.types import Archive
from portal.plugins.types import Query
from portal.uws.listing import list_latest

bp = Blueprint("home", __name__)
RECENT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A page, or the form of a query, that the start page asks by one field."""

    archive: Archive
    asked: Page | Query
    field: FormField

    @property
    def href(self) -> str:
        """Where the field is sent."""
        archive_id, asked_id = self.archive.id, self.asked.id
        if isinstance(self.asked, Page):
            return url_for("archive_pages.show", archive_id=archive_id, page_id=asked_id)
        return url_for("archives.query_form", archive_id=archive_id, query_id=asked_id)


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
    """Return what a visible archive has first with a field of the kind "search": pages lead."""
    for archive in archives:
        pages = [page for page in archive.pages if page.linked]
        answering: list[Page | Query] = [*pages, *archive.queries]
        for asked in answering if archive.visible else ():
            for field in form_fields(asked.Parameters):
                if field.kind == "search":
                    return Search(archive=archive, asked=asked, field=field)
    return None
