"""The same person in several browsers at the same moment, and for the first time."""

import threading

import pytest
from sqlalchemy import select

from portal.accounts.models import Credential
from portal.accounts.models import LoginSession
from portal.accounts.models import Person
from portal.db import db
from tests.support.evil_provider import begin

pytestmark = pytest.mark.slow  # whole sign-ins at once

BROWSERS = 5


@pytest.fixture
def settings(settings_with_evil, each_database):
    return settings_with_evil(database_url=each_database)


def test_it_is_one_person_with_all_that_the_browsers_had(app, evil):
    browsers = [app.test_client() for _ in range(BROWSERS)]
    asked = []
    for number, browser in enumerate(browsers):
        stored = {"service": f"archive{number}.example", "user_name": "ada", "secret": "1"}
        browser.post("/account/credentials", data=stored)
        asked.append(begin(browser))
    nonces = {one["state"]: one["nonce"] for one in asked}
    evil.claims_of_code = lambda code: evil.honest_claims(nonce=nonces[code])
    answers = []

    def arrive(browser, state):
        query = {"state": state, "code": state}
        answers.append(browser.get("/login/at/evil/callback", query_string=query).status_code)

    threads = [
        threading.Thread(target=arrive, args=(browser, one["state"]))
        for browser, one in zip(browsers, asked, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [303] * BROWSERS
    with app.app_context():
        person = db.session.scalars(select(Person.id)).one()
        assert len(db.session.scalars(select(LoginSession)).all()) == BROWSERS
        assert db.session.scalars(select(Credential.owner)).all() == [f"user:{person}"] * BROWSERS
