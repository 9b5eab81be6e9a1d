"""Turn every error into a page, a fragment, a JSON problem or plain text; nothing else does."""

import logging
import uuid
from http import HTTPStatus
from typing import Any

from flask import current_app
from flask import Flask
from flask import make_response
from flask import render_template
from flask import request
from flask import Response
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import SecurityError

from portal.htmx import wants_fragment
from portal.problems import PortalError
from portal.problems import problem
from portal.uws.answers import problem_answer
from portal.uws.answers import text_answer
from portal.uws.browsers import asks_for_pages

RETRY_AFTER_SECONDS = "30"
WORDS = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address. It may have been deleted.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that kind of request.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "What was sent is larger than the portal accepts.",
}

log = logging.getLogger(__name__)


def init_app(app: Flask, *, plain_below: str = "/uws/") -> None:
    """Render every error of this app; below one path for programs, as text."""
    app.config["PLAIN_ERRORS_BELOW"] = plain_below
    app.register_error_handler(PortalError, _render_portal_error)
    app.register_error_handler(HTTPException, _render_http_error)
    app.register_error_handler(Exception, _render_internal_error)


def _render_portal_error(error: PortalError) -> Response:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("%s: %s", type(error).__name__, error.message)
    response = _render(error.problem())
    for name, value in error.headers:
        response.headers.add(name, value)
    if not error.fatal:
        response.headers.setdefault("Retry-After", RETRY_AFTER_SECONDS)
    return response


def _render_http_error(error: HTTPException) -> Response:
    if error.response is not None or error.code is None:
        return make_response(error.get_response())
    status = HTTPStatus(error.code)
    words = WORDS.get(status, error.description or "")
    found = problem(status, status.phrase, words)
    if isinstance(error, SecurityError):  # of a host that is not ours: there are no links to show
        return text_answer(found)
    response = _render(found)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _render_internal_error(error: Exception) -> Response:
    reference = uuid.uuid4().hex[:8]
    log.error("internal error %s", reference, exc_info=error)
    words = "The portal made a mistake. Nothing of yours is lost; please try again."
    title = "Something went wrong"
    found = problem(HTTPStatus.INTERNAL_SERVER_ERROR, title, words)
    return _render(found | {"instance": reference})


def _render(found: dict[str, Any]) -> Response:
    response = _written(found)
    response.vary.add("Accept")
    return response


def _written(found: dict[str, Any]) -> Response:
    """Write a problem as JSON, as text for programs, or as a page or its fragment."""
    if _wants_json():
        return problem_answer(found)
    if _wants_text():
        return text_answer(found)
    template = "_error.html" if wants_fragment() else "error.html"
    text = render_template(
        template,
        status=found["status"],
        title=found["title"],
        message=found["detail"],
        reference=found.get("instance", ""),
    )
    return make_response(text, found["status"])


def _wants_json() -> bool:
    accepted = request.accept_mimetypes
    best = accepted.best_match(("text/html", "application/json", "application/problem+json"))
    return best is not None and best != "text/html" and not accepted.accept_html


def _wants_text() -> bool:
    below: str = current_app.config["PLAIN_ERRORS_BELOW"]
    return request.path.startswith(below) and not asks_for_pages(request.headers.get("Accept", ""))
