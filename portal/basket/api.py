"""Baskets as JSON, for programs: all that the pages can do, documented as OpenAPI."""

import re
from http import HTTPStatus
from typing import Any

from flask import Blueprint
from flask import request
from flask import Response
from flask import url_for
from pydantic import BaseModel

from portal.basket import adding
from portal.basket import baskets
from portal.basket import changes
from portal.basket import checking
from portal.basket import contents
from portal.basket import moving
from portal.basket import sharing
from portal.basket import wire
from portal.basket.models import Basket
from portal.basket.reach import CURRENT
from portal.basket.reach import get_basket
from portal.basket.reach import may_edit
from portal.basket.reach import Visitor
from portal.basket.visitors import api_visitor
from portal.openapi import operation
from portal.openapi import read_body
from portal.openapi import read_either
from portal.openapi import read_query
from portal.problems import NotFoundError
from portal.problems import PortalError
from portal.problems import UsageError
from portal.uws.answers import problem_answer

TAG = "baskets"
ETAG = re.compile(r'\s*(?:W/)?"(\d{1,18})"\s*')
NOTHING = contents.Total(count=0, bytes=0, unknown=0)

bp = Blueprint("basket_api", __name__, url_prefix="/api/baskets")


@bp.errorhandler(PortalError)
def show_problem(error: PortalError) -> Response:
    """Answer every error as JSON (RFC 9457), whatever the caller says that it accepts."""
    response = problem_answer(error.problem())
    for name, value in error.headers:
        response.headers.add(name, value)
    return response


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
    shared = [_written(one, one.id, visitor) for one in baskets.list_shared(visitor)]
    return _answer(wire.BasketsOut(baskets=[*found, *shared]))


@bp.post("")
@operation("Make a basket", tag=TAG, bodies=(wire.NewBasket,), answer=wire.BasketOut, status=201)
def make() -> Response:
    """Make a basket; answers it, with its address."""
    wanted = read_body(wire.NewBasket)
    visitor = api_visitor(to_change=True)
    basket = baskets.make_basket(visitor.owner, wanted.name, choose=wanted.current)
    response = _answer(_written(basket, basket.id, visitor), HTTPStatus.CREATED)
    response.headers["Location"] = url_for("basket_api.show", ref=basket.id)
    return response


@bp.get("/<ref>")
@operation("Show a basket", tag=TAG, answer=wire.BasketOut)
def show(ref: str) -> Response:
    """Show a basket: `current`, one by its id, or one by the key of a link."""
    visitor = api_visitor(ref)
    basket = _find(ref, visitor)
    return _tagged(_answer(_written(basket, basket.id if ref == CURRENT else ref, visitor)), basket)


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
        baskets.rename_basket(ref, wanted.name, visitor, version=_expected())
    basket = get_basket(ref, visitor)
    if wanted.current:
        basket = baskets.choose_basket(basket.id, visitor.owner)
    return _tagged(_answer(_written(basket, basket.id, visitor)), basket)


@bp.delete("/<ref>")
@operation("Delete a basket", tag=TAG, answer=wire.DeletedOut, takes_etag=True)
def delete(ref: str) -> Response:
    """Delete a basket; it can be restored for 30 days."""
    visitor = api_visitor(ref, to_change=True)
    basket_id = baskets.delete_basket(ref, visitor, version=_expected())
    return _answer(wire.DeletedOut(deleted=basket_id))


@bp.post("/<ref>/restore")
@operation("Restore a deleted basket", tag=TAG, answer=wire.BasketOut)
def restore(ref: str) -> Response:
    """Bring a deleted basket back, which is the current one then."""
    visitor = api_visitor(ref, to_change=True)
    basket = baskets.restore_basket(ref, visitor.owner)
    return _answer(_written(basket, basket.id, visitor))


