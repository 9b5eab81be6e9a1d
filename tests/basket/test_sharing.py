"""Baskets that are shared by link: to look at, to change, until they are revoked or end."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.accounts import tokens
from portal.accounts.models import Person
from portal.basket import baskets
from portal.basket import changes
from portal.basket import contents
from portal.basket import sharing
from portal.basket.adding import add_received
from portal.basket.models import BasketItem
from portal.basket.models import BasketShare
from portal.basket.reach import CURRENT
from portal.basket.reach import Visitor
from portal.db import clock
from portal.db import db
from portal.plugins.types import DataItem
from portal.problems import NotFoundError
from portal.problems import UsageError
from tests.support.callers import bearer
from tests.support.pages import body

URL = {"url": "https://data.example/a.fits"}
NOBODYS = "0" * 32


@pytest.fixture
def basket(client):
    """Return the address of a basket with one item."""
    client.post("/baskets", data={"name": "Shared <b>one</b>"})
    client.post("/baskets/current/addresses", data=URL)
    return re.search(r'href="(/baskets/[0-9a-f]{32})">', client.get("/baskets").text)[1]


def shared(client, basket, **wish):
    """Share a basket and return the address of the link."""
    page = client.post(f"{basket}/shares", data={"days": "", **wish}, follow_redirects=True)
    return re.search(r'href="(/baskets/[0-9a-f]{32})">A link', page.text)[1]


def item_of(client, address):
    return re.search(r'name="item" value="([0-9a-f]{32})"', client.get(address).text)


def test_whoever_has_the_link_sees_the_items_and_can_change_none(app, client, basket):
    link = shared(client, basket)
    reader = app.test_client()
    item = item_of(client, basket)[1]

    page = reader.get(link)

    assert "data.example" in page.text
    assert "Somebody shares this basket with you, to look at." in page.text
    assert "Remove ticked" not in page.text
    assert basket not in page.text
    assert reader.get(f"{link}/items/{item}").status_code == 200
    for address, data in (
        (f"{link}/addresses", URL),
        (f"{link}/change", {"item": item}),
        (f"{link}/empty", {}),
        (f"{link}/items/{item}/note", {"note": "x"}),
        (f"{link}/rename", {"name": "x"}),
        (f"{link}/delete", {}),
        (f"{link}/shares", {}),
    ):
        assert reader.post(address, data=data).status_code == 403, address
    assert reader.get(f"{link}/shares").status_code == 404
    assert reader.get(f"{link}/delete").status_code == 404
    assert item_of(client, basket)


def test_a_link_to_edit_changes_items_and_neither_name_nor_shares(app, client, basket):
    link = shared(client, basket, may_edit="1")
    editor = app.test_client()

    editor.post(f"{link}/addresses", data={"url": "https://data.example/b.fits"})
    editor.post(f"{link}/change", data={"item": item_of(editor, link)[1]})

    assert ">1 item" in client.get(basket).text
    assert "by a link" in client.get(f"{basket}/changes").text
    for address in (f"{link}/rename", f"{link}/delete", f"{link}/shares"):
        assert editor.post(address, data={"name": "x"}).status_code == 403, address


def test_a_revoked_link_is_as_if_it_never_was(app, client, basket):
    link = shared(client, basket, may_edit="1")
    revoke = re.search(r'action="([^"]+/revoke)"', client.get(f"{basket}/shares").text)[1]
    reader = app.test_client()
    assert reader.get(link).status_code == 200

    client.post(revoke)

    for address in ("", "/changes", "/items/x"):
        theirs = reader.get(link + address)
        nobodys = reader.get(f"/baskets/{NOBODYS}{address}")
        assert theirs.status_code == nobodys.status_code == 404
        assert body(theirs) == body(nobodys)
    assert reader.post(f"{link}/addresses", data=URL).status_code == 404
    assert client.get(basket).status_code == 200


def test_a_link_ends_with_its_time_and_with_its_basket(app):
    with app.app_context():
        me, nobody = Visitor(owner="a" * 32), Visitor(owner="")
        add_received(me.owner, [DataItem(title="a")], sender="test")
        share = sharing.share_basket(CURRENT, me, sharing.NewShare(days=1))
        assert len(contents.list_items(share.key, nobody)) == 1

        db.session.get(BasketShare, share.id).expires = clock() - timedelta(seconds=1)
        db.session.commit()

        assert contents.list_items(share.key, nobody) == []
        assert sharing.list_shares(share.basket_id, me) == []


def test_a_basket_is_shared_with_a_group_that_one_is_in(app):
    with app.app_context():
        me = Visitor(owner="a" * 32, groups=("escape/lofar",))
        add_received(me.owner, [DataItem(title="a")], sender="test")
        with pytest.raises(UsageError):
            sharing.share_basket(CURRENT, me, sharing.NewShare(group="others"))
        share = sharing.share_basket(CURRENT, me, sharing.NewShare(group="escape/lofar"))

        member = Visitor(owner="b" * 32, groups=("x", "escape/lofar"))
        other = Visitor(owner="c" * 32, groups=("x",))

        assert len(contents.list_items(share.basket_id, member)) == 1
        assert contents.list_items(share.basket_id, other) == []
        sharing.revoke_share(share.basket_id, share.id, me)
        assert contents.list_items(share.basket_id, member) == []
        with pytest.raises(NotFoundError):
            sharing.revoke_share(share.basket_id, share.id, me)


def test_members_of_a_group_find_what_is_shared_with_it(app, client, basket):
    with app.app_context():
        now = clock()
        person = Person(id="ada", groups=["iam:escape/lofar"], creation_time=now, last_sign_in=now)
        db.session.add(person)
        db.session.commit()
        headers = bearer(tokens.make_token("user:ada").secret)
        stranger = bearer(tokens.make_token("user:eve").secret)
        ref = basket.rpartition("/")[2]
        with client.session_transaction() as session:
            owner = Visitor(owner=session["owner"], groups=("iam:escape/lofar",))
        share = sharing.share_basket(ref, owner, sharing.NewShare(group="iam:escape/lofar"))
    program = app.test_client(use_cookies=False)

    [found] = program.get("/api/baskets", headers=headers).json["baskets"]
    assert (found["ref"], found["owned"], found["editable"]) == (ref, False, False)
    assert f'href="{basket}"' in program.get("/baskets", headers=headers).text
    assert program.get(f"/api{basket}/items", headers=headers).json["count"] == 1
    assert program.post(f"/api{basket}/items", json=URL, headers=headers).status_code == 403
    assert program.get(f"/api{basket}/items", headers=stranger).status_code == 404
    assert program.get("/api/baskets", headers=stranger).json == {"baskets": []}

    client.post(f"{basket}/shares/{share.id}/revoke")
    assert program.get(f"/api{basket}/items", headers=headers).status_code == 404
    assert program.get("/api/baskets", headers=headers).json == {"baskets": []}


@pytest.mark.parametrize("days", ["-1", "0", "x", "99999999", "²"])
def test_a_time_that_is_none_is_refused(client, basket, days):
    assert client.post(f"{basket}/shares", data={"days": days}).status_code == 400


def signed_at(visitor, link):
    ref = link.rpartition("/")[2]
    url = visitor.get(f"/samp/link?basket={ref}").json["url"]
    return url.removeprefix("http://localhost")


def test_an_address_that_a_reader_had_signed_ends_with_the_share(app, client, basket):
    link, other = shared(client, basket), shared(client, basket)
    reader, program = app.test_client(), app.test_client()
    by_link, by_owner = signed_at(reader, link), signed_at(client, basket)
    assert program.get(by_link).status_code == program.get(by_owner).status_code == 200

    page = client.get(f"{basket}/shares").text
    share = re.search(rf'{link}">.*?(/baskets/\w+/shares/\w+/revoke)', page, re.DOTALL)[1]
    client.post(share)

    assert reader.get(other).status_code == 200
    assert program.get(by_link).status_code == 404
    assert program.get(by_owner).status_code == 200
    client.post(f"{basket}/delete")
    assert program.get(by_owner).status_code == 404


def test_the_history_names_no_group(app):
    with app.app_context():
        visitor = Visitor(owner="user:" + "a" * 32, groups=("iam:/escape/ada",))
        made = baskets.make_basket(visitor.owner, "Ours")
        sharing.share_basket(made.id, visitor, sharing.NewShare(group="iam:/escape/ada"))

        [change] = [one for one in changes.list_changes(made.id, visitor) if one.kind == "shared"]
        assert change.about == "With a group, to look at"


def test_a_size_that_was_kept_before_there_was_a_limit_does_not_break_the_sum(app, client, basket):
    client.post("/baskets/current/addresses", data={"url": "https://data.example/b.fits"})
    with app.app_context():
        first, second = db.session.scalars(select(BasketItem))
        first.access_estsize, second.access_estsize = 2**63 - 1, 2**63 - 1
        db.session.commit()

    assert client.get(basket).status_code == 200
    assert client.get(f"/api{basket}").status_code == 200
