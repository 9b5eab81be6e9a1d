"""Tokens for the tests of this room."""

import pytest

from portal.accounts.tokens import make_token


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
