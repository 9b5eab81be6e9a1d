"""Mail and webhooks, taken by a real mail server and a real web server."""

import hashlib
import hmac
import json
import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy import update

from portal.accounts.models import Person
from portal.db import clock
from portal.db import db
from portal.notifications import Event
from portal.notifications import reading
from portal.notifications import sending
from portal.notifications import tell
from portal.notifications.choices import Choices
from portal.notifications.choices import choose
from portal.notifications.models import Notice
from portal.notifications.models import Sending
from portal.notifications.models import Webhook
from portal.notifications.sending import send_due
from portal.notifications.webhooks import find_webhook
from portal.notifications.webhooks import MOST_FAILURES
from portal.notifications.webhooks import set_webhook
from tests.support.instances import settings_in
from tests.support.loopback import loopback

ADDRESS = "https://portal.example.org/esap"


class Mailbox:
    """What the mail server was given; it refuses with `answer` unless that is fine."""

    def __init__(self):
        self.messages = []
        self.recipients = []
        self.answer = "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.answer.startswith("250"):
            self.written = envelope.content
            self.messages.append(message_from_bytes(envelope.content, policy=default))
            self.recipients.append(envelope.rcpt_tos)
        return self.answer


class MailServer(Controller):
    """A mail server on a free port; it asks itself there whether it is up."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture(scope="module")
def mail_server():
    server = MailServer(Mailbox(), hostname="127.0.0.1", port=0)
    server.start()
    yield server.handler, server.port
    server.stop()


@pytest.fixture
def mailbox(mail_server):
    handler, _ = mail_server
    handler.__init__()
    return handler


@pytest.fixture(scope="module")
def program():
    with loopback() as server:
        server.routes["/hook"] = lambda exchange: exchange.answer("thanks")
        server.routes["/moved"] = lambda exchange: exchange.answer(
            "", status=302, location=f"{server.url}/hook"
        )
        server.routes["/broken"] = lambda exchange: exchange.answer("no", status=500)
        yield server


@pytest.fixture
def database():
    """Name the database; a test on both overrides it."""
    return


@pytest.fixture
def settings(tmp_path, mail_server, program, database):
    return settings_in(
        tmp_path,
        database_url=database,
        smtp_url=SecretStr(f"smtp://127.0.0.1:{mail_server[1]}"),
        mail_from="portal@example.org",
        public_url=ADDRESS,
        remote_allow=(program.host,),
    )


@pytest.fixture
def by_mail(alice):
    choose(alice, Choices(by_mail=True))
    return alice


def later(minutes=10):
    """Let time go by for what waits."""
    step = timedelta(minutes=minutes)
    for row in db.session.scalars(select(Sending)):
        row.due = row.due and row.due - step
        row.sent_time = row.sent_time and row.sent_time - step
    db.session.commit()


def sendings():
    db.session.expire_all()
    return db.session.scalars(select(Sending)).all()


def test_a_notice_comes_by_mail_once_with_a_link_and_a_way_out(by_mail, told, mailbox):
    told(by_mail)

    assert send_due() == 1
    assert send_due() == 0

    [message] = mailbox.messages
    assert mailbox.recipients == [["alice@example.org"]]
    assert message["To"] == "alice@example.org"
    assert message["From"] == "Archive portal <portal@example.org>"
    assert message["Subject"] == "Finished: number 1"
    assert f"{ADDRESS}/jobs/0" in message.get_content()
    way_out = message["List-Unsubscribe"].strip("<>")
    assert way_out in message.get_content()
    assert f"\r\nList-Unsubscribe: <{way_out}>\r\n".encode() in mailbox.written
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_way_out_asks_a_browser_first_and_takes_one_click_of_a_mail_program(
    app, by_mail, told, mailbox
):
    told(by_mail, 2)
    send_due()
    told(by_mail)
    way_out = mailbox.messages[0]["List-Unsubscribe"].strip("<>").removeprefix(ADDRESS)
    app.config["WTF_CSRF_ENABLED"] = True
    outsider = app.test_client(use_cookies=False)

    assert "No more mail?" in outsider.get(way_out).text
    assert outsider.get(way_out + "x").status_code == 404
    answer = outsider.post(way_out, data={"List-Unsubscribe": "One-Click"})

    assert "You get no more mail" in answer.text
    assert send_due() == 0
    told(by_mail)
    assert send_due() == 0
    assert len(mailbox.messages) == 1


@pytest.mark.parametrize("title", ["Stars\r\nBcc: eve@example.org", "Étoiles \u2028 ☆", "\x00\x07"])
def test_no_title_becomes_another_header(by_mail, mailbox, title):
    tell(by_mail, Event.FINISHED, title, link="/jobs/1", text=f"{title}\n.\nRCPT TO: <eve>")
    db.session.commit()
    send_due()

    [message] = mailbox.messages
    assert message["Bcc"] is None
    assert mailbox.recipients == [["alice@example.org"]]


@pytest.mark.parametrize("email", ["", "alice", "a@b\r\nBcc: eve@example.org", "x" * 300])
def test_an_address_that_is_none_gets_nothing_and_stops_nobody(by_mail, told, mailbox, email):
    db.session.execute(update(Person).values(email=email))
    told(by_mail)
    send_due()

    assert mailbox.messages == []
    assert all(one.due is None for one in sendings())


def test_many_notices_are_one_mail(by_mail, told, mailbox):
    told(by_mail, 7)
    assert send_due() == 7
    told(by_mail, 3)
    assert send_due() == 0
    later()
    assert send_due() == 3

    first, second = mailbox.messages
    assert first["Subject"] == "7 notices of your jobs and sessions"
    assert second["Subject"].startswith("3 notices")
    assert second.get_content().count(f"{ADDRESS}/jobs/") == 3


def test_a_mail_that_the_server_cannot_take_now_is_sent_later_and_a_refused_one_never(
    by_mail, told, mailbox
):
    mailbox.answer = "451 try again"
    told(by_mail)
    send_due()
    assert [one.due > clock() for one in sendings()] == [True]
    mailbox.answer = "250 OK"
    later()
    assert send_due() == 1
    assert len(mailbox.messages) == 1

    mailbox.answer = "550 no such person"
    told(by_mail)
    send_due()
    assert all(one.due is None for one in sendings())


def test_what_a_killed_process_was_about_to_send_is_due_again_when_its_lease_ends(
    by_mail, told, mailbox, monkeypatch
):
    told(by_mail)
    with monkeypatch.context() as killed:
        killed.setattr("portal.notifications.mail.send", lambda *_: exec("raise SystemExit"))
        with pytest.raises(SystemExit):
            send_due()
    assert send_due() == 0
    later()
    assert send_due() == 1
    assert len(mailbox.messages) == 1


def test_a_webhook_gets_what_only_the_portal_can_have_signed(alice, told, program):
    program.requests.clear()
    secret = set_webhook(alice, f"{program.url}/hook")
    told(alice)

    assert send_due() == 1

    [asked] = program.requests
    content = json.loads(asked.body)
    assert content["title"] == "Finished: number 1"
    assert content["url"] == f"{ADDRESS}/jobs/0"
    time, digest = re.fullmatch(
        r"t=(\d+),v1=([0-9a-f]{64})", asked.headers["x-portal-signature"]
    ).groups()
    signed = f"{time}.".encode() + asked.body
    assert digest == hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    assert asked.headers["x-portal-delivery"] == content["id"]
    assert secret.encode() not in find_webhook(alice).secret


@pytest.mark.parametrize("path", ["/moved", "/broken"])
def test_a_webhook_that_answers_otherwise_is_asked_again_later(alice, told, program, path):
    program.requests.clear()
    set_webhook(alice, program.url + path)
    told(alice, 3)
    send_due()

    assert program.asked() == [f"POST {path}"]
    assert send_due() == 0
    later()
    send_due()
    assert program.asked() == [f"POST {path}"] * 2


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/hook", "http://169.254.169.254/latest"])
def test_a_webhook_at_a_private_address_is_never_asked(alice, told, url):
    set_webhook(alice, url)
    told(alice)
    send_due()

    assert find_webhook(alice).failures == 1


def test_a_slow_webhook_keeps_no_other_notices_waiting(alice, told, program, monkeypatch):
    program.requests.clear()
    set_webhook(alice, f"{program.url}/hook")
    told(alice, 3)
    monkeypatch.setattr(sending, "POSTING", 0.0)

    send_due()
    assert len(program.requests) == 1
    send_due()
    send_due()

    assert len(program.requests) == 3
    assert [(one.due, one.attempts) for one in sendings()] == [(None, 1)] * 3


@pytest.mark.slow
def test_a_webhook_that_never_works_is_turned_off_and_its_owner_told(alice, told, program):
    set_webhook(alice, f"{program.url}/broken")
    for _ in range(MOST_FAILURES):
        told(alice)
        later(60 * 24)
        send_due()

    hook = db.session.scalar(select(Webhook).execution_options(populate_existing=True))
    assert hook.off_time is not None
    told_of = select(Notice.title).where(Notice.event == "portal")
    assert "turned off" in db.session.scalar(told_of)
    asked = len(program.requests)
    later(60 * 24)
    send_due()
    assert len(program.requests) == asked
    assert all(one.due is None for one in sendings())


def test_browsers_get_neither_mail_nor_a_webhook(client, told):
    with client.session_transaction() as session:
        session["owner"] = "b" * 32
    told("b" * 32)

    page = client.get("/account/notices").text
    assert "by_mail" not in page and "webhook" not in page
    url = {"url": "https://example.org/hook"}
    assert client.post("/account/notices/webhook", data=url).status_code == 403
    assert sendings() == []


class TestOnBothDatabases:
    """What is claimed, postponed and counted by statements that are their own."""

    @pytest.fixture
    def database(self, each_database):
        return each_database

    def test_mail_and_webhook_leave_once_and_later_ones_in_one_mail(
        self, by_mail, told, mailbox, program
    ):
        program.requests.clear()
        set_webhook(by_mail, f"{program.url}/hook")
        told(by_mail, 6)
        assert send_due() == 12
        assert send_due() == 0
        told(by_mail, 2)
        assert send_due() == 2
        later()
        assert send_due() == 2

        assert [one["Subject"][:2] for one in mailbox.messages] == ["6 ", "2 "]
        assert len(program.requests) == 8
        reading.delete_old(clock() + timedelta(days=100))
        db.session.commit()
        assert sendings() == []
