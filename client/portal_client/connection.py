"""The one way out to a portal: who calls, how long to wait, and how errors come back."""

import ipaddress
import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from typing import BinaryIO
from urllib.parse import quote
from urllib.parse import urlsplit

import requests
import urllib3
from requests.auth import AuthBase

from portal_client.errors import PortalError
from portal_client.errors import UnavailableError
from portal_client.problems import read_problem

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
ACCEPT = "application/json, application/problem+json;q=0.9"
FILE = {"Accept": "application/octet-stream, application/problem+json;q=0.9"}
WRAPPERS = (requests.RequestException, urllib3.exceptions.HTTPError)
TOKEN = re.compile(r"[\x21-\x7e]+")


class _Bearer(AuthBase):
    """Sends the token, if there is one, and nothing of a `.netrc`."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Connection:
    """Requests below the address of one portal, as one caller.

    Addresses that the portal writes into its answers are never followed, and neither are
    redirects: the token goes to the address that the user gave and nowhere else. What stays
    on this computer unencrypted goes through no proxy of the environment.
    """

    def __init__(self, url: str, token: str | None, *, refused: str = "") -> None:
        """Check the address; raises ValueError for one that a token must not be sent to.

        `refused` is said besides when the token is not accepted.
        """
        self.url = _checked(url)
        self._refused = refused
        self.has_token = bool(token)
        if token:
            _check_token(token, self.url)
        self._session = requests.Session()
        self._session.trust_env = self.url.startswith("https:") or not _is_loopback(self.url)
        self._session.auth = _Bearer(token)
        self._session.headers["Accept"] = ACCEPT
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def get(
        self, *path: str, query: Mapping[str, Any] | None = None, seconds: float = READ_SECONDS
    ) -> Any:
        """Return the JSON at a path, given piece by piece; raises PortalError."""
        with self._answer("GET", path, params=query, seconds=seconds) as response:
            return _json(response)

    def get_text(self, *path: str) -> str:
        """Return the text at a path."""
        with self._answer("GET", path) as response:
            return response.text

    def create(self, *path: str, body: Mapping[str, Any]) -> str:
        """Make something of a JSON object; returns its id, the end of its address."""
        return self._create(path, json=body)

    def send(
        self, *path: str, form: Sequence[tuple[str, str]], files: Mapping[str, BinaryIO]
    ) -> str:
        """Make something of a form with files; returns its id, the end of its address."""
        return self._create(path, data=form, files=files)

    def post(self, *path: str, body: Mapping[str, Any]) -> Any:
        """Send a JSON object and return the JSON that comes back; None for a 303."""
        with self._answer("POST", path, json=body) as response:
            return None if response.is_redirect else _json(response)

    def patch(self, *path: str, body: Mapping[str, Any]) -> Any:
        """Change what is at a path, and return the JSON that comes back."""
        with self._answer("PATCH", path, json=body) as response:
            return _json(response)

    def delete(self, *path: str) -> Any:
        """Delete what is at a path and return the JSON that comes back; None for a 303."""
        with self._answer("DELETE", path) as response:
            return None if response.is_redirect else _json(response)

    @contextmanager
    def pieces(self, *path: str, size: int = 1 << 18) -> Iterator[Iterator[bytes]]:
        """Open the bytes at a path, to be read piece by piece."""
        with self._answer("GET", path, stream=True, headers=FILE) as response:
            yield _guarded(response, size)

    def _create(self, path: tuple[str, ...], **sent: Any) -> str:
        with self._answer("POST", path, **sent) as response:
            if not response.is_redirect:
                raise _no_portal(response)
            return response.headers["Location"].rpartition("/")[2]

    @contextmanager
    def _answer(
        self, method: str, path: tuple[str, ...], *, seconds: float = READ_SECONDS, **options: Any
    ) -> Iterator[requests.Response]:
        url = self.url + "/".join(quote(piece, safe="") for piece in path)
        try:
            response = self._session.request(
                method, url, timeout=(CONNECT_SECONDS, seconds), allow_redirects=False, **options
            )
        except requests.RequestException as error:
            raise UnavailableError(f"{self.url} did not answer: {_reason(error)}") from error
        with response:
            is_see_other = response.status_code == requests.codes.see_other and method != "GET"
            if not response.ok or (response.is_redirect and not is_see_other):
                raise self._problem(response)
            yield response

    def _problem(self, response: requests.Response) -> PortalError:
        problem = read_problem(response)
        if response.status_code != requests.codes.unauthorized or not self._refused:
            return problem
        return PortalError(f"{problem} {self._refused}", status=response.status_code)


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except requests.JSONDecodeError:
        raise _no_portal(response) from None


def _no_portal(response: requests.Response) -> PortalError:
    words = f"{response.url} answered, but not as a portal does."
    return PortalError(words, status=response.status_code)


def _guarded(response: requests.Response, size: int) -> Iterator[bytes]:
    try:
        yield from response.iter_content(size)
    except requests.RequestException as error:
        raise UnavailableError(f"The answer broke off: {_reason(error)}") from error


def _reason(error: requests.RequestException) -> str:
    """Return the innermost words of an error: what libraries wrap around them helps nobody."""
    inner: BaseException = error
    while isinstance(inner, WRAPPERS) and inner.__context__ is not None:
        inner = inner.__context__
    return getattr(inner, "strerror", None) or str(inner) or type(inner).__name__


def _checked(url: str) -> str:
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("The address of a portal begins with https:// and a host.")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("The address of a portal has no user name, `?` or `#` in it.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"


def _check_token(token: str, url: str) -> None:
    if not TOKEN.fullmatch(token):
        raise ValueError("This is no token: it has spaces or other characters in it.")
    if url.startswith("http:") and not _is_loopback(url):
        raise ValueError(f"A token is not sent to {url} unencrypted: use its https address.")


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
