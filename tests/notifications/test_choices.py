"""What somebody chooses to hear of: the page, and what becomes of it with its owner."""

import io
import json
import re
import zipfile

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from portal.accounts.belongings import take_over_all
from portal.accounts.identity.people import find_identity
from portal.accounts.models import Person
from portal.db import db
from portal.notifications.choices import Choices
from portal.notifications.choices import choices_of
from portal.notifications.choices import choose
from portal.notifications.choices import DEFAULTS
from portal.notifications.models import Notice
from portal.notifications.models import Sending
from portal.notifications.models import Webhook
from portal.notifications.webhooks import set_webhook
from tests.notifications.conftest import ALICE
from tests.notifications.conftest import BROWSER
from tests.support.callers import bearer
from tests.support.callers import make_token
from tests.support.instances import settings_in

PAGE = "/account/notices"
HOOK = "https://hooks.example.org/ada"


@pytest.fixture
def settings(tmp_path):
    return settings_in(
        tmp_path,
        development_login=True,
        smtp_url=SecretStr("smtp://127.0.0.1:1"),
        mail_from="portal@example.org",
    )


@pytest.fixture
def signed_in(client, in_app):
    """Return who is signed in in the browser, with an address."""
    client.post("/login/development", data={"name": "ada"})
    identity = find_identity("development", "ada")
    db.session.get(Person, identity.person_id).email = "ada@example.org"
    db.session.commit()
    return f"user:{identity.person_id}"


def test_what_is_chosen_is_kept_and_shown(client, signed_in):
    boxes = ("finished", "failed", "session", "by_mail")
    sent = {f"{name}.present": "1" for name in boxes}
    answer = client.post(
        PAGE, data={**sent, "failed": "true", "by_mail": "true", "min_seconds": "0"}
    )

    assert answer.status_code == 303
    assert choices_of(signed_in) == Choices(
        events=frozenset({"failed"}), min_seconds=0, by_mail=True
    )
    page = client.get(PAGE).text
    assert re.search(r'name="failed"[^>]*checked', page)
    assert not re.search(r'name="finished"[^>]*checked', page)
    assert "ada@example.org" in page


@pytest.mark.parametrize("seconds", ["-1", "86401", "soon"])
def test_what_cannot_be_chosen_says_why(client, signed_in, seconds):
    answer = client.post(PAGE, data={"min_seconds": seconds})

    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert choices_of(signed_in) == DEFAULTS


def test_the_secret_of_a_webhook_is_shown_once(client, signed_in):
    answer = client.post(f"{PAGE}/webhook", data={"url": HOOK})
    [secret] = set(re.findall(r"whs_[\w-]{43}", answer.text))

    assert answer.status_code == 201
    page = client.get(PAGE).text
    assert HOOK in page and secret not in page
    assert client.post(f"{PAGE}/webhook/delete").status_code == 303
    assert HOOK not in client.get(PAGE).text


@pytest.mark.parametrize(
    "url", ["", "example.org", "file:///etc/passwd", "https://u:p@example.org/", "http://[::1"]
)
def test_a_webhook_at_what_is_no_address_is_refused(client, signed_in, url):
    assert client.post(f"{PAGE}/webhook", data={"url": url}).status_code == 422
    assert db.session.scalar(select(Webhook)) is None


def test_a_program_sets_no_webhook(app, client, signed_in):
    secret = make_token(client)

    answer = app.test_client().post(f"{PAGE}/webhook", data={"url": HOOK}, headers=bearer(secret))
    assert answer.status_code == 403


def test_everything_is_exported_without_the_secret_and_deleted(client, signed_in, told):
    choose(signed_in, Choices(by_mail=True, min_seconds=7))
    client.post(f"{PAGE}/webhook", data={"url": HOOK})
    told(signed_in)
    with client.get("/account/data") as answer, zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        chosen, hook, notice = json.loads(file.read("notices.json"))
        assert b"whs_" not in file.read("notices.json")
    assert (chosen["min_seconds"], hook["webhook"]) == (7, HOOK)
    assert notice["title"] == "Finished: number 1"

    client.post("/account/delete", data={"sure": "1"})

    assert choices_of(signed_in) == DEFAULTS
    for table in (Notice, Sending, Webhook):
        assert db.session.scalars(select(table)).all() == []


def test_notices_of_a_browser_come_along_and_choices_where_there_are_none(alice, told):
    choose(BROWSER, Choices(min_seconds=5))
    set_webhook(BROWSER, HOOK)
    told(BROWSER)

    take_over_all(BROWSER, ALICE)
    db.session.commit()

    assert [one.owner for one in db.session.scalars(select(Notice))] == [ALICE]
    assert choices_of(ALICE).min_seconds == 5
    assert db.session.scalar(select(Webhook)) is None
    choose(BROWSER, Choices(min_seconds=9))
    take_over_all(BROWSER, ALICE)
    assert choices_of(ALICE).min_seconds == 5
