"""Two tabs and a notebook change a basket at once, and nothing is lost."""

import threading

import pytest
from flask import Flask

from portal.basket import adding
from portal.basket import changes
from portal.basket import contents
from portal.basket import moving
from portal.basket.baskets import list_baskets
from portal.basket.baskets import make_basket
from portal.basket.reach import ChangedMeanwhileError
from portal.basket.reach import CURRENT
from portal.basket.reach import Visitor
from portal.db import db
from portal.plugins.types import DataItem
from portal.problems import UsageError
from tests.support.instances import settings_in

ME = Visitor(owner="a" * 32)
TABS = 8


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peers)])
def settings(request, tmp_path):
    """Run every test of this file on both databases."""
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").url("portal")
    return settings_in(tmp_path, database_url=url)


def at_once(app: Flask, *works) -> list[object]:
    """Do all this work in threads that begin together; returns results and errors."""
    start = threading.Barrier(len(works))
    found: list[object] = [None] * len(works)

    def run(at, work):
        with app.app_context():
            start.wait(10)
            try:
                found[at] = work()
            except UsageError as error:
                found[at] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def receive(*titles):
    return lambda: adding.add_received(
        ME.owner, [DataItem(title=title) for title in titles], sender="test"
    )


@pytest.mark.slow
def test_items_added_at_once_are_all_there_and_each_is_there_once(app):
    works = [receive(f"own {tab}", "shared", f"other {tab}") for tab in range(TABS)]

    found = at_once(app, *works)

    assert sum(one.new for one in found) == 2 * TABS + 1
    with app.app_context():
        assert contents.count_items(ME.owner) == 2 * TABS + 1
        assert len(list_baskets(ME.owner)) == 1


@pytest.mark.slow
def test_what_one_adds_while_another_removes_stays(app):
    with app.app_context():
        adding.add_received(ME.owner, [DataItem(title=f"old {n}") for n in range(50)], sender="t")
        old = [one.id for one in contents.list_current(ME.owner)]

    at_once(
        app,
        *[receive(f"new {tab}") for tab in range(TABS)],
        *[lambda: moving.remove_items(CURRENT, ME, old)] * 2,
    )

    with app.app_context():
        left = {one.title for one in contents.list_current(ME.owner)}
        assert left == {f"new {tab}" for tab in range(TABS)}


@pytest.mark.slow
def test_a_basket_never_holds_more_than_it_may(app, monkeypatch):
    monkeypatch.setattr(adding, "MOST_ITEMS", 10)
    found = at_once(app, *[receive(*(f"{tab}-{n}" for n in range(4))) for tab in range(TABS)])

    assert len([one for one in found if isinstance(one, UsageError)]) == TABS - 2
    with app.app_context():
        assert contents.count_items(ME.owner) == 8


@pytest.mark.slow
def test_items_moved_both_ways_at_once_are_in_one_basket_each(app):
    with app.app_context():
        first = make_basket(ME.owner, "first").id
        adding.add_received(ME.owner, [DataItem(title=f"a {n}") for n in range(20)], sender="t")
        there = [one.id for one in contents.list_current(ME.owner)]
        second = make_basket(ME.owner, "second").id
        adding.add_received(ME.owner, [DataItem(title=f"b {n}") for n in range(20)], sender="t")
        back = [one.id for one in contents.list_current(ME.owner)]

    at_once(
        app,
        *[lambda: moving.move_items(first, ME, there, target=second)] * 3,
        *[lambda: moving.move_items(second, ME, back, target=first)] * 3,
    )

    with app.app_context():
        assert {one.title[0] for one in contents.list_items(first, ME)} == {"b"}
        assert {one.title[0] for one in contents.list_items(second, ME)} == {"a"}
        assert contents.total(first, ME).count == contents.total(second, ME).count == 20


@pytest.mark.slow
def test_an_undo_made_twice_is_made_once_and_loses_nothing(app):
    with app.app_context():
        adding.add_received(ME.owner, [DataItem(title=f"{n}") for n in range(9)], sender="t")
        moving.remove_items(CURRENT, ME, None)
        ref = list_baskets(ME.owner)[0].basket.id
        change = changes.last_undoable(ref).id

    found = at_once(
        app,
        *[lambda: changes.undo_change(ref, change, ME)] * 3,
        receive("3"),
    )

    assert len([one for one in found if isinstance(one, UsageError)]) == 2
    with app.app_context():
        titles = [one.title for one in contents.list_current(ME.owner)]
        assert sorted(titles) == [f"{n}" for n in range(9)]


def test_a_change_of_what_was_seen_is_refused_when_that_is_changed(app):
    with app.app_context():
        receive("a")()
        seen = list_baskets(ME.owner)[0].basket.version
        receive("b")()

        with pytest.raises(ChangedMeanwhileError):
            moving.remove_items(CURRENT, ME, None, version=seen)
        assert contents.count_items(ME.owner) == 2
