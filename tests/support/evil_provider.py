"""An OpenID provider in a thread that says whatever a test wants, signed with its own keys."""

import base64
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from tests.support.loopback import Loopback

CLIENT_ID = "portal"
CLIENT_SECRET = "canary-client-secret-of-the-portal"
JSON = "application/json"


@dataclass
class EvilProvider:
    """Answers on `server`; tests change `metadata`, `claims`, `userinfo` and how it signs."""

    server: Loopback
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "own"}))
    metadata: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] | None = None
    token: dict[str, Any] = field(default_factory=dict)
    sign: Any = None
    claims_of_code: Any = None

    def __post_init__(self):
        """Begin as an honest one."""
        self.metadata = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }
        self.server.routes |= {
            "/.well-known/openid-configuration": lambda one: _answer(one, self.metadata),
            "/jwks": lambda one: _answer(one, {"keys": [self.key.as_dict(private=False)]}),
            "/token": lambda one: _answer(one, self.token_answer(one.form.get("code"))),
            "/me": lambda one: _answer(one, self.userinfo),
        }

    @property
    def issuer(self) -> str:
        return self.server.url

    def honest_claims(self, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "mallory",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 600,
            "name": "Mallory",
        }
        claims |= changes
        return {name: value for name, value in claims.items() if value is not None}

    def signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": "own"}, claims, self.key)

    def signed_with(self, secret: str | bytes, claims: dict[str, Any]) -> str:
        """Return a token with a shared secret, which the public key may be taken for."""
        signed = ".".join(map(_part, (b'{"alg":"HS256"}', json.dumps(claims).encode())))
        secret = secret.encode() if isinstance(secret, str) else secret
        return f"{signed}.{_part(hmac.digest(secret, signed.encode(), 'sha256'))}"

    def token_answer(self, code: str | None) -> dict[str, Any]:
        sign = self.sign or self.signed
        claims = self.claims_of_code(code) if self.claims_of_code else self.claims
        made = {"access_token": secrets.token_hex(8), "token_type": "Bearer", "expires_in": 600}
        made |= {"id_token": sign(claims)} | self.token
        return {name: value for name, value in made.items() if value is not None}

    def sign_in(
        self,
        browser: FlaskClient,
        *,
        then: str = "/jobs",
        at: str = "evil",
        answer: dict[str, str] | None = None,
        **changes: Any,
    ) -> TestResponse:
        """Come back from here as somebody about whom `changes` are claimed."""
        asked = begin(browser, then=then, at=at)
        self.claims = self.honest_claims(**{"nonce": asked["nonce"], **changes})
        query = {"state": asked["state"], "code": "canary-code", **(answer or {})}
        return browser.get(f"/login/at/{at}/callback", query_string=query)


def begin(browser: FlaskClient, *, then: str = "/jobs", at: str = "evil") -> dict[str, str]:
    """Begin to sign in; return what the provider is asked."""
    gone = browser.get(f"/login/at/{at}", query_string={"next": then})
    assert gone.status_code == 303, gone.text
    return {name: value[0] for name, value in parse_qs(urlsplit(gone.location).query).items()}


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _answer(exchange, content) -> None:
    exchange.answer(json.dumps(content), content_type=JSON)
