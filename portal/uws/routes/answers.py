"""Answers of the REST tree: documents as XML or JSON, atoms as text, and where to go next."""

from collections.abc import Callable
from collections.abc import Iterator
from http import HTTPStatus
from itertools import chain
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from flask import jsonify
from flask import request
from flask import Response
from flask import stream_with_context
from flask import url_for

from portal.uws.browsers import asks_for_pages
from portal.uws.browsers import HTML

XML = "application/xml"
JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
MOST_PIECES = 100


def wanted() -> str:
    """Return what the caller prefers: XML unless JSON or HTML is asked for more (UWS 1.1, 2.2)."""
    kinds = [XML, "text/xml", JSON, f"{JSON}; charset=utf-8", HTML]
    best = request.accept_mimetypes.best_match(kinds, default=XML)
    if best == HTML and asks_for_pages(request.headers["Accept"]):
        return HTML
    return JSON if best.startswith(JSON) else XML


def document(xml: Callable[[], Any], json: Callable[[], Any]) -> Response:
    """Write a document in the form that the caller prefers."""
    if wanted() == JSON:
        response = jsonify(json())
    else:
        written = xml()
        body = written if isinstance(written, str) else _streamed_if_long(written)
        response = Response(body, mimetype=XML)
    response.vary.add("Accept")
    if response.mimetype == JSON:
        schema = url_for("uws.show_schema", _external=True)
        response.headers.add("Link", f'<{schema}>; rel="describedby"')
    return response


def _streamed_if_long(pieces: Iterator[str]) -> str | Iterator[str]:
    """Return a short document whole: it has a length, and holds nothing until it is read."""
    first = list(islice(pieces, MOST_PIECES))
    if len(first) < MOST_PIECES:
        return "".join(first)
    return stream_with_context(chain(first, pieces))


def described(response: Response, type_name: str | None) -> Response:
    """Say where the type of the jobs in an answer is described (RFC 8631); None: all types."""
    where = ("uws_types.show", {"type_name": type_name}) if type_name else ("uws_types.index", {})
    address = url_for(where[0], **where[1], _external=True)
    response.headers.add("Link", f'<{address}>; rel="service-desc"')
    return response


def atom(text: str) -> Response:
    """Write one value; an unknown one is an empty body."""
    return Response(text, content_type=TEXT)


def see_other(url: str) -> Response:
    """Send the caller on by a 303 to an absolute URL: several clients read nothing else."""
    response = Response(status=HTTPStatus.SEE_OTHER, content_type=TEXT)
    response.headers["Location"] = urljoin(request.url_root, url)
    response.vary.add("Accept")
    return response
