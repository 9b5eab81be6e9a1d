"""The REST API of a JupyterHub, as a service of it or one of its users may use it."""

import json
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from urllib.parse import urljoin

import requests

from portal.plugins import open_body
from portal.plugins import read_events
from portal.plugins import ServiceError
from portal.plugins import TransientError

DENIED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
BUSY = (HTTPStatus.TOO_MANY_REQUESTS,)
HIDDEN = "No access to resources"  # how a hub words the 404 of a token that may not see something
JSON = "application/json"
PAGES = "application/jupyterhub-pagination+json"  # since version 2
NAMES_SERVERS = 6  # from this version on, servers have titles
ONE_SERVER = "named servers are not enabled"  # a hub's words, in every version
STARTED = 0.5  # how far a launch is when its server runs
MAX_ANSWER = 1_000_000
LONGEST_WORDS = 1_000


class RefusedError(ServiceError):
    """The hub refuses the token, or lets it not do this."""


class OneServerError(ServiceError):
    """The hub lets each user have one server, which has no name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the hub answered."""

    status: int
    said: Mapping[str, Any]

    @property
    def is_refusal(self) -> bool:
        """Say whether the token may not do this; what it may not see is then not found."""
        is_hidden = self.status == HTTPStatus.NOT_FOUND and _words(self).startswith(HIDDEN)
        return self.status in DENIED or is_hidden

    @property
    def is_of_somebody_else(self) -> bool:
        """Say whether something before the hub answered that it does not find it."""
        return self.status == HTTPStatus.NOT_FOUND and "status" not in self.said


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A server of a user; the one without a name is the only one at most hubs."""

    user: str
    server: str

    @property
    def path(self) -> str:
        """Return it as a path of the API."""
        name = f"servers/{quote(self.server, safe='')}" if self.server else "server"
        return f"{_user(self.user)}/{name}"


class HubApi:
    """What is asked of one hub with one token."""

    def __init__(self, http: requests.Session, *, root: str, title: str, token: str) -> None:
        self._http = http
        self._root = root
        self._title = title
        self._token = token

    def version(self) -> str:
        """Return the version of the hub."""
        return str(self.ask("GET", "").said.get("version", ""))

    def name(self) -> str:
        """Return the name of the user whose token this is."""
        said = self.ask("GET", "user").said
        if said.get("kind") != "user" or not said.get("name"):
            raise RefusedError(f"{self._title} says that the token is not that of a person.")
        return str(said["name"])

    def check_access(self, user: str) -> None:
        """Raise RefusedError for a token that may not even look at a user, who need not exist."""
        self.ask("GET", _user(user), but=(HTTPStatus.NOT_FOUND,))

    def count_active(self) -> int | None:
        """Return how many users have a server; None where the token may not count them."""
        try:
            said = self.ask("GET", "users?state=active&limit=1", accept=PAGES).said
        except RefusedError:
            return None
        pages = said.get("_pagination")
        total = pages.get("total") if isinstance(pages, dict) else None
        return total if isinstance(total, int) else None

    def make_user(self, user: str) -> None:
        """Make a user, unless there is one already."""
        self.ask("POST", _user(user), but=(HTTPStatus.CONFLICT,))

    def remove_idle_user(self, user: str, *, after: str) -> None:
        """Remove a user who has no server, after one was stopped.

        Raises TransientError while that one is on its way out.
        """
        answer = self.ask("GET", _user(user), but=(HTTPStatus.NOT_FOUND,))
        servers = answer.said.get("servers") or {}
        if after in servers:
            raise TransientError(f"{self._title} is still ending the session.")
        if answer.status == HTTPStatus.OK and not servers:
            self.ask("DELETE", _user(user), but=(HTTPStatus.NOT_FOUND,))

    def start(self, place: Place, *, title: str, options: Mapping[str, Any]) -> None:
        """Have a server started; one that is there, or on its way, is what was wanted.

        Raises OneServerError where servers have no names.
        """
        named = {"display_name": title, "user_options": dict(options)}
        model = named if self._major() >= NAMES_SERVERS else dict(options)
        answer = self.ask("POST", place.path, but=(HTTPStatus.BAD_REQUEST,), json=model)
        if answer.status == HTTPStatus.BAD_REQUEST and self.server(place) is None:
            words = _words(answer)
            problem = OneServerError if ONE_SERVER in words.casefold() else ServiceError
            raise problem(f"{self._title} says: {words}")

    def server(self, place: Place) -> Mapping[str, Any] | None:
        """Return what the hub says of a server, or None when it runs none of this name.

        Raises RefusedError for a token that may not see that.
        """
        answer = self.ask("GET", _user(place.user), but=(HTTPStatus.NOT_FOUND,))
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        servers = answer.said.get("servers")
        if not isinstance(servers, dict):
            raise RefusedError(f"{self._title} does not tell this token which servers there are.")
        found = servers.get(place.server)
        return found if isinstance(found, dict) else None

    def follow(self, place: Place, report: Callable[[float | None, str], None]) -> str:
        """Wait until a server is ready, and return its address.

        Raises ServiceError with the hub's words when it does not start.
        """
        url = f"{self._root}hub/api/{place.path}/progress"
        with self._http.get(url, headers=self._headers) as answer:
            if answer.ok and answer.headers.get("Content-Type", "").startswith("text/event-stream"):
                for event in read_events(answer):
                    words = str(event.get("message", ""))[-LONGEST_WORDS:]
                    if event.get("failed"):
                        raise ServiceError(f"{self._title} says: {words}")
                    report(_fraction(event.get("progress")), words)
                    if event.get("ready"):
                        return urljoin(self._root, str(event.get("url", "")))
        said = self.server(place)
        if said is None:
            raise ServiceError(f"{self._title} did not start the session, and does not say why.")
        if not said.get("ready"):
            raise TransientError(f"{self._title} does not say how far the session is.")
        return urljoin(self._root, str(said.get("url", "")))

    def make_token(self, place: Place, *, note: str) -> str:
        """Make a token that opens this server and nothing else."""
        scope = f"access:servers!server={place.user}/{place.server}"
        model = {"note": note, "scopes": [scope]}
        said = self.ask("POST", f"{_user(place.user)}/tokens", json=model).said
        if not said.get("token"):
            raise ServiceError(f"{self._title} makes no token for the session.")
        return str(said["token"])

    def revoke_tokens(self, user: str, *, note: str) -> None:
        """Revoke a user's tokens that have this note, also those that nobody knows of any more."""
        path = f"{_user(user)}/tokens"
        known = self.ask("GET", path, but=(HTTPStatus.NOT_FOUND,)).said.get("api_tokens")
        for one in known if isinstance(known, list) else ():
            if one.get("note") == note:
                token = quote(str(one.get("id")), safe="")
                self.ask("DELETE", f"{path}/{token}", but=(HTTPStatus.NOT_FOUND,))

    def stop(self, place: Place) -> None:
        """Have a server stopped and forgotten.

        Raises TransientError while it is on its way up, which hubs before version 6 do not stop.
        """
        gone = (HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST)
        and_forgotten = {"remove": True} if place.server else None
        answer = self.ask("DELETE", place.path, but=gone, json=and_forgotten)
        if answer.status == HTTPStatus.BAD_REQUEST and self.server(place) is not None:
            raise TransientError(f"{self._title} says: {_words(answer)}")

    def ask(
        self,
        method: str,
        path: str,
        *,
        but: tuple[int, ...] = (),
        accept: str = JSON,
        **options: Any,
    ) -> Answered:
        """Ask, and return an answer that is well, or has one of the statuses in `but`.

        A 404 is one only where the hub itself says so, and to a token that may see everything.
        """
        url = f"{self._root}hub/api/{path}"
        headers = {"Accept": accept, **self._headers}
        with self._http.request(
            method, url, headers=headers, allow_redirects=False, **options
        ) as response:
            answer = Answered(status=response.status_code, said=_read(response))
        if answer.is_refusal:
            raise RefusedError(f"{self._title} refuses the token: {_words(answer)}")
        is_away = answer.is_of_somebody_else or answer.status >= HTTPStatus.BAD_GATEWAY
        if not is_away and (answer.status in but or answer.status < HTTPStatus.MULTIPLE_CHOICES):
            return answer
        if answer.status < HTTPStatus.BAD_REQUEST:
            raise ServiceError(
                f"{self._title} is at another address than this portal has been told: tell its "
                "operator."
            )
        problem = TransientError if is_away or answer.status in BUSY else ServiceError
        raise problem(f"{self._title} says: {_words(answer)}")

    def _major(self) -> int:
        number = self.version().partition(".")[0]
        return int(number) if number.isdecimal() else NAMES_SERVERS

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"token {self._token}"} if self._token else {}


def _user(name: str) -> str:
    return f"users/{quote(name, safe='')}"


def _read(response: requests.Response) -> Mapping[str, Any]:
    text = b""
    with open_body(response) as body:
        while more := body.read(MAX_ANSWER):
            text += more
            if len(text) > MAX_ANSWER:
                raise ServiceError("a JupyterHub sent more than anybody asked for")
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _fraction(percent: object) -> float | None:
    """Return how far a launch is when its server has started by so much."""
    if not isinstance(percent, int | float):
        return None
    return STARTED * min(max(percent, 0), 100) / 100


def _words(answer: Answered) -> str:
    return str(answer.said.get("message") or f"status {answer.status}")[:LONGEST_WORDS]
