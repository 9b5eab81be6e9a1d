"""What else there is to a basket: its history, its shares, and a check of its links."""

from http import HTTPStatus

from flask import Response

from portal.basket import changes
from portal.basket import checking
from portal.basket import sharing
from portal.basket import wire
from portal.basket.api.answering import answer
from portal.basket.api.answering import bp
from portal.basket.api.answering import TAG
from portal.basket.reach import get_basket
from portal.basket.reach import may_edit
from portal.basket.visitors import api_visitor
from portal.openapi import operation
from portal.openapi import read_body
from portal.openapi import read_query


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
    return answer(wire.ChangesOut(changes=written))


@bp.post("/<ref>/changes/<change_id>/undo")
@operation("Undo a change", tag=TAG, answer=wire.UndoneOut)
def undo(ref: str, change_id: str) -> Response:
    """Take a change back."""
    visitor = api_visitor(ref, to_change=True)
    return answer(wire.UndoneOut(undone=changes.undo_change(ref, change_id, visitor)))


@bp.post("/<ref>/check")
@operation("Check the links by a job", tag=TAG, answer=wire.JobOut, status=201)
def check(ref: str) -> Response:
    """Make a job that checks the links; what it found is at the items when it has completed."""
    job_id = checking.check_links(ref, api_visitor(ref, to_change=True))
    return answer(wire.JobOut(job=job_id), HTTPStatus.CREATED)


@bp.get("/<ref>/shares")
@operation("List how a basket is shared", tag=TAG, answer=wire.SharesOut)
def list_shares(ref: str) -> Response:
    """List how a basket is shared; its owner only."""
    visitor = api_visitor(ref)
    basket = get_basket(ref, visitor)
    found = sharing.list_shares(basket.id, visitor)
    return answer(wire.SharesOut(shares=[wire.ShareOut.of(one) for one in found]))


@bp.post("/<ref>/shares")
@operation("Share a basket", tag=TAG, bodies=(wire.ShareWish,), answer=wire.ShareOut, status=201)
def share(ref: str) -> Response:
    """Share a basket by a new link, or with a group."""
    wanted = read_body(wire.ShareWish)
    visitor = api_visitor(ref, to_change=True)
    made = sharing.share_basket(ref, visitor, sharing.NewShare(**wanted.model_dump()))
    return answer(wire.ShareOut.of(made), HTTPStatus.CREATED)


@bp.delete("/<ref>/shares/<share_id>")
@operation("Revoke a share", tag=TAG, answer=wire.RevokedOut)
def revoke(ref: str, share_id: str) -> Response:
    """Let nobody in any more by this share."""
    sharing.revoke_share(ref, share_id, api_visitor(ref, to_change=True))
    return answer(wire.RevokedOut(revoked=share_id))
