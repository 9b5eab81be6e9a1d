"""Everything that is asked of a Rucio server (REST, as of Rucio 41.5)."""

from collections.abc import Iterator
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from typing import TypeVar
from urllib.parse import unquote

import requests
from pydantic import BaseModel
from pydantic import ValidationError

from portal.plugins import JobContext
from portal.plugins import open_body
from portal.plugins import ServiceError
from portal.plugins import UsageError
from portal_rucio.answers import check
from portal_rucio.answers import exception_class
from portal_rucio.answers import read_json
from portal_rucio.answers import read_lines
from portal_rucio.answers import refusal
from portal_rucio.login import find_login
from portal_rucio.login import Login
from portal_rucio.login import WHERE
from portal_rucio.settings import LakeSettings

ACCEPT = {"Accept": "application/x-json-stream, application/json"}
NOBODY = "Token must be set"

M = TypeVar("M", bound=BaseModel)


class Lake:
    """The server, asked for one job and as whoever its owner is; raises in the server's words."""

    def __init__(self, context: JobContext, settings: LakeSettings) -> None:
        """Look for a login; nothing is asked yet."""
        self.settings = settings
        self.login: Login | None = find_login(context, settings)
        self._http = context.http

    def document(self, url: str) -> Any:
        """Return the document at an address."""
        return read_json(check(self._ask("GET", url)))

    def get(self, model: type[M], url: str) -> M:
        """Return the document at an address, as `model` has it."""
        return _as_described(model, self.document(url))

    def lines(self, model: type[M], url: str, *, post: Any = None) -> Iterator[M]:
        """Yield what a listing has, as it arrives; the first line is asked for at once."""
        response = check(self._ask("GET" if post is None else "POST", url, post))
        return (_as_described(model, line) for line in read_lines(response))

    def post(self, url: str, document: Mapping[str, Any]) -> Any:
        """Send a document, and return that of the answer."""
        return read_json(check(self._ask("POST", url, document)))

    def account(self) -> str:
        """Return the account that the login stands for; raises UsageError without a login."""
        if self.login is None or not self.login.is_own:
            raise UsageError(
                f"This is done in your own name. Store your login for {self.settings.host} {WHERE}."
            )
        self.login.headers()
        if not self.login.account:
            answer = self._ask("GET", self.settings.address("accounts", "whoami"))
            if answer.status_code != HTTPStatus.SEE_OTHER:
                check(answer)
            with open_body(answer):
                location = answer.headers.get("Location", "")
            self.login.account = unquote(location.rstrip("/").rpartition("/")[2])
        return self.login.account

    def _ask(self, method: str, url: str, document: Any = None) -> requests.Response:
        """Send a request; once more with a new token when the one that is shown has expired."""
        response = self._send(method, url, document)
        if not _wants_login(response):
            return response
        with open_body(response):
            if self.login is None:
                said = refusal(response).message
                host = self.settings.host
                raise UsageError(f"{said}. Store your login for {host} {WHERE}.")
        if self.login.can_renew:
            self.login.renew()
            response = self._send(method, url, document)
            if not _wants_login(response):
                return response
            response.close()
        raise self.login.refused()

    def _send(self, method: str, url: str, document: Any) -> requests.Response:
        """Send a request. A redirect is not followed: it would take the token elsewhere."""
        headers = ACCEPT | (self.login.headers() if self.login else {})
        return self._http.request(
            method, url, json=document, headers=headers, allow_redirects=False
        )


def _wants_login(response: requests.Response) -> bool:
    """Say whether nobody, or nobody known, asked; what somebody may not do is another refusal."""
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        return exception_class(response) in {"", "CannotAuthenticate"}
    is_without = NOBODY in response.headers.get("ExceptionMessage", "")
    return response.status_code == HTTPStatus.BAD_REQUEST and is_without


def _as_described(model: type[M], document: Any) -> M:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise ServiceError(
            "Rucio sent something in a form that its API does not have", detail=str(error)
        ) from error
