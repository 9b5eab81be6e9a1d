import logging
from datetime import datetime
from datetime import UTC

import pytest
from sqlalchemy import select
from sqlalchemy import update

from portal import config
from portal.accounts import credentials
from portal.accounts.credentials import delete_credential
from portal.accounts.credentials import get_credential
from portal.accounts.credentials import list_credentials
from portal.accounts.credentials import put_credential
from portal.accounts.credentials import resolve
from portal.accounts.models import Credential
from portal.credentials import RemoteCredential
from portal.db import db
from portal.problems import NotFoundError
from portal.problems import UsageError

BROWSER = "a" * 32
OTHER = "b" * 32
HOST = "archive.example.org"
LOGIN = RemoteCredential(user_name="kepler", secret="harmonices mundi")


pytestmark = pytest.mark.usefixtures("in_app")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peers)])
def settings(request, tmp_path):
    """Run every test of this room on both databases."""
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").url("portal")
    return config.load(instance=tmp_path / "instance", database_url=url)


def store(owner=BROWSER, service=HOST, login=LOGIN):
    put_credential(owner, service=service, user_name=login.user_name, secret=login.secret)


def test_what_was_stored_logs_its_owner_in_and_nobody_else():
    store()

    assert resolve(BROWSER, HOST) == LOGIN
    assert resolve(BROWSER, "HTTPS://Archive.example.org/tap") == LOGIN
    assert resolve(BROWSER, "other.example.org") is None
    assert resolve(BROWSER, "no host at all") is None
    assert resolve(OTHER, HOST) is None


def test_a_job_of_nobody_has_no_login():
    store(owner="")

    assert resolve("", HOST) is None


def test_the_database_holds_no_secret():
    store()

    kept = db.session.execute(select(Credential.__table__)).one()

    assert LOGIN.secret.encode() not in kept.secret
    assert LOGIN.secret not in repr(tuple(kept))


def test_a_login_does_not_show_its_secret(caplog):
    assert LOGIN.secret not in f"{LOGIN!r} {LOGIN}"


def test_the_list_shows_everything_but_the_secret():
    store(service="z.example.org")
    store()

    first, second = list_credentials(BROWSER)

    assert (first.service, second.service) == (HOST, "z.example.org")
    assert (first.user_name, first.last_used, first.is_readable) == ("kepler", None, True)
    assert LOGIN.secret not in repr(first)
    assert list_credentials(OTHER) == []


def test_a_use_is_noted():
    store()

    resolve(BROWSER, HOST)
    db.session.commit()

    assert list_credentials(BROWSER)[0].last_used is not None


def test_a_second_login_for_a_service_replaces_the_first():
    store()
    resolve(BROWSER, HOST)
    token = RemoteCredential(user_name="", secret="a token")

    store(login=token)

    [shown] = list_credentials(BROWSER)
    assert (shown.user_name, shown.last_used) == ("", None)
    assert resolve(BROWSER, HOST) == token


def test_a_form_that_is_sent_twice_at_once_is_stored_once(monkeypatch):
    replace, asked = credentials._replace, []

    def replace_too_early(credential):
        """Find nothing the first time, as if the other request had not committed yet."""
        asked.append(credential)
        return len(asked) > 1 and replace(credential)

    store(login=RemoteCredential(user_name="kepler", secret="the other request"))
    monkeypatch.setattr(credentials, "_replace", replace_too_early)
    store()

    assert len(asked) == 2
    assert resolve(BROWSER, HOST) == LOGIN


@pytest.mark.parametrize(
    "moved", [{"owner": OTHER}, {"service": "evil.example.org"}, {"user_name": "mallory"}]
)
def test_a_row_that_was_moved_does_not_open(moved):
    store()
    db.session.execute(update(Credential).values(**moved))
    db.session.commit()
    db.session.expire_all()

    owner, service = moved.get("owner", BROWSER), moved.get("service", HOST)
    assert resolve(owner, service) is None
    assert not list_credentials(owner)[0].is_readable


def test_under_another_key_a_login_is_absent_until_it_is_stored_again(app, caplog):
    store()
    app.config["SECRET_KEY"] = "another"

    assert resolve(BROWSER, HOST) is None
    assert not list_credentials(BROWSER)[0].is_readable
    assert "does not open" in caplog.text

    store()
    assert resolve(BROWSER, HOST) == LOGIN


def test_a_deleted_login_is_gone():
    store()
    [shown] = list_credentials(BROWSER)

    delete_credential(shown.id, owner=BROWSER)

    assert resolve(BROWSER, HOST) is None


def test_somebody_elses_login_does_not_exist():
    store()
    [shown] = list_credentials(BROWSER)

    with pytest.raises(NotFoundError):
        get_credential(shown.id, owner=OTHER)
    with pytest.raises(NotFoundError):
        delete_credential(shown.id, owner=OTHER)

    assert get_credential(shown.id, owner=BROWSER) == shown


def test_one_owner_cannot_fill_the_database(monkeypatch):
    monkeypatch.setattr(credentials, "MOST_CREDENTIALS", 1)
    store()
    store()

    with pytest.raises(UsageError, match="Delete one"):
        store(service="other.example.org")


def test_no_log_line_holds_a_secret(caplog):
    caplog.set_level(logging.DEBUG)
    store()
    resolve(BROWSER, HOST)
    db.session.execute(update(Credential).values(user_name="mallory"))
    db.session.expire_all()
    resolve(BROWSER, HOST)

    assert LOGIN.secret not in caplog.text


def test_a_login_that_was_refused_is_forgotten_but_not_the_one_that_replaced_it():
    began = datetime.now(UTC)
    store()
    assert not credentials.forget(BROWSER, HOST, began)
    assert not credentials.forget(OTHER, HOST, datetime.now(UTC))
    assert resolve(BROWSER, HOST) == LOGIN

    assert credentials.forget(BROWSER, HOST, datetime.now(UTC))
    db.session.commit()

    assert resolve(BROWSER, HOST) is None
