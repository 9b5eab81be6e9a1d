"""Who may see what: accounts, tokens for passwords, and roles in projects."""

import json
from dataclasses import dataclass
from dataclasses import field
from itertools import count

from tests.support.loopback import Exchange
from tests.support.panoptes.answers import query_of

CLIENT_ID = "f79cf5ea821bb161d8cbb52d061ab9a2321d7cb169007003af66b43f7b79ce2a"
GRANT_NAMES = {"grant_type", "client_id", "login", "password"}
SEEING = {"owner", "collaborator", "tester", "translator", "scientist", "moderator"}
WRITING = {"owner", "collaborator"}


@dataclass
class Accounts:
    """Users with their passwords, and the tokens that they have."""

    users: list[dict] = field(default_factory=list)
    passwords: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)  # the login of whom each is for
    roles: list[dict] = field(default_factory=list)
    expires_in: int = 7200
    _numbers: count = field(default_factory=lambda: count(1))

    def grant(self, exchange: Exchange) -> None:
        """Answer as an OAuth server does (RFC 6749, section 4.3), with Doorkeeper's statuses."""
        asked = json.loads(exchange.body)
        if query_of(exchange) or asked.keys() != GRANT_NAMES:
            _deny(exchange, 400, "invalid_request")
        elif asked["client_id"] != CLIENT_ID or asked["grant_type"] != "password":
            exchange.answer(b"", status=422, content_type="text/plain")
        elif self.passwords.get(asked["login"]) != asked["password"]:
            _deny(exchange, 401, "invalid_grant")
        else:
            _tell(exchange, 200, self._granted(asked["login"]))

    def who_asks(self, exchange: Exchange) -> dict | None:
        """Return the user of a token; without a good one it is nobody, which is no error."""
        scheme, _, token = exchange.headers.get("authorization", "").partition(" ")
        login = self.tokens.get(token) if scheme == "Bearer" else None
        return next((one for one in self.users if one["login"] == login), None)

    def may_see(self, user: dict | None, project: dict) -> bool:
        """Say whether a project is public, or one in which the user has a part."""
        return not project["private"] or self._has_role(user, project, SEEING)

    def may_write(self, user: dict | None, project: dict) -> bool:
        """Say whether the user owns a project or works on it."""
        return self._has_role(user, project, WRITING)

    def _has_role(self, user: dict | None, project: dict, wanted: set[str]) -> bool:
        return user is not None and any(
            one["links"]["owner"]["id"] == user["id"]
            and one["links"]["project"] == project["id"]
            and wanted & set(one["roles"])
            for one in self.roles
        )

    def _granted(self, login: str) -> dict:
        token = f"token-{next(self._numbers)}-for-{login}"
        self.tokens[token] = login
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self.expires_in,
            "refresh_token": f"refresh-{token}",
            "scope": "user project public",
            "created_at": 1_700_000_000,
        }


def _deny(exchange: Exchange, status: int, error: str) -> None:
    words = "The provided authorization grant is invalid, expired, or does not match"
    _tell(exchange, status, {"error": error, "error_description": words})


def _tell(exchange: Exchange, status: int, document: dict) -> None:
    exchange.answer(json.dumps(document), status=status, content_type="application/json")
