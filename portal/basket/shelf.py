"""Pages about baskets as such: all of one's own, make, choose, rename, delete, restore, share."""

from flask import Blueprint
from flask import flash
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts.owner import current_owner
from portal.accounts.owner import find_owner
from portal.basket import baskets
from portal.basket import sharing
from portal.basket.models import Basket
from portal.basket.reach import get_basket
from portal.basket.reach import NO_SUCH_BASKET
from portal.basket.reach import Visitor
from portal.basket.visitors import find_visitor
from portal.problems import NotFoundError
from portal.problems import UsageError

bp = Blueprint("baskets", __name__, url_prefix="/baskets")


@bp.get("")
def index() -> str:
    """List the baskets of whoever asks."""
    visitor = find_visitor()
    return render_template(
        "basket/index.html",
        baskets=baskets.list_baskets(visitor.owner),
        shared=baskets.list_shared(visitor),
        deleted=baskets.list_deleted(visitor.owner),
    )


@bp.post("")
def make() -> BaseResponse:
    """Make a basket, which is the current one from now on."""
    basket = baskets.make_basket(current_owner(), request.form.get("name", ""))
    flash(f"{basket.name} is your current basket: what you add goes there.", "success")
    return redirect(url_for("basket.show", ref=basket.id), code=303)


@bp.post("/<ref>/choose")
def choose(ref: str) -> BaseResponse:
    """Make a basket the current one."""
    basket = baskets.choose_basket(ref, find_owner())
    flash(f"{basket.name} is your current basket: what you add goes there.", "success")
    return redirect(url_for("basket.show", ref=ref), code=303)


@bp.post("/<ref>/rename")
def rename(ref: str) -> BaseResponse:
    """Give a basket another name."""
    baskets.rename_basket(ref, request.form.get("name", ""), find_visitor())
    flash("The basket has its new name.", "success")
    return redirect(url_for("basket.show", ref=ref), code=303)


@bp.get("/<ref>/delete")
def confirm_delete(ref: str) -> str:
    """Ask before a basket is deleted."""
    return render_template("basket/delete.html", basket=_own(ref, find_visitor()))


@bp.post("/<ref>/delete")
def delete(ref: str) -> BaseResponse:
    """Delete a basket; the page of all baskets can bring it back."""
    baskets.delete_basket(ref, find_visitor())
    flash("The basket is deleted. It can be restored here for 30 days.", "info")
    return redirect(url_for("baskets.index"), code=303)


@bp.post("/<ref>/restore")
def restore(ref: str) -> BaseResponse:
    """Bring a deleted basket back."""
    basket = baskets.restore_basket(ref, find_owner())
    flash(f"{basket.name} is back, with everything that was in it.", "success")
    return redirect(url_for("basket.show", ref=basket.id), code=303)


@bp.get("/<ref>/shares")
def list_shares(ref: str) -> str:
    """Show who else may open a basket, to its owner."""
    visitor = find_visitor()
    return render_template(
        "basket/shares.html",
        basket=_own(ref, visitor),
        shares=sharing.list_shares(ref, visitor),
        groups=visitor.groups,
    )


@bp.post("/<ref>/shares")
def share(ref: str) -> BaseResponse:
    """Open a basket to others."""
    form = request.form
    wanted = sharing.NewShare(
        may_edit=bool(form.get("may_edit")),
        days=_days(form.get("days", "")),
        label=form.get("label", ""),
        group=form.get("group") or None,
    )
    sharing.share_basket(ref, find_visitor(), wanted)
    flash("The basket is shared.", "success")
    return redirect(url_for("baskets.list_shares", ref=ref), code=303)


@bp.post("/<ref>/shares/<share_id>/revoke")
def revoke(ref: str, share_id: str) -> BaseResponse:
    """Let nobody in any more by a share."""
    sharing.revoke_share(ref, share_id, find_visitor())
    flash("Revoked: the link opens nothing any more.", "success")
    return redirect(url_for("baskets.list_shares", ref=ref), code=303)


def _own(ref: str, visitor: Visitor) -> Basket:
    """Return a basket of the visitor himself; raises NotFoundError, for shared ones too."""
    basket = get_basket(ref, visitor)
    if basket.owner != visitor.owner:
        raise NotFoundError(NO_SUCH_BASKET)
    return basket


def _days(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 5):  # noqa: PLR2004
        raise UsageError("A link lasts a whole number of days.")
    return int(text)
