"""What helps to write ADQL in the form of a query: checking, completing, formatting.

Each answers JSON to the editor in the browser, and without JavaScript the form again.
Nothing is kept, and nobody needs to be known for it.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass

from flask import Blueprint
from flask import jsonify
from flask import request
from flask import Response

from portal.adql.checking import check as check_adql
from portal.adql.completion import complete as complete_adql
from portal.adql.completion import Completions
from portal.adql.findings import Finding
from portal.adql.findings import Fix
from portal.adql.formatting import format_adql
from portal.adql.metadata import TableSource
from portal.adql.parsing import MAX_LENGTH
from portal.archives.forms import adql_field
from portal.archives.forms import find_query
from portal.archives.forms import FIX
from portal.archives.forms import form_page
from portal.archives.forms import registry
from portal.archives.forms import sent_pairs
from portal.archives.forms import without_files
from portal.plugins.types import Archive
from portal.plugins.types import Query
from portal.problems import NotFoundError
from portal.problems import UsageError

bp = Blueprint("editor", __name__, url_prefix="/archives")
MOST_WITH_TABLES = 50_000  # characters; of longer queries the plugin is asked nothing
CHANGE = re.compile(r"([0-9]{1,6}):([0-9]{1,6}):(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A form that is being filled in, and the query in it; `field` is the name of its field.

    Ends of lines are single characters in `text`, so that places in it mean the same here
    and in a browser, whose forms send two.
    """

    archive: Archive
    query: Query
    pairs: Sequence[tuple[str, str]]
    field: str
    text: str

    def with_text(self, text: str) -> list[tuple[str, str]]:
        """Return the values of the form with another text for the query."""
        others = [pair for pair in self.pairs if pair[0].casefold() != self.field.casefold()]
        return [*others, (self.field, text)]


@bp.post("/<archive_id>/<query_id>/check")
def check(archive_id: str, query_id: str) -> Response:
    """Say what is wrong with a query and how to mend it; `FIX` is a change to make first."""
    draft = _draft(archive_id, query_id)
    text = _fixed(draft.text)
    findings = _check(draft, text)
    if _wants_json():
        return jsonify(findings=[asdict(finding) for finding in findings])
    return form_page(draft.archive, draft.query, draft.with_text(text), checked=findings)


@bp.post("/<archive_id>/<query_id>/format")
def reformat(archive_id: str, query_id: str) -> Response:
    """Lay the query out so that it reads well; one that cannot be read stays as it is."""
    draft = _draft(archive_id, query_id)
    text = format_adql(draft.text)
    if _wants_json():
        return jsonify(text=text)
    return form_page(draft.archive, draft.query, draft.with_text(text), checked=_check(draft, text))


@bp.post("/<archive_id>/<query_id>/complete")
def complete(archive_id: str, query_id: str) -> Response:
    """List what can be written before the character `offset` (of Unicode, from 0) of a query."""
    draft = _draft(archive_id, query_id)
    offset = request.args.get("offset", default=len(draft.text), type=int)

    def completed() -> Completions:
        return complete_adql(draft.text, offset, _tables(draft))

    found = registry().call(draft.query, completed, otherwise=None)
    return jsonify(asdict(found or complete_adql(draft.text, offset)))


def _draft(archive_id: str, query_id: str) -> Draft:
    """Return what was sent; raises NotFoundError for a query that takes no ADQL."""
    archive, query = find_query(archive_id, query_id)
    field = adql_field(query)
    if field is None:
        raise NotFoundError("This query takes no ADQL.")
    pairs = without_files(query, sent_pairs())
    name = field.name.casefold()
    texts = [value for sent, value in pairs if sent.casefold() == name]
    text = texts[-1].replace("\r\n", "\n").replace("\r", "\n") if texts else ""
    if len(text) > MAX_LENGTH:
        raise UsageError(f"The query is too long: {MAX_LENGTH:,} characters are the limit.")
    return Draft(archive=archive, query=query, pairs=pairs, field=field.name, text=text)


def _tables(draft: Draft) -> TableSource | None:
    """Ask the plugin what is known of the service that the form names; to be called guarded."""
    if len(draft.text) > MOST_WITH_TABLES:
        return None
    names = {name.casefold(): name for name in draft.query.Parameters.model_fields}
    values = {names.get(name.casefold(), name): value for name, value in draft.pairs}
    metadata = draft.query.metadata(values)
    return metadata.tables if metadata is not None else None


def _check(draft: Draft, text: str) -> Sequence[Finding]:
    def checked() -> Sequence[Finding]:
        return check_adql(text, _tables(draft))

    found = registry().call(draft.query, checked, otherwise=None)
    return check_adql(text) if found is None else found


def _fixed(text: str) -> str:
    """Make the change that was asked for, written as `<start>:<end>:<replacement>`."""
    written = request.form.get(FIX)
    if written is None:
        return text
    change = CHANGE.fullmatch(written)
    if change is None or not int(change[1]) <= int(change[2]) <= len(text):
        raise UsageError("This change does not fit the query any more. Check the query again.")
    replacement = change[3].replace("\r\n", "\n")
    return Fix("", int(change[1]), int(change[2]), replacement).apply(text)


def _wants_json() -> bool:
    best = request.accept_mimetypes.best_match(("text/html", "application/json"))
    return best == "application/json"
