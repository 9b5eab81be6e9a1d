"""One identity provider: the two ends of a sign-in, and what it takes to ask it anything."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from authlib.integrations.flask_client import FlaskIntegration
from authlib.integrations.flask_client import FlaskOAuth2App
from flask import request
from flask import session
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from portal.accounts.identity.failures import SignInRefusedError
from portal.accounts.identity.failures import told_in_our_words
from portal.accounts.identity.groups import named_groups
from portal.accounts.identity.groups import read_groups
from portal.accounts.identity.groups import roles_of
from portal.accounts.identity.metadata import load_metadata
from portal.accounts.identity.transport import GuardedOAuth2Session
from portal.accounts.identity.transport import provider_policy
from portal.accounts.tickets import Tickets
from portal.config import IdentityProvider
from portal.config import Settings

METADATA_SECONDS = 3600
LEEWAY_SECONDS = 60
MOST_BEGUN = 5  # sign-ins of one browser at one provider
LONGEST_SUBJECT = 255
NAME_CLAIMS = ("name", "preferred_username", "nickname")


class Client(FlaskOAuth2App):  # type: ignore[misc]
    """Authlib's client, which talks over guarded connections."""

    client_cls = GuardedOAuth2Session

    def open_session(self) -> GuardedOAuth2Session:
        """Open a session that says which client it is of."""
        opened: GuardedOAuth2Session = self._get_oauth_client(**self.server_metadata)
        return opened


