"""What comes round beside the jobs, in a process of its own."""

import os
import signal
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy import update

from portal import upkeep
from portal.accounts import devices
from portal.accounts.models import DeviceLogin
from portal.accounts.models import Ticket
from portal.accounts.tickets import Tickets
from portal.accounts.tokens import list_tokens
from portal.accounts.tokens import make_token
from portal.accounts.tokens import Scope
from portal.basket import baskets
from portal.basket.models import Basket
from portal.basket.reach import Visitor
from portal.db import clock
from portal.db import db
from portal.notifications import Event
from portal.notifications import tell
from portal.notifications.models import Notice

OWNER = "b" * 32


@pytest.fixture
def kept(app):
    return upkeep.Upkeep(app, forget=lambda: None)


def test_what_nobody_can_use_any_more_is_deleted_without_its_owner(app, kept):
    with app.app_context():
        Tickets().put_new("old", "secret", timedelta(seconds=-1))
        Tickets().put_new("new", "secret", timedelta(hours=1))
        for name, scope in (("of a session", Scope.SESSION), ("made by hand", Scope.USER)):
            make_token(OWNER, label=name, scope=scope, lifetime=timedelta(seconds=-1))
        devices.begin("old")
        db.session.execute(update(DeviceLogin).values(expires=clock() - timedelta(seconds=1)))
        for name, days in (("old", 31), ("new", 29)):
            basket = baskets.make_basket(OWNER, name)
            baskets.delete_basket(basket.id, Visitor(owner=OWNER))
            gone = {"deleted_time": clock() - timedelta(days=days)}
            db.session.execute(update(Basket).where(Basket.id == basket.id).values(gone))
        for name, days in (("old", 91), ("new", 89)):
            tell(OWNER, Event.FINISHED, name, link="/jobs")
            made = {"creation_time": clock() - timedelta(days=days)}
            db.session.execute(update(Notice).where(Notice.title == name).values(made))
        db.session.commit()

    kept.turn()

    with app.app_context():
        assert db.session.scalars(select(Basket.name)).all() == ["new"]
        assert db.session.scalars(select(Notice.title)).all() == ["new"]
        assert db.session.scalars(select(DeviceLogin)).all() == []
        assert len(db.session.scalars(select(Ticket)).all()) == 1
        assert [one.label for one in list_tokens(OWNER)] == ["made by hand"]
        assert Tickets().get("new") == "secret"


def test_a_turn_that_fails_is_not_the_last_and_sigterm_ends_it(kept, monkeypatch, caplog):
    turns = []

    def fail():
        turns.append(1)
        if len(turns) == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        raise RuntimeError("the database is away")

    monkeypatch.setattr(upkeep, "send_due", fail)
    monkeypatch.setattr(upkeep, "TURN_SECONDS", 0.01)
    before = signal.getsignal(signal.SIGTERM)
    assert threading.current_thread() is threading.main_thread()
    try:
        kept.run()
    finally:
        signal.signal(signal.SIGTERM, before)

    assert len(turns) == 2
    assert "a turn of the upkeep failed" in caplog.text
