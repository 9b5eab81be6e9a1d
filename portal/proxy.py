"""Be the address that browsers use: behind proxies, and below a path prefix."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.config import Settings

OWN_NAMES = ("127.0.0.1", "localhost", "[::1]", "::1")


class PublicUrl:
    """WSGI middleware: the configured address wins over what the request says.

    A proxy may pass the path with its prefix or without; both are understood.
    """

    def __init__(self, wsgi_app: Any, public_url: str) -> None:
        """Take the address apart once."""
        parts = urlsplit(public_url)
        self._wsgi_app = wsgi_app
        self._scheme = parts.scheme
        self._host = parts.netloc
        self._prefix = parts.path.rstrip("/")

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Correct the environment of one request."""
        environ["wsgi.url_scheme"] = self._scheme
        environ["HTTP_HOST"] = self._host
        if self._prefix:
            path = environ.get("PATH_INFO", "")
            if path == self._prefix or path.startswith(self._prefix + "/"):
                environ["PATH_INFO"] = path.removeprefix(self._prefix) or "/"
            environ["SCRIPT_NAME"] = self._prefix
        answer: Iterable[bytes] = self._wsgi_app(environ, start_response)
        return answer


def init_app(app: Flask, settings: Settings) -> None:
    """Trust as many proxies as the operator says, and use the configured address.

    A portal for this computer alone answers to no other name: a page on the internet whose
    name comes to mean this computer could otherwise use it as if it were one of its own.
    """
    count = settings.trusted_proxies
    if settings.host in OWN_NAMES and not count and not settings.public_url:
        app.config["TRUSTED_HOSTS"] = list(OWN_NAMES)
    if count:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count, x_prefix=count
        )
    if settings.public_url:
        app.wsgi_app = PublicUrl(app.wsgi_app, settings.public_url)  # type: ignore[method-assign]
