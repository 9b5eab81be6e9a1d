"""Pages about baskets as such: all of one's own, make one, choose, rename, delete, restore."""

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
from portal.basket.reach import get_basket
from portal.basket.visitors import find_visitor

bp = Blueprint("baskets", __name__, url_prefix="/baskets")


@bp.get("")
def index() -> str:
    """List the baskets of whoever asks."""
    owner = find_owner()
    return render_template(
        "basket/index.html",
        baskets=baskets.list_baskets(owner),
        deleted=baskets.list_deleted(owner),
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
    return render_template("basket/delete.html", basket=get_basket(ref, find_visitor()))


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
