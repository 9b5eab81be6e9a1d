"""The MOC in a file as the text that a field holds, so that a search by it has an address."""

import tempfile
from collections.abc import Iterator
from http import HTTPStatus
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from flask import Blueprint
from flask import redirect
from flask import request
from flask import Response

from portal.archives.forms import CONTROL_FIELDS
from portal.archives.forms import MOC_FILE
from portal.htmx import wants_fragment
from portal.links import with_query
from portal.problems import UsageError
from portal.security import safe_next

if TYPE_CHECKING:
    from mocpy import MOC

bp = Blueprint("coverage", __name__)
LONGEST = 5_000  # as a part of an address, of which servers take about 8,000 characters


@bp.post("/coverage")
def read() -> Response:
    """Go back to a form as it was sent, with the MOC of its file in a field.

    `field` names the field, and `next` is the address of the form.
    """
    field, form = request.args.get("field", ""), safe_next(request.args.get("next"))
    sent = request.files.get(field + MOC_FILE)
    text = write_short(read_moc(sent.read() if sent else b""))
    kept = {
        name: [one for one in values if one]
        for name, values in request.form.to_dict(flat=False).items()
        if name not in CONTROL_FIELDS
    }
    target = with_query(form, kept | {field: [text]})
    if wants_fragment():  # the form itself changes, not only what is beside it
        return Response(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": target})
    return redirect(target, HTTPStatus.SEE_OTHER)  # type: ignore[return-value]


def read_moc(content: bytes) -> "MOC":
    """Return the coverage in a file: FITS, JSON or text (MOC 2.0, section 4.3).

    Raises UsageError for what is none, or covers nothing.
    """
    from mocpy import MOC

    if not content:
        raise UsageError("Choose a file with a MOC first.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "moc")
        path.write_bytes(content)
        try:
            found = MOC.load(path, _format(content))
        except (OSError, ValueError) as error:
            raise UsageError(f"This file holds no MOC of the sky: {error}.") from error
    if found.empty():
        raise UsageError("The MOC in this file covers nothing.")
    return found


def write_short(coverage: "MOC") -> str:
    """Return a MOC as text that an address can hold, in larger cells where it must be."""
    return next(text for text in _ever_shorter(coverage) if len(quote_plus(text)) <= LONGEST)


def _ever_shorter(coverage: "MOC") -> Iterator[str]:
    coarser = (coverage.degrade_to_order(order) for order in range(coverage.max_order - 1, -1, -1))
    for one in chain([coverage], coarser):
        yield " ".join(str(one.to_string("ascii")).split())


def _format(content: bytes) -> str:
    if content.startswith(b"SIMPLE"):
        return "fits"
    return "json" if content.lstrip().startswith(b"{") else "ascii"
