"""Pages about saved queries: save one, list them, open one by its link, rename, delete."""

from http import HTTPStatus

from flask import Blueprint
from flask import flash
from flask import redirect
from flask import render_template
from flask import request
from flask import Response
from flask import url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts.owner import current_owner
from portal.accounts.owner import find_owner
from portal.archives import saving
from portal.archives.forms import find_query
from portal.archives.forms import form_page
from portal.archives.forms import registry
from portal.archives.forms import SAVED_NAME
from portal.archives.forms import sent_pairs
from portal.archives.forms import without_files
from portal.archives.models import SavedQuery
from portal.plugins.types import Archive
from portal.problems import NotFoundError
from portal.problems import UsageError

bp = Blueprint("saved", __name__)


@bp.post("/archives/<archive_id>/<query_id>/save")
def save(archive_id: str, query_id: str) -> BaseResponse:
    """Save what the form holds, under the name that came with it."""
    archive, query = find_query(archive_id, query_id)
    pairs = without_files(query, sent_pairs())
    name = request.form.get(SAVED_NAME, "")
    try:
        saving.checked_name(name)
        saved = saving.save_query(current_owner(), name=name, query_id=query.id, parameters=pairs)
    except UsageError as error:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return form_page(archive, query, pairs, status=status, save_error=error.message)
    flash(f"The query is saved as {saved.name}.", "success")
    return redirect(url_for("saved.show", share_key=saved.share_key), code=303)


@bp.get("/queries")
def index() -> str:
    """List the owner's saved queries."""
    saved = saving.list_saved(find_owner())
    return render_template("archives/saved.html", saved=[(one, _archive_of(one)) for one in saved])


@bp.get("/queries/<share_key>")
def show(share_key: str) -> Response:
    """Show the form of a saved query, filled in, to whoever has its link."""
    saved = saving.get_shared(share_key)
    query = registry().query(saved.query_id)
    archive, query = find_query(registry().archive_of(query.id).id, query.id)
    pairs = [(name, value) for name, value in saved.parameters]
    return form_page(archive, query, pairs, opened=saved, is_own=saved.owner == find_owner())


@bp.post("/queries/<saved_id>/rename")
def rename(saved_id: str) -> BaseResponse:
    """Give a saved query another name."""
    saving.rename_saved(saved_id, request.form.get("name", ""), owner=find_owner())
    flash("The saved query has its new name.", "success")
    return redirect(url_for("saved.index"), code=303)


@bp.get("/queries/<saved_id>/delete")
def confirm_delete(saved_id: str) -> str:
    """Ask before a saved query is deleted."""
    saved = saving.get_saved(saved_id, owner=find_owner())
    return render_template("archives/saved_delete.html", saved=saved)


@bp.post("/queries/<saved_id>/delete")
def delete(saved_id: str) -> BaseResponse:
    """Delete a saved query."""
    saving.delete_saved(saved_id, owner=find_owner())
    flash("The saved query is deleted. Its link opens nothing any more.", "info")
    return redirect(url_for("saved.index"), code=303)


def _archive_of(saved: SavedQuery) -> Archive | None:
    try:
        return registry().archive_of(saved.query_id)
    except NotFoundError:  # its plugin is gone
        return None