class SignInStates(FlaskIntegration):  # type: ignore[misc]
    """Keeps code verifier and nonce on our side; the cookie holds the name of the state alone."""

    expires_in = 900

    def set_state_data(self, session: Any, state: Any, data: Any) -> None:
        """Keep a state, and no more of them than fit into a cookie."""
        begun = [key for key in session if key.startswith(f"_state_{self.name}_")]
        for key in begun[: 1 - MOST_BEGUN]:
            session.pop(key)
        super().set_state_data(session, state, data)

    def clear_state_data(self, session: Any, state: Any) -> None:
        """Forget a state that is this browser's; another one's is no stranger's to end."""
        if f"_state_{self.name}_{state}" in session:
            super().clear_state_data(session, state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Somebody who comes back from a provider, verified; `seconds` are until a renewal is due."""

    provider_id: str
    issuer: str
    subject: str
    name: str
    email: str
    roles: list[str]
    groups: list[str] = field(default_factory=list)
    session_id: str | None = None
    id_token: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    seconds: int | None = None


class Provider:
    """A provider that the operator configured."""

    def __init__(self, config: IdentityProvider, settings: Settings) -> None:
        self.config = config
        self.id = config.id
        self.title = config.title
        self._secret = settings.client_secret(config)
        self.policy = provider_policy(config, settings)
        self._client: tuple[float, Client] | None = None

    def begin(self, redirect_uri: str, *, then: str) -> str:
        """Return where the browser signs in; `then` is where it is to be afterwards."""
        with told_in_our_words(self.title):
            client = self.client()
            made = client.create_authorization_url(redirect_uri)
            client.save_authorize_data(redirect_uri=redirect_uri, then=then, **made)
            return str(made["url"])

    def finish(self) -> tuple[Arrival, str]:
        """Read the request with which the browser comes back; return who, and where to go.

        Raises SignInRefusedError for all that cannot be verified, ProviderAwayError.
        """
        with told_in_our_words(self.title):
            client = self.client()
            self._check_issuer(client)
            kept = client.framework.get_state_data(session, request.args.get("state"))
            token = client.authorize_access_token(
                claims_options={
                    "iss": {"essential": True, "values": [self.config.issuer]},
                    "aud": {"essential": True, "values": [self.config.client_id]},
                },
                leeway=LEEWAY_SECONDS,
            )
            claims = self.with_userinfo(client, token, token["userinfo"])
            return self.arrival(token, claims), kept["then"]

    def client(self) -> Client:
        """Return Authlib's client; what the provider says of itself is read again every hour."""
        now = time.monotonic()
        if self._client is None or now - self._client[0] > METADATA_SECONDS:
            self._client = now, self._new_client(load_metadata(self.config, self.policy))
        return self._client[1]

    def refresh(self, refresh_token: str) -> dict[str, Any]:
        """Return new tokens; the old refresh token may open nothing any more afterwards.

        Raises what Authlib raises: OAuthError where the provider refuses.
        """
        client = self.client()
        with client.open_session() as talk:
            url = client.server_metadata["token_endpoint"]
            talk.scope = None  # as was granted; asking for what was not is an error
            return dict(talk.refresh_token(url, refresh_token=refresh_token))

    def revoke(self, refresh_token: str) -> None:
        """Have a refresh token open nothing from now on (RFC 7009)."""
        client = self.client()
        metadata = client.server_metadata
        with client.open_session() as talk:
            answer = talk.revoke_token(
                metadata["revocation_endpoint"],
                token=refresh_token,
                token_type_hint="refresh_token",  # noqa: S106 - a kind of token, and none itself
            )
            answer.raise_for_status()

    def introspect(self, token: str) -> dict[str, Any]:
        """Return what the provider says of a token (RFC 7662); LookupError: it says nothing."""
        client = self.client()
        with client.open_session() as talk:
            url = client.server_metadata["introspection_endpoint"]
            answer = talk.introspect_token(url, token=token, token_type_hint="access_token")  # noqa: S106 - a kind of token
            answer.raise_for_status()
            return dict(answer.json())

    def read_token(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that the provider signed; nothing else is checked."""
        client = self.client()
        algorithms = client.server_metadata["id_token_signing_alg_values_supported"]
        registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
        keys = KeySet.import_key_set(client.fetch_jwk_set())
        try:
            read = jwt.decode(token, key=keys, registry=registry)
        except InvalidKeyIdError:
            keys = KeySet.import_key_set(client.fetch_jwk_set(force=True))
            read = jwt.decode(token, key=keys, registry=registry)
        return dict(read.claims)

    def with_userinfo(
        self, client: Client, token: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return claims with what the userinfo endpoint adds: many put groups there only."""
        if "userinfo_endpoint" not in client.server_metadata:
            return dict(claims)
        bare = {"access_token": token["access_token"], "token_type": "Bearer"}
        more = client.userinfo(token=bare)  # with its expiry it might be refreshed, and lost
        if more["sub"] != claims["sub"]:
            raise SignInRefusedError(f"{self.title} speaks of somebody else. Sign in again.")
        return {**more, **claims}

    def arrival(self, token: Mapping[str, Any], claims: Mapping[str, Any]) -> Arrival:
        """Return who claims and tokens are of; raises ValueError for an impossible subject."""
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
            raise ValueError("no subject")
        names = (_line(claims.get(name), 200) for name in NAME_CLAIMS)
        groups = read_groups(claims)
        return Arrival(
            provider_id=self.id,
            issuer=self.config.issuer,
            subject=subject,
            name=next(filter(None, names), ""),
            email=_line(claims.get("email"), 320),
            roles=[role.value for role in roles_of(groups, self.config)],
            groups=named_groups(self.id, groups),
            session_id=_line(claims.get("sid"), 255) or None,
            id_token=token.get("id_token"),
            refresh_token=token.get("refresh_token"),
            seconds=_seconds(token.get("expires_in")),
        )

    def _new_client(self, metadata: dict[str, Any]) -> Client:
        method = "client_secret_basic" if metadata.pop("takes_basic") else "client_secret_post"
        return Client(
            SignInStates(self.id, Tickets()),
            name=self.id,
            client_id=self.config.client_id,
            client_secret=self._secret,
            client_kwargs={
                "policy": self.policy,
                "scope": " ".join(self.config.scopes),
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": method if self._secret else "none",
            },
            **metadata,
        )

    def _check_issuer(self, client: Client) -> None:
        """Refuse an answer of another provider (RFC 9207)."""
        said = request.args.get("iss")
        expected = self.config.issuer if client.server_metadata["tells_issuer"] else None
        if said not in {expected, self.config.issuer}:
            raise ValueError("another issuer")


def _line(value: Any, length: int) -> str:
    text = value if isinstance(value, str) else ""
    return " ".join("".join(filter(lambda one: one.isprintable(), text)).split())[:length]


def _seconds(value: Any) -> int | None:
    return (
        int(value) if isinstance(value, int | float) and 0 < value < METADATA_SECONDS * 24 else None
    )
