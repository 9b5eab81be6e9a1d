"""What items say of themselves is an archive's word: databases take it, and can sum it up."""

import pytest

from portal.basket import contents
from portal.basket.adding import add_received
from portal.basket.adding import LARGEST
from portal.basket.adding import MOST_ITEMS
from portal.basket.reach import CURRENT
from portal.basket.reach import Visitor
from portal.plugins.items import items_from_obscore
from portal.plugins.types import DataItem
from portal.tables import Column

ADA = Visitor(owner="user:ada")
NAN, ENDLESS = float("nan"), float("inf")


@pytest.fixture(autouse=True)
def _in_app(app):
    with app.app_context():
        yield


def put(**values):
    add_received(ADA.owner, [DataItem(**{"title": "a", **values})], sender="test")
    return contents.list_current(ADA.owner)[0]


@pytest.mark.parametrize("size", [10**30, 9 * 10**18, LARGEST + 1, -1])
def test_a_size_that_no_file_has_is_not_known(size):
    assert put(access_estsize=size).access_estsize is None
    assert contents.total(CURRENT, ADA).unknown == 1


def test_the_sizes_of_a_full_basket_can_be_summed_up():
    assert LARGEST * MOST_ITEMS < 2**63


@pytest.mark.parametrize("number", [NAN, ENDLESS])
def test_a_number_that_is_none_is_left_out(number):
    [item] = items_from_obscore(
        [Column(name="access_estsize", datatype="double"), Column(name="s_ra", datatype="double")],
        [{"access_estsize": number, "s_ra": number}],
    )

    assert item.access_estsize is None
    assert put(s_ra=item.s_ra).s_ra is None


def test_texts_are_kept_as_databases_take_them_and_no_longer_than_they_may_be():
    item = put(title="\0\ud800" * 5_000, obs_id="x" * 10**6, target_name="M\0 31")

    assert (len(item.title), item.obs_id, item.target_name) == (300, None, "M\ufffd 31")
