"""What is sent to a broker, and how its refusals are understood."""

import json
from http import HTTPStatus

import requests

from portal.plugins import open_body
from portal.plugins import seconds_to_wait
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal_broker.documents import Document
from portal_broker.documents import last_uuid
from portal_broker.documents import write_decision

MAX_ANSWER = 1_000_000
DETAIL_LENGTH = 300
REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
LATER = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
NOBODYS = "00000000-0000-0000-0000-000000000000"
LONGEST_PAUSE = 60.0


class RefusedError(UsageError):
    """The broker does not take the token."""


class DecidedError(ServiceError):
    """The broker does not offer that decision any more."""


class BrokerApi:
    """A broker.

    Sessions are found below its address by their ids: no address that it names is ever sent
    the token. `pause` is how long it wants to be left alone, in seconds; None: it did not say.
    """

    def __init__(self, http: requests.Session, *, root: str, title: str, token: str | None) -> None:
        self._http = http
        self._root = root
        self._title = title
        self._token = token
        self.pause: float | None = None
        self._elsewhere: str | None = None

    def request(self, document: Document) -> Document:
        """Ask for offers."""
        said = self._send("POST", "requests", document)
        if self._elsewhere is not None:  # the draft of 2025 may answer with 303
            said = self._send("GET", f"offersets/{self._elsewhere}")
        if said is None:
            raise ServiceError(f"There is no broker at the address of {self._title}.")
        return said

    def session(self, uuid: str) -> Document | None:
        """Return a session, or None when nobody there knows it."""
        return self._send("GET", f"sessions/{uuid}")

    def decide(self, uuid: str, value: str) -> Document | None:
        """Set the phase; None when nobody knows the session. Raises DecidedError."""
        return self._send("POST", f"sessions/{uuid}", write_decision(value))

    def is_there(self) -> bool:
        """Say whether a broker answers and takes the token; raises what else it answers."""
        return self._send("GET", f"sessions/{NOBODYS}") is None

    def _send(self, method: str, path: str, document: Document | None = None) -> Document | None:
        headers = {"Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        answered = self._http.request(
            method, f"{self._root}{path}", json=document, headers=headers, allow_redirects=False
        )
        with answered as answer, open_body(answer) as body:
            pause = seconds_to_wait(answer.headers.get("Retry-After"))
            self.pause = None if pause is None else min(pause, LONGEST_PAUSE)
            self._elsewhere = None
            if answer.status_code == HTTPStatus.SEE_OTHER:
                self._elsewhere = last_uuid(answer.headers.get("Location", ""))
            if answer.status_code == HTTPStatus.NOT_FOUND or self._elsewhere:
                return None
            said = _read_object(body.read(MAX_ANSWER))
            if answer.status_code != HTTPStatus.OK:
                raise self._problem(answer.status_code, said or {})
            if said is None:
                raise ServiceError(f"{self._title} does not answer as a broker does.")
            return said

    def _problem(self, status: int, said: Document) -> Exception:
        detail = str(said.get("detail") or f"status {status}")[:DETAIL_LENGTH]
        if status in REFUSED:
            return RefusedError(f"{self._title} does not take the token: {detail}")
        if status in LATER:
            return TransientError(f"{self._title} is busy: {detail}")
        kind = DecidedError if status == HTTPStatus.CONFLICT else ServiceError
        return kind(f"{self._title} refused: {detail}")


def _read_object(text: bytes) -> Document | None:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None
