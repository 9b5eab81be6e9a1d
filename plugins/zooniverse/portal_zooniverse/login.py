"""The job owner's login at the Zooniverse: a token of theirs, or one got for a password.

The token is kept in memory for as long as the job runs, and nowhere else.
"""

import re
import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel
from pydantic import Field
from pydantic import ValidationError
from requests import PreparedRequest
from requests import Response
from requests.auth import AuthBase

from portal.plugins import JobContext
from portal.plugins import RemoteCredential
from portal.plugins import ServiceError
from portal.plugins import UsageError
from portal_zooniverse.answers import read_body
from portal_zooniverse.answers import refusal
from portal_zooniverse.settings import ZooniverseSettings

SERVICE = "zooniverse"
WHERE = "under Account, Logins at archives"
TOKEN = re.compile(r"[\x21-\x7e]{1,10000}")
EXPIRY_SPARE = 120.0  # seconds before its end in which a token is replaced


Patiently = Callable[[Callable[[], Response]], Response]


class _Grant(BaseModel):
    """What an OAuth server answers to a password (RFC 6749, section 5.1)."""

    access_token: str = Field(pattern=f"^{TOKEN.pattern}$", repr=False)
    expires_in: float = 7200


class Login(AuthBase):
    """Shows a token to the API, and to no other origin that an answer may name."""

    def __init__(
        self,
        context: JobContext,
        settings: ZooniverseSettings,
        credential: RemoteCredential,
        *,
        forget: Callable[[], None],
    ) -> None:
        """Keep the credential, and how it is deleted; nothing is asked before a token is needed."""
        self._http = context.http
        self._forget = forget
        self._settings = settings
        self._credential = credential
        self._token = "" if credential.user_name else credential.secret
        self._expiry = 0.0

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the token to a request to the API."""
        if origin(request.url or "") == origin(self._settings.api_url):
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    @property
    def can_renew(self) -> bool:
        """Whether a token that is no longer accepted can be replaced."""
        return bool(self._credential.user_name)

    def renew_if_old(self, patiently: Patiently) -> None:
        """Have a token that is good for a while; raises what `renew` raises."""
        if self.can_renew and time.monotonic() >= self._expiry - EXPIRY_SPARE:
            self.renew(patiently)
        elif not TOKEN.fullmatch(self._token):
            self._forget()
            raise UsageError(f"What is stored as token for the Zooniverse is none. {self._again()}")

    def renew(self, patiently: Patiently) -> None:
        """Get a token for the password (OAuth 2, RFC 6749, section 4.3).

        `patiently` sends the request, as often as that takes. Raises UsageError when the
        password is wrong. Redirects are not followed, as they would take the password along.
        """
        answer = patiently(
            lambda: self._http.post(
                self._settings.token_url,
                json={
                    "grant_type": "password",
                    "client_id": self._settings.client_id,
                    "login": self._credential.user_name,
                    "password": self._credential.secret,
                },
                headers={"Accept": "application/json"},
                allow_redirects=False,
            )
        )
        grant = self._granted(answer)
        self._token = grant.access_token
        self._expiry = time.monotonic() + grant.expires_in

    def refused(self) -> UsageError:
        """Forget a token that the API does not accept, and return the error for it."""
        self._forget()
        return UsageError(f"The Zooniverse does not accept the stored token. {self._again()}")

    def _granted(self, answer: Response) -> _Grant:
        """Read the answer, whose own words are not passed on: they may repeat the question."""
        body = read_body(answer)
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            self._forget()
            raise UsageError(
                f"The Zooniverse does not accept the user name {self._credential.user_name} "
                f"with the stored password. {self._again()}"
            )
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            raise refusal(answer, b"")
        try:
            return _Grant.model_validate_json(body)
        except ValidationError:
            host = urlsplit(self._settings.token_url).netloc
            raise ServiceError(f"{host} was asked for a token and sent none") from None

    def _again(self) -> str:
        return f"It is deleted here. Store your login for {SERVICE} anew {WHERE}."


def find_login(context: JobContext, settings: ZooniverseSettings) -> Login | None:
    """Return the login that the job's owner stored, if any.

    Without HTTPS everybody on the way could read it: then it is not sent, and the log says so.
    """
    parts = urlsplit(settings.api_url)
    found = ((name, context.credential(name)) for name in (SERVICE, parts.hostname or ""))
    service, credential = next(((name, one) for name, one in found if one), ("", None))
    if credential is None:
        return None
    if parts.scheme != "https":
        context.log(f"The login for {parts.hostname} was not sent, as the address is not HTTPS")
        return None
    context.log(f"Logging in at {parts.hostname}")
    forget = partial(context.forget_credential, service)
    return Login(context, settings, credential, forget=forget)


def origin(url: str) -> tuple[str, str | None, Any]:
    """Return what tells the service of an address from others."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)