@bp.get("/<ref>/items")
@operation("List items", tag=TAG, query=wire.Piece, answer=wire.ItemsOut)
def list_items(ref: str) -> Response:
    """List items, those added last first, or as `sort` says."""
    piece = read_query(wire.Piece)
    order = contents.Order.read(piece.sort)
    visitor = api_visitor(ref)
    if ref == CURRENT and contents.current_name(visitor.owner) is None:
        return _answer(wire.ItemsOut(count=0, version=0, items=[]))
    basket = _find(ref, visitor)
    items = contents.list_items(
        ref, visitor, search=piece.search, order=order, offset=piece.offset, limit=piece.limit
    )
    found = wire.ItemsOut(
        count=contents.total(ref, visitor, search=piece.search).count,
        version=basket.version,
        items=[wire.ItemOut.of(item) for item in items],
    )
    return _tagged(_answer(found), basket)


@bp.post("/<ref>/items")
@operation(
    "Add rows of a result, or an address",
    tag=TAG,
    bodies=(wire.RowsOfResult, wire.TypedAddress),
    answer=wire.AddedOut,
    takes_etag=True,
)
def add(ref: str) -> Response:
    """Put rows of a result, or an address, into a basket; each is there once."""
    wanted = read_either(wire.RowsOfResult, wire.TypedAddress)
    visitor = api_visitor(ref, to_change=True)
    if isinstance(wanted, wire.TypedAddress):
        added = adding.add_address(
            ref, visitor, wanted.url, title=wanted.title, note=wanted.note, version=_expected()
        )
    else:
        rows = None if wanted.rows == "all" else wanted.rows
        added = adding.add_from_job(
            ref, visitor, wanted.job, wanted.result, rows, version=_expected()
        )
    return _answer(wire.AddedOut.of(added))


@bp.delete("/<ref>/items")
@operation("Empty a basket", tag=TAG, answer=wire.RemovedOut, takes_etag=True)
def empty(ref: str) -> Response:
    """Remove every item."""
    return _removed(ref, None)


@bp.post("/<ref>/remove")
@operation(
    "Remove items",
    tag=TAG,
    bodies=(wire.ItemIds,),
    answer=wire.RemovedOut,
    takes_etag=True,
)
def remove(ref: str) -> Response:
    """Remove items; says how many were there."""
    return _removed(ref, read_body(wire.ItemIds).items)


@bp.post("/<ref>/move")
@operation("Move items to another basket", tag=TAG, bodies=(wire.Move,), answer=wire.MovedOut)
def move(ref: str) -> Response:
    """Move items to another basket."""
    wanted = read_body(wire.Move)
    visitor = api_visitor(ref, to_change=True)
    moved = moving.move_items(ref, visitor, wanted.items, target=wanted.target)
    return _answer(wire.MovedOut(moved=moved))


@bp.get("/<ref>/items/<item_id>")
@operation("Show an item", tag=TAG, answer=wire.ItemOut)
def show_item(ref: str, item_id: str) -> Response:
    """Show one item."""
    return _answer(wire.ItemOut.of(contents.get_item(ref, item_id, api_visitor(ref))))


@bp.patch("/<ref>/items/<item_id>")
@operation("Write a note at an item", tag=TAG, bodies=(wire.Note,), answer=wire.ItemOut)
def edit_item(ref: str, item_id: str) -> Response:
    """Write a note at an item."""
    wanted = read_body(wire.Note)
    visitor = api_visitor(ref, to_change=True)
    return _answer(wire.ItemOut.of(contents.set_note(ref, item_id, wanted.note, visitor)))


@bp.get("/<ref>/changes")
@operation("Show the history", tag=TAG, query=wire.Piece, answer=wire.ChangesOut)
def list_changes(ref: str) -> Response:
    """Show what was done with a basket, the latest first."""
    piece = read_query(wire.Piece)
    visitor = api_visitor(ref)
    basket = get_basket(ref, visitor)
    undoable = changes.undoable_ids(basket.id) if may_edit(ref, visitor) else frozenset()
    found = changes.list_changes(ref, visitor, offset=piece.offset, limit=piece.limit)
    written = [wire.ChangeOut.of(one, undoable=one.id in undoable) for one in found]
    return _answer(wire.ChangesOut(changes=written))


