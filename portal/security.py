"""What every answer says to browsers, and which requests a browser may not send for others."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from typing import TypeVar
from urllib.parse import unquote_to_bytes
from urllib.parse import urlsplit

from flask import Flask
from flask import request
from flask import Response
from flask_wtf.csrf import CSRFError
from flask_wtf.csrf import CSRFProtect

from portal.links import safe_href
from portal.nul import CheckedRequest
from portal.nul import refuse_nul
from portal.problems import NotFoundError
from portal.problems import PortalError
from portal.problems import UsageError
from portal.throttle import Throttle

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
STATIC_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PAGE_HEADERS = {**STATIC_HEADERS, "Cache-Control": "no-store"}
TWO_YEARS = 63_072_000
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
LIMITED = ("/api/", "/esap-api/", "/uws/")
WORKERS = "/uws/worker/"  # of the operator's, who come every second
OWN_SITES = frozenset({"same-origin", "none"})
CHANGES_NOTHING = "portal_changes_nothing"

View = TypeVar("View", bound=Callable[..., Any])

logger = logging.getLogger(__name__)


class ForgedRequestError(PortalError):
    """A change was asked for with the user's cookie, but perhaps not by the user."""

    status = HTTPStatus.FORBIDDEN
    title = "This request was refused"


class LengthRequiredError(PortalError):
    """A body was sent of which nobody knows how long it gets."""

    status = HTTPStatus.LENGTH_REQUIRED
    title = "This request cannot be read"


def init_app(app: Flask, *, public_url: str | None = None, requests_per_minute: int = 0) -> None:
    """Add the headers, the cookie flags, the check for forged requests and `safe_href`.

    `public_url` is the address that browsers use when it is not the one of the request,
    behind a proxy that does not tell. Of the API and of changes each client address may ask
    for so much; 0: as much as it wants.
    """
    if requests_per_minute:
        _limit_requests(app, Throttle(per_minute=requests_per_minute, burst=requests_per_minute))
    _configure_cookies(app, public_url)
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # checked below, for requests with a cookie
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # a form may stay open as long as its session
    app.config["WTF_CSRF_SSL_STRICT"] = False  # Origin says more than Referer, and comes first
    csrf = CSRFProtect(app)
    app.request_class = type("PortalRequest", (CheckedRequest, app.request_class), {})
    own_origin = _origin(public_url) if public_url else None

    @app.before_request
    def refuse_malformed_request() -> None:
        _check_form_of_request()

    @app.before_request
    def refuse_forged_request() -> None:
        if request.method in SAFE_METHODS or _is_only_asked(app):
            return
        if not _is_sent_on_purpose():
            _check_site(own_origin)
        if "Cookie" in request.headers and app.config["WTF_CSRF_ENABLED"]:
            _check_token(csrf)

    app.after_request(_add_headers)
    app.add_template_filter(safe_href)


def changes_nothing(view: View) -> View:
    """Note that a POST to this view is only a long question: no site can do harm with it.

    The view neither writes anything nor looks at who asks.
    """
    setattr(view, CHANGES_NOTHING, True)
    return view


def _is_only_asked(app: Flask) -> bool:
    view = app.view_functions.get(request.endpoint or "")
    return hasattr(view, CHANGES_NOTHING)


def _limit_requests(app: Flask, throttle: Throttle) -> None:
    @app.before_request
    def refuse_too_many_requests() -> None:
        is_limited = request.method not in SAFE_METHODS or request.path.startswith(LIMITED)
        if is_limited and not request.path.startswith(WORKERS):
            throttle.take(request.remote_addr or "")


def safe_next(target: str | None, default: str = "/") -> str:
    """Return `target` when it is a path of this site, else `default` (no open redirects)."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return default
    if any(character <= " " for character in target):
        return default
    return target


def _configure_cookies(app: Flask, public_url: str | None) -> None:
    """Set the flags of the session cookie; `__Host-` needs HTTPS and the path "/" (RFC 6265bis)."""
    parts = urlsplit(public_url or "")
    is_https = parts.scheme == "https"
    prefix = parts.path.rstrip("/")
    app.config["SESSION_COOKIE_NAME"] = "__Host-portal" if is_https and not prefix else "portal"
    app.config["SESSION_COOKIE_PATH"] = f"{prefix}/"
    app.config["SESSION_COOKIE_SECURE"] = is_https
    app.config["SESSION_COOKIE_HTTPONLY"] = True
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"


def _is_sent_on_purpose() -> bool:
    """Say whether the sender knew the credentials: only a bearer token is never sent by itself.

    A request without any is checked as well: another site could have it answered with a new
    cookie in place of the visitor's own. Programs send neither Origin nor Sec-Fetch-Site.
    """
    authorization = request.authorization
    return (
        "Cookie" not in request.headers
        and authorization is not None
        and authorization.type == "bearer"
    )


def _check_site(own_origin: str | None) -> None:
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    own = {_origin(request.host_url), own_origin}
    if site not in OWN_SITES or (origin is not None and origin not in own):
        logger.warning("refused a request from %r (%s), not from %s", origin, site, own)
        raise ForgedRequestError(
            "The request came from another site. Open the portal itself and try again."
        )


def _check_form_of_request() -> None:
    """Refuse what no part of the portal can take: NUL, half-read forms, other encodings.

    PostgreSQL takes no NUL; in forms and JSON `portal.nul` finds it. A form of unknown length
    that is too long would be cut, unless it has parts: those are read until the limit is passed,
    where the server tells their end. Of a form that is not UTF-8 nothing would be read.
    """
    if "\x00" in request.path:
        raise NotFoundError("There is nothing at this address.")
    if any("\x00" in text for pair in request.args.items(multi=True) for text in pair):
        raise UsageError("An address cannot have the character U+0000 in it.")
    if request.content_length is None and "Transfer-Encoding" in request.headers:
        can_be_read = request.environ.get("wsgi.input_terminated")
        if request.mimetype != MULTIPART or not can_be_read:
            raise LengthRequiredError("Send the length of the body in Content-Length.")
    if request.mimetype == URLENCODED:
        try:
            form = unquote_to_bytes(request.get_data()).decode()
        except UnicodeDecodeError as error:
            raise UsageError("The form is not in UTF-8.") from error
        refuse_nul(form)


def _check_token(csrf: CSRFProtect) -> None:
    if request.method == "PUT":
        request.get_data()  # looking for a token in a form would leave nothing of the body
    try:
        csrf.protect()
    except CSRFError as error:
        raise ForgedRequestError(
            "The form was out of date. Go back, reload the page and send it again."
        ) from error


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _add_headers(response: Response) -> Response:
    for name, value in PAGE_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={TWO_YEARS}")
    return response
