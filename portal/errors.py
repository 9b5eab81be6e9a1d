"""Turn every error into a page, a fragment, a JSON problem or plain text; nothing else does."""

import logging
import uuid
from http import HTTPStatus

from flask import Flask
from flask import jsonify
from flask import make_response
from flask import render_template
from flask import request
from flask import Response
from werkzeug.exceptions import HTTPException

from portal.htmx import wants_fragment
from portal.problems import PortalError

RETRY_AFTER_SECONDS = "30"
WORDS = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address. It may have been deleted.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that kind of request.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "What was sent is larger than the portal accepts.",
}

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Render every error of this app."""
    app.register_error_handler(PortalError, _render_portal_error)
    app.register_error_handler(HTTPException, _render_http_error)
    app.register_error_handler(Exception, _render_internal_error)


def _render_portal_error(error: PortalError) -> Response:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("%s: %s", type(error).__name__, error.message)
    response = _render(error.status, error.title, error.message)
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


def _render(status: HTTPStatus, title: str, message: str, *, reference: str = "") -> Response:
    if _wants_json():
        problem = {"type": "about:blank", "title": title, "status": status, "detail": message}
        response = jsonify(problem | ({"instance": reference} if reference else {}))
        response.mimetype = "application/problem+json"
    else:
        template = "_error.html" if wants_fragment() else "error.html"
        text = render_template(
            template, status=int(status), title=title, message=message, reference=reference
        )
        response = make_response(text)
    response.status_code = status
    return response


def _wants_json() -> bool:
    accepted = request.accept_mimetypes
    best = accepted.best_match(("text/html", "application/json", "application/problem+json"))
    return best is not None and best != "text/html" and not accepted.accept_html
