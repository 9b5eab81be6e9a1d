"""Requests to a portal: credentials, time limits, refusals, and patience while it is away."""

import logging
import random
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import BinaryIO

import requests
from requests.auth import AuthBase

from portal.problems import PortalError
from portal.uws.gateway import GatewayAwayError

CONNECT_SECONDS = 10.0
READ_SECONDS = 10.0
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
PROBLEM = "application/problem+json"
JSON = "application/json"
ANY = "application/octet-stream"
AWAY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT})

Body = bytes | BinaryIO | None

log = logging.getLogger(__name__)


class RefusedError(PortalError):
    """The portal understood what it was sent, and refuses it; `answered` is the status."""

    title = "The portal refused this"

    def __init__(self, message: str, *, answered: int) -> None:
        """Keep what the portal said."""
        super().__init__(message)
        self.answered = answered


class Bearer(AuthBase):
    """Sends a token; as a header of the session it would give way to a line in ~/.netrc."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: bytes that are JSON, or a file; an answer may be silent for `seconds`."""

    method: str
    path: str
    told: Body = None
    seconds: float = READ_SECONDS
    is_streamed: bool = False


class Transport:
    """Makes calls below one address; safe to share by threads, not by processes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers["Accept"] = f"{JSON}, {PROBLEM}"

    def send(self, call: Call, auth: Bearer) -> requests.Response:
        """Return the answer when it says yes.

        Raises RefusedError when the portal says no, and GatewayAwayError when nobody answers,
        or somebody else.
        """
        if call.told is not None and not isinstance(call.told, bytes):
            call.told.seek(0)
        try:
            answer = self._session.request(
                call.method,
                f"{self.url}/{call.path}",
                data=call.told,
                headers={"Content-Type": JSON if isinstance(call.told, bytes) else ANY},
                auth=auth,
                timeout=(CONNECT_SECONDS, call.seconds),
                allow_redirects=False,
                stream=call.is_streamed,
            )
        except requests.RequestException as error:
            raise GatewayAwayError(f"The portal cannot be reached: {reason_of(error)}.") from error
        return _understood(answer)

    def send_again(self, call: Call, auth: Bearer, *, patience: float) -> requests.Response:
        """Send, and again while the portal is away, for `patience` seconds."""
        give_up = time.monotonic() + patience
        pause = FIRST_PAUSE
        while True:
            try:
                return self.send(call, auth)
            except GatewayAwayError as error:
                if time.monotonic() + pause >= give_up:
                    raise
                if pause == FIRST_PAUSE:
                    log.warning("%s: %s It is tried again.", call.path, error)
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - nothing to guess
            pause = min(2 * pause, LONGEST_PAUSE)


def _understood(answer: requests.Response) -> requests.Response:
    """Return an answer that says yes; what is not in the portal's words means that it is away."""
    if answer.status_code in (HTTPStatus.OK, HTTPStatus.NO_CONTENT):
        return answer
    if kind_of(answer) != PROBLEM or answer.status_code in AWAY or answer.status_code >= 500:  # noqa: PLR2004
        raise GatewayAwayError(f"The portal answers {answer.status_code} {answer.reason}.")
    said = str(answer.json().get("detail", "")) or answer.reason
    raise RefusedError(said, answered=answer.status_code)


def kind_of(answer: requests.Response) -> str:
    """Return the media type of an answer, without its parameters."""
    return answer.headers.get("Content-Type", "").partition(";")[0]


def reason_of(error: BaseException) -> str:
    """Return the words of the system, below those of the libraries."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return str(error) or type(error).__name__
