"""Tokens for the tests of this room."""

import pytest
from joserfc.jwk import RSAKey

from portal.accounts.tokens import make_token
from portal.config import IdentityProvider
from tests.support.evil_provider import CLIENT_ID
from tests.support.evil_provider import CLIENT_SECRET
from tests.support.evil_provider import EvilProvider
from tests.support.instances import settings_in
from tests.support.loopback import loopback


@pytest.fixture
def in_app(app):
    """Work with the database as a command does, outside a request."""
    with app.app_context():
        yield


@pytest.fixture
def token(app):
    """Return a function that makes a token and returns its secret."""

    def make(owner="user:alice", **options):
        with app.app_context():
            return make_token(owner, **options).secret

    return make


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peers)])
def each_database(request):
    """Return the address of both kinds of database, one after the other; None: SQLite."""
    if request.param == "sqlite":
        return None
    return request.getfixturevalue("postgres").url("portal")


@pytest.fixture(scope="session")
def signing_key():
    """Return the key of a provider, which takes long to make."""
    return RSAKey.generate_key(2048, {"kid": "own"})


@pytest.fixture
def evil(signing_key):
    """A provider that says what a test wants; it is asked where `settings_with_evil` are used."""
    with loopback() as server:
        yield EvilProvider(server, key=signing_key)


@pytest.fixture
def settings_with_evil(tmp_path, evil):
    """Return a function that makes settings with this provider alone, and others."""

    def make(**changes):
        provider = IdentityProvider(
            id="evil",
            title="The Evil Provider",
            issuer=evil.issuer,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            admin_groups=("staff/admins",),
            audiences=("https://portal.example.org",),
        )
        return settings_in(tmp_path, identity_providers=(provider,), **changes)

    return make
