"""Log in at a service with what the job's owner stored for its host."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest
from requests import Response
from requests.auth import AuthBase
from requests.auth import HTTPBasicAuth

from portal.plugins import JobContext
from portal.plugins import RemoteCredential


class HostLogin(AuthBase):
    """Shows a credential to one origin, and to no other that an answer may name."""

    def __init__(
        self, credential: RemoteCredential, url: str, *, refused: Callable[[], None]
    ) -> None:
        """Keep the credential for the origin of `url`, which may say that it is `refused`."""
        self._credential = credential
        self._origin = _origin(url)
        self._refused = refused

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the header: Basic for a user's password, Bearer for a bare token."""
        if _origin(request.url or "") != self._origin:
            return request
        request.register_hook("response", self._look)  # type: ignore[no-untyped-call]
        if self._credential.user_name:
            basic = HTTPBasicAuth(self._credential.user_name, self._credential.secret)
            basic(request)
            return request
        request.headers["Authorization"] = f"Bearer {self._credential.secret}"
        return request

    def _look(self, response: Response, **_options: Any) -> None:
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            self._refused()


def log_in(context: JobContext, url: str) -> None:
    """Have the job's requests to the origin of `url` log in, if its owner stored a login for it.

    Without HTTPS everybody on the way could read it: then it is not sent, and the log says so.
    """
    parts = urlsplit(url)
    credential = context.credential(parts.hostname or "")
    if credential is None:
        return
    if parts.scheme != "https":
        context.log(f"The login for {parts.hostname} was not sent, as the address is not HTTPS")
        return
    host = parts.hostname or ""
    context.http.auth = HostLogin(credential, url, refused=lambda: context.forget_credential(host))
    context.log(f"Logging in at {parts.hostname}")


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)
