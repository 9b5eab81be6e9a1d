"""The page with the form of a query: what it is filled in with, and what stands beside it."""

import uuid
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import current_app
from flask import make_response
from flask import render_template
from flask import request
from flask import Response
from werkzeug.datastructures import MultiDict

from portal.accounts.owner import find_owner
from portal.archives.history import list_history
from portal.archives.saving import list_saved
from portal.parameters import FieldError
from portal.parameters import form_fields
from portal.parameters import FormField
from portal.parameters import InvalidParametersError
from portal.parameters import upload_names
from portal.parameters import write_defaults
from portal.parameters.forms import PRESENT_SUFFIX
from portal.plugins.registry import PluginRegistry
from portal.plugins.types import Archive
from portal.plugins.types import Query
from portal.problems import NotFoundError

REQUEST_KEY = "request_key"
SAVED_NAME = "saved.name"  # no parameter has a dot in its name
FIX = "adql.fix"
MOC_FILE = ".moc"  # after the name of the field that its text is for
BASKET = "basket"
CONTROL_FIELDS = frozenset({"csrf_token", REQUEST_KEY, SAVED_NAME, FIX, BASKET})
ADQL = "adql"
MOST_LISTED = 8

Pairs = Sequence[tuple[str, str]]


def registry() -> PluginRegistry:
    """Return the plugins of this app."""
    found: PluginRegistry = current_app.extensions["plugins"]
    return found


def find_query(archive_id: str, query_id: str) -> tuple[Archive, Query]:
    """Return an archive and one of its queries that have a form; raises NotFoundError."""
    archive = registry().archive(archive_id)
    query = registry().query(query_id)
    if query not in archive.queries or query.hidden:
        raise NotFoundError("This archive has no such query.")
    return archive, query


def sent_pairs() -> list[tuple[str, str]]:
    """Return what the form of a query sent, without what is no parameter."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in CONTROL_FIELDS and (value or not name.endswith(MOC_FILE))
    ]


def refuse_unread_files(pairs: Pairs) -> None:
    """Raise InvalidParametersError for a file whose MOC was to become the text of a field."""
    message = 'press "Use it" to have the file read, or take it away'
    unread = [name.removesuffix(MOC_FILE) for name, _ in pairs if name.endswith(MOC_FILE)]
    if unread:
        raise InvalidParametersError([FieldError(name=name, message=message) for name in unread])


def adql_field(query: Query) -> FormField | None:
    """Return the field of a query that takes ADQL; None for queries that take none."""
    fields = form_fields(query.Parameters)
    return next((field for field in fields if field.language == ADQL), None)


def with_defaults(query: Query, sent: Pairs) -> Pairs:
    """Return a form with the defaults of what it leaves out: they count all the same."""
    given = {name.casefold().removesuffix(PRESENT_SUFFIX) for name, _ in sent}
    defaults = write_defaults(query.Parameters)
    return [*sent, *(pair for pair in defaults if pair[0].casefold() not in given)]


def without_files(query: Query, pairs: Pairs) -> list[tuple[str, str]]:
    """Return a form without its files, and without the marks of its boxes.

    Of a file that was chosen only its name comes along, after the reference to an earlier one.
    """
    files = upload_names(query.Parameters)
    chosen = {name: at for at, (name, _) in enumerate(pairs) if name in files}
    return [
        (name, value)
        for at, (name, value) in enumerate(pairs)
        if chosen.get(name) != at and not name.endswith(PRESENT_SUFFIX)
    ]


def form_page(
    archive: Archive,
    query: Query,
    sent: Pairs,
    *,
    errors: Sequence[FieldError] = (),
    status: HTTPStatus = HTTPStatus.OK,
    **more: Any,
) -> Response:
    """Answer the form with these values; `more` are further variables of the page."""
    fields = form_fields(query.Parameters, registry().choices(query))
    names = {field.name.casefold(): field.name for field in fields}
    owner = find_owner()
    variables: dict[str, Any] = {
        "archive": archive,
        "query": query,
        "fields": fields,
        "values": MultiDict((names.get(name.casefold(), name), value) for name, value in sent),
        "errors": errors,
        "request_key": uuid.uuid4().hex,
        "has_adql": any(field.language == ADQL for field in fields),
        "history": list_history(owner, query.id, limit=MOST_LISTED),
        "saved": list_saved(owner, query_id=query.id, limit=MOST_LISTED),
        "checked": None,
        "opened": None,
        "is_own": False,
        "save_error": "",
        **more,
    }
    return make_response(render_template("archives/query.html", **variables), status)
