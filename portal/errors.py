"""Turn every error into a page, a fragment, a JSON problem or plain text; nothing else does."""

import logging
import uuid
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from flask import current_app
from flask import Flask
from flask import jsonify
from flask import make_response
from flask import render_template
from flask import request
from flask import Response
from werkzeug.exceptions import HTTPException

from portal.htmx import wants_fragment
from portal.parameters import FieldError
from portal.parameters import InvalidParametersError
from portal.problems import PortalError
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
    errors = error.errors if isinstance(error, InvalidParametersError) else ()
    response = _render(error.status, error.title, error.message, errors=errors)
    for name, value in error.headers:
        response.headers.add(name, value)
    if not error.fatal:
        response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def _render_http_error(error: HTTPException) -> Response:
    if error.response is not None or error.code is None:
        return make_response(error.get_response())
    status = HTTPStatus(error.code)
    response = _render(status, status.phrase, WORDS.get(status, error.description or ""))
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _render_internal_error(error: Exception) -> Response:
    reference = uuid.uuid4().hex[:8]
    log.error("internal error %s", reference, exc_info=error)
    return _render(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong",
        "The portal made a mistake. Nothing of yours is lost; please try again.",
        reference=reference,
    )


def _render(
    status: HTTPStatus,
    title: str,
    message: str,
    *,
    reference: str = "",
    errors: Iterable[FieldError] = (),
) -> Response:
    if _wants_json():
        response = _problem(status, title, message, reference, errors)
    elif _wants_text():
        response = make_response(f"{title}: {message} {reference}".rstrip() + "\n")
        response.mimetype = "text/plain"
        if status == HTTPStatus.UNPROCESSABLE_ENTITY:  # UWS 1.1, section 2.2, knows 403
            status = HTTPStatus.FORBIDDEN
    else:
        template = "_error.html" if wants_fragment() else "error.html"
        text = render_template(
            template, status=int(status), title=title, message=message, reference=reference
        )
        response = make_response(text)
    response.status_code = status
    return response


def _problem(
    status: HTTPStatus, title: str, message: str, reference: str, errors: Iterable[FieldError]
) -> Response:
    """Write a problem document (RFC 9457), with every wrong parameter and its JSON pointer."""
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": message,
    }
    if reference:
        problem["instance"] = reference
    if pointed := [
        {"pointer": f"/parameters{one.pointer}", "detail": one.message} for one in errors
    ]:
        problem["errors"] = pointed
    response = jsonify(problem)
    response.mimetype = "application/problem+json"
    return response


def _wants_json() -> bool:
    accepted = request.accept_mimetypes
    best = accepted.best_match(("text/html", "application/json", "application/problem+json"))
    return best is not None and best != "text/html" and not accepted.accept_html


def _wants_text() -> bool:
    below: str = current_app.config["PLAIN_ERRORS_BELOW"]
    return request.path.startswith(below) and not asks_for_pages(request.headers.get("Accept", ""))
