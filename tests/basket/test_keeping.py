"""What becomes of baskets when their owner signs in, or wants his data, or goes."""

import json

import pytest

from portal.basket import contents
from portal.basket import moving
from portal.basket import sharing
from portal.basket.adding import add_received
from portal.basket.baskets import list_baskets
from portal.basket.baskets import make_basket
from portal.basket.keeping import BASKETS
from portal.basket.reach import CURRENT
from portal.basket.reach import Visitor
from portal.db import db
from portal.plugins.types import DataItem

BROWSER, PERSON = "b" * 32, "user:ada"


@pytest.fixture(autouse=True)
def _in_app(app):
    with app.app_context():
        yield


def fill(owner, *titles):
    add_received(owner, [DataItem(title=title) for title in titles], sender="test")


def names(owner):
    return {one.basket.name: one.count for one in list_baskets(owner)}


def titles(owner):
    return sorted(one.title for one in contents.list_current(owner))


def test_baskets_of_one_name_become_one_with_the_items_of_both():
    fill(PERSON, "a", "b")
    fill(BROWSER, "b", "c")
    make_basket(BROWSER, "Pulsars")
    fill(BROWSER, "d")

    BASKETS.take_over(BROWSER, PERSON)
    db.session.commit()

    assert names(BROWSER) == {}
    assert names(PERSON) == {"Basket": 3, "Pulsars": 1}
    assert titles(PERSON) == ["d"]


@pytest.mark.parametrize("sharer", [BROWSER, PERSON])
def test_a_link_never_opens_more_than_the_basket_it_was_made_for(sharer):
    fill(PERSON, "a")
    fill(BROWSER, "b")
    share = sharing.share_basket(CURRENT, Visitor(owner=sharer), sharing.NewShare(may_edit=True))

    BASKETS.take_over(BROWSER, PERSON)
    db.session.commit()

    found = contents.list_items(share.key, Visitor(owner=""))
    assert {one.title for one in found} == {"a" if sharer == PERSON else "b"}
    assert names(PERSON) == {"Basket": 1, "Basket (2)": 1}


def test_what_was_removed_before_can_still_be_undone_but_is_not_there():
    fill(PERSON, "a")
    fill(BROWSER, "a", "b")
    moving.remove_items(CURRENT, Visitor(owner=BROWSER), None)

    BASKETS.take_over(BROWSER, PERSON)
    db.session.commit()

    assert titles(PERSON) == ["a"]


def test_an_export_has_every_item_and_no_key_of_a_link():
    fill(PERSON, "a", "b")
    share = sharing.share_basket(CURRENT, Visitor(owner=PERSON), sharing.NewShare())

    [basket] = BASKETS.export(PERSON)

    assert {one["title"] for one in basket["items"]} == {"a", "b"}
    assert share.key not in json.dumps(basket, default=str)


def test_deleting_leaves_nothing():
    fill(PERSON, "a")
    BASKETS.delete(PERSON)()
    db.session.commit()

    assert names(PERSON) == {}
