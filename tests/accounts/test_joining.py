"""Several sign-ins of one person: the same account, never two accounts in one."""

import re

import pytest
from sqlalchemy import func
from sqlalchemy import select

from portal.accounts.models import Identity
from portal.accounts.models import Person
from portal.config import IdentityProvider
from portal.db import db
from tests.support.evil_provider import CLIENT_ID
from tests.support.evil_provider import EvilProvider
from tests.support.instances import settings_in
from tests.support.loopback import loopback

pytestmark = pytest.mark.slow  # whole sign-ins
PAGE = "/account/identities"


@pytest.fixture
def two(signing_key):
    with loopback() as one, loopback() as other:
        yield {name: EvilProvider(at, key=signing_key) for name, at in (("a", one), ("b", other))}


@pytest.fixture
def settings(tmp_path, two):
    configured = tuple(
        IdentityProvider(id=name, title=f"Provider {name}", issuer=at.issuer, client_id=CLIENT_ID)
        for name, at in two.items()
    )
    return settings_in(tmp_path, identity_providers=configured)


@pytest.fixture
def ada(client, two):
    """A browser in which Ada is signed in at the first provider."""
    two["a"].sign_in(client, at="a", sub="1", name="Ada")
    return client


def come_back(browser, two, **claims):
    """Come back from the second provider to be added."""
    return two["b"].sign_in(browser, at="b", then=f"{PAGE}/new", **{"sub": "2", **claims})


def count(app, table):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table))


def test_another_sign_in_leads_to_the_same_account_once_it_is_confirmed(app, ada, two):
    ada.post("/baskets", data={"name": "Hers"})
    assert "Provider b" in ada.get(PAGE).text

    assert come_back(ada, two, name="A. Lovelace").location == f"{PAGE}/new"
    page = ada.get(f"{PAGE}/new").text
    assert "A. Lovelace" in page and "Provider b" in page
    assert count(app, Identity) == 1
    ada.post(f"{PAGE}/new")

    elsewhere = app.test_client()
    two["b"].sign_in(elsewhere, at="b", sub="2")
    assert "Hers" in elsewhere.get("/baskets").text
    assert (count(app, Identity), count(app, Person)) == (2, 1)


def test_it_is_asked_for_and_taken_once(app, ada, two):
    come_back(ada, two)
    ada.post(f"{PAGE}/new")

    assert ada.post(f"{PAGE}/new").status_code == 404
    assert ada.get(f"{PAGE}/new").status_code == 404


def test_what_is_another_persons_is_refused_and_stays_his(app, ada, two):
    bob = app.test_client()
    two["b"].sign_in(bob, at="b", sub="2", name="Bob")
    come_back(ada, two)

    answer = ada.post(f"{PAGE}/new")

    assert answer.status_code == 409
    assert "Somebody has an account here" in answer.text
    assert count(app, Person) == 2
    assert "Provider b" not in re.findall(r"<strong>(.*?)</strong>", ada.get(PAGE).text)


def test_who_signed_out_meanwhile_adds_nothing_to_the_next_one(app, ada, two):
    come_back(ada, two)
    with ada.session_transaction() as session:
        key = session["joining"]
    ada.post("/logout")
    two["a"].sign_in(ada, at="a", sub="3", name="Eve")
    with ada.session_transaction() as session:
        session["joining"] = key

    assert ada.get(f"{PAGE}/new").status_code == 404
    assert ada.post(f"{PAGE}/new").status_code == 404
    assert count(app, Identity) == 2


def test_nobody_who_is_not_signed_in_joins_anything(app, client, two):
    assert client.get(PAGE).status_code == 404
    assert client.post(f"{PAGE}/new").status_code == 404
    come_back(client, two)
    assert count(app, Person) == 1


def test_a_sign_in_is_taken_away_but_neither_the_one_in_use_nor_anothers(app, ada, two):
    come_back(ada, two)
    ada.post(f"{PAGE}/new")
    [address] = re.findall(rf'action="({PAGE}/[^"]+/remove)"', ada.get(PAGE).text)
    other = app.test_client()
    two["a"].sign_in(other, at="a", sub="9")

    assert other.post(address).status_code == 409
    by_b = app.test_client()
    two["b"].sign_in(by_b, at="b", sub="2")
    assert by_b.post(address).status_code == 409
    assert ada.post(address).status_code == 303

    assert by_b.get(PAGE).status_code == 404
    assert count(app, Identity) == 2
    assert ada.get(PAGE).status_code == 200
