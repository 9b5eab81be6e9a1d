"""Baskets as such: list, make, show, change, delete, restore them."""

from http import HTTPStatus

from flask import Response
from flask import url_for

from portal.basket import baskets
from portal.basket import contents
from portal.basket import wire
from portal.basket.api.answering import answer
from portal.basket.api.answering import bp
from portal.basket.api.answering import expected_version
from portal.basket.api.answering import find
from portal.basket.api.answering import TAG
from portal.basket.api.answering import tagged
from portal.basket.api.answering import written
from portal.basket.reach import CURRENT
from portal.basket.reach import get_basket
from portal.basket.visitors import api_visitor
from portal.openapi import operation
from portal.openapi import read_body


@bp.get("")
@operation("List your baskets", tag=TAG, answer=wire.BasketsOut)
def index() -> Response:
    """List the caller's baskets by name."""
    visitor = api_visitor()
    found = [
        wire.BasketOut.of(
            one.basket,
            ref=one.basket.id,
            owned=True,
            editable=True,
            current=one.is_current,
            total=contents.total(one.basket.id, visitor),
        )
        for one in baskets.list_baskets(visitor.owner)
    ]
    shared = [written(one, one.id, visitor) for one in baskets.list_shared(visitor)]
    return answer(wire.BasketsOut(baskets=[*found, *shared]))


@bp.post("")
@operation("Make a basket", tag=TAG, bodies=(wire.NewBasket,), answer=wire.BasketOut, status=201)
def make() -> Response:
    """Make a basket; answers it, with its address."""
    wanted = read_body(wire.NewBasket)
    visitor = api_visitor(to_change=True)
    basket = baskets.make_basket(visitor.owner, wanted.name, choose=wanted.current)
    response = answer(written(basket, basket.id, visitor), HTTPStatus.CREATED)
    response.headers["Location"] = url_for("basket_api.show", ref=basket.id)
    return response


@bp.get("/<ref>")
@operation("Show a basket", tag=TAG, answer=wire.BasketOut)
def show(ref: str) -> Response:
    """Show a basket: `current`, one by its id, or one by the key of a link."""
    visitor = api_visitor(ref)
    basket = find(ref, visitor)
    return tagged(answer(written(basket, basket.id if ref == CURRENT else ref, visitor)), basket)


@bp.patch("/<ref>")
@operation(
    "Rename a basket, or make it the current one",
    tag=TAG,
    bodies=(wire.BasketEdit,),
    answer=wire.BasketOut,
    takes_etag=True,
)
def edit(ref: str) -> Response:
    """Rename a basket, or make it the current one."""
    wanted = read_body(wire.BasketEdit)
    visitor = api_visitor(ref, to_change=True)
    if wanted.name is not None:
        baskets.rename_basket(ref, wanted.name, visitor, version=expected_version())
    basket = get_basket(ref, visitor)
    if wanted.current:
        basket = baskets.choose_basket(basket.id, visitor.owner)
    return tagged(answer(written(basket, basket.id, visitor)), basket)


@bp.delete("/<ref>")
@operation("Delete a basket", tag=TAG, answer=wire.DeletedOut, takes_etag=True)
def delete(ref: str) -> Response:
    """Delete a basket; it can be restored for 30 days."""
    visitor = api_visitor(ref, to_change=True)
    basket_id = baskets.delete_basket(ref, visitor, version=expected_version())
    return answer(wire.DeletedOut(deleted=basket_id))


@bp.post("/<ref>/restore")
@operation("Restore a deleted basket", tag=TAG, answer=wire.BasketOut)
def restore(ref: str) -> Response:
    """Bring a deleted basket back, which is the current one then."""
    visitor = api_visitor(ref, to_change=True)
    basket = baskets.restore_basket(ref, visitor.owner)
    return answer(written(basket, basket.id, visitor))
