"""The items of a basket: list, add, remove, move them, and write notes."""

from flask import Response

from portal.basket import adding
from portal.basket import contents
from portal.basket import moving
from portal.basket import wire
from portal.basket.api.answering import answer
from portal.basket.api.answering import bp
from portal.basket.api.answering import expected_version
from portal.basket.api.answering import find
from portal.basket.api.answering import TAG
from portal.basket.api.answering import tagged
from portal.basket.reach import CURRENT
from portal.basket.visitors import api_visitor
from portal.openapi import operation
from portal.openapi import read_body
from portal.openapi import read_either
from portal.openapi import read_query
from portal.problems import NotFoundError


@bp.get("/<ref>/items")
@operation("List items", tag=TAG, query=wire.Piece, answer=wire.ItemsOut)
def list_items(ref: str) -> Response:
    """List items, those added last first, or as `sort` says."""
    piece = read_query(wire.Piece)
    order = contents.Order.read(piece.sort)
    visitor = api_visitor(ref)
    if ref == CURRENT and contents.current_name(visitor.owner) is None:
        return answer(wire.ItemsOut(count=0, version=0, items=[]))
    basket = find(ref, visitor)
    items = contents.list_items(
        ref, visitor, search=piece.search, order=order, offset=piece.offset, limit=piece.limit
    )
    found = wire.ItemsOut(
        count=contents.total(ref, visitor, search=piece.search).count,
        version=basket.version,
        items=[wire.ItemOut.of(item) for item in items],
    )
    return tagged(answer(found), basket)


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
            ref,
            visitor,
            wanted.url,
            title=wanted.title,
            note=wanted.note,
            version=expected_version(),
        )
    else:
        rows = None if wanted.rows == "all" else wanted.rows
        added = adding.add_from_job(
            ref, visitor, wanted.job, wanted.result, rows, version=expected_version()
        )
    return answer(wire.AddedOut.of(added))


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
    return answer(wire.MovedOut(moved=moved))


@bp.get("/<ref>/items/<item_id>")
@operation("Show an item", tag=TAG, answer=wire.ItemOut)
def show_item(ref: str, item_id: str) -> Response:
    """Show one item."""
    return answer(wire.ItemOut.of(contents.get_item(ref, item_id, api_visitor(ref))))


@bp.patch("/<ref>/items/<item_id>")
@operation("Write a note at an item", tag=TAG, bodies=(wire.Note,), answer=wire.ItemOut)
def edit_item(ref: str, item_id: str) -> Response:
    """Write a note at an item."""
    wanted = read_body(wire.Note)
    visitor = api_visitor(ref, to_change=True)
    return answer(wire.ItemOut.of(contents.set_note(ref, item_id, wanted.note, visitor)))


def _removed(ref: str, item_ids: list[str] | None) -> Response:
    visitor = api_visitor(ref, to_change=True)
    try:
        removed = moving.remove_items(ref, visitor, item_ids, version=expected_version())
    except NotFoundError:
        if ref != CURRENT:
            raise
        removed = 0  # there is no basket yet
    return answer(wire.RemovedOut(removed=removed))