@bp.post("/<ref>/changes/<change_id>/undo")
@operation("Undo a change", tag=TAG, answer=wire.UndoneOut)
def undo(ref: str, change_id: str) -> Response:
    """Take a change back."""
    visitor = api_visitor(ref, to_change=True)
    return _answer(wire.UndoneOut(undone=changes.undo_change(ref, change_id, visitor)))


@bp.post("/<ref>/check")
@operation("Check the links by a job", tag=TAG, answer=wire.JobOut, status=201)
def check(ref: str) -> Response:
    """Make a job that checks the links; what it found is at the items when it has completed."""
    job_id = checking.check_links(ref, api_visitor(ref, to_change=True))
    return _answer(wire.JobOut(job=job_id), HTTPStatus.CREATED)


@bp.get("/<ref>/shares")
@operation("List how a basket is shared", tag=TAG, answer=wire.SharesOut)
def list_shares(ref: str) -> Response:
    """List how a basket is shared; its owner only."""
    visitor = api_visitor(ref)
    basket = get_basket(ref, visitor)
    found = sharing.list_shares(basket.id, visitor)
    return _answer(wire.SharesOut(shares=[wire.ShareOut.of(one) for one in found]))


@bp.post("/<ref>/shares")
@operation("Share a basket", tag=TAG, bodies=(wire.ShareWish,), answer=wire.ShareOut, status=201)
def share(ref: str) -> Response:
    """Share a basket by a new link, or with a group."""
    wanted = read_body(wire.ShareWish)
    visitor = api_visitor(ref, to_change=True)
    made = sharing.share_basket(ref, visitor, sharing.NewShare(**wanted.model_dump()))
    return _answer(wire.ShareOut.of(made), HTTPStatus.CREATED)


@bp.delete("/<ref>/shares/<share_id>")
@operation("Revoke a share", tag=TAG, answer=wire.RevokedOut)
def revoke(ref: str, share_id: str) -> Response:
    """Let nobody in any more by this share."""
    sharing.revoke_share(ref, share_id, api_visitor(ref, to_change=True))
    return _answer(wire.RevokedOut(revoked=share_id))


def _removed(ref: str, item_ids: list[str] | None) -> Response:
    visitor = api_visitor(ref, to_change=True)
    try:
        removed = moving.remove_items(ref, visitor, item_ids, version=_expected())
    except NotFoundError:
        if ref != CURRENT:
            raise
        removed = 0  # there is no basket yet
    return _answer(wire.RemovedOut(removed=removed))


def _find(ref: str, visitor: Visitor) -> Basket:
    if ref == CURRENT and visitor.owner and contents.current_name(visitor.owner) is None:
        raise NotFoundError("You have no basket yet. Add something, or make one.")
    return get_basket(ref, visitor)


def _written(basket: Basket, ref: str, visitor: Visitor) -> wire.BasketOut:
    owned = basket.owner == visitor.owner
    current = [one for one in baskets.list_baskets(visitor.owner) if one.is_current]
    return wire.BasketOut.of(
        basket,
        ref=ref,
        owned=owned,
        editable=owned or may_edit(ref, visitor),
        current=any(one.basket.id == basket.id for one in current),
        total=contents.total(ref, visitor),
    )


def _expected() -> int | None:
    """Return the version that the caller thinks the basket has (If-Match, RFC 9110 13.1.1)."""
    sent = request.headers.get("If-Match", "").strip()
    if sent in ("", "*"):
        return None
    found = ETAG.fullmatch(sent)
    if found is None:
        raise UsageError("If-Match takes one ETag of this basket, or *.")
    return int(found[1])


def _answer(body: BaseModel, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(body.model_dump_json(), status=status, mimetype="application/json")


def _tagged(response: Response, basket: Basket) -> Response:
    response.set_etag(str(basket.version))
    made: Any = response.make_conditional(request)
    return response if made is None else made
