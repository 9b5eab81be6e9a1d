"""Pages of a basket: look at it, add to it, remove, move, undo, note, and its history."""

from flask import Blueprint
from flask import current_app
from flask import flash
from flask import redirect
from flask import render_template
from flask import request
from flask import Response
from flask import url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts.owner import find_owner
from portal.basket import adding
from portal.basket import changes
from portal.basket import checking
from portal.basket import contents
from portal.basket import moving
from portal.basket.baskets import list_baskets
from portal.basket.reach import CURRENT
from portal.basket.reach import get_basket
from portal.basket.reach import may_edit
from portal.basket.script import write_script
from portal.basket.view import view_basket
from portal.basket.visitors import current_visitor
from portal.basket.visitors import find_visitor
from portal.display import requested_page
from portal.htmx import render
from portal.plugins.registry import PluginRegistry
from portal.problems import NotFoundError
from portal.problems import UsageError
from portal.security import safe_next

bp = Blueprint("basket", __name__)
CHANGES_ON_A_PAGE = 50


@bp.app_template_global()
def basket_count() -> int:
    """Return how many items the current basket holds, for the badge of the navigation."""
    return contents.count_items(find_owner())


@bp.app_template_global()
def basket_name() -> str | None:
    """Return the name of the current basket, for the navigation; None while there is none."""
    return contents.current_name(find_owner())


@bp.app_template_global()
def my_baskets() -> list[tuple[str, str, bool]]:
    """Return the id and name of each basket of whoever asks, and whether it is the current."""
    found = list_baskets(find_owner())
    return [(one.basket.id, one.basket.name, one.is_current) for one in found]


@bp.app_template_global()
def archive_title(archive_id: str) -> str:
    """Return an archive's title; its id, when its plugin is gone."""
    registry: PluginRegistry = current_app.extensions["plugins"]
    try:
        return registry.archive(archive_id).title
    except NotFoundError:
        return archive_id


@bp.get("/basket")
def show_current() -> Response:
    """Show the current basket, or how to fill one."""
    visitor = find_visitor()
    if contents.current_name(visitor.owner) is None:
        return render("basket/show.html", "basket/_items.html", view=None)
    return _shown(CURRENT)


@bp.get("/basket/count")
def count() -> str:
    """Answer the badge of the navigation."""
    return render_template("_basket_count.html", count=basket_count())


@bp.post("/basket/items")
def add() -> BaseResponse:
    """Put ticked rows, or all of them, into a basket: the current one, or the one named."""
    rows = None if request.form.get("all") else _row_numbers(request.form.getlist("row"))
    job_id, name = (request.form.get(field, "") for field in ("job", "result"))
    ref = request.form.get("basket") or CURRENT
    added = adding.add_from_job(ref, current_visitor(), job_id, name, rows)
    flash(_added_message(added), "success" if added.new else "info")
    return redirect(safe_next(request.form.get("next")), code=303)


@bp.get("/baskets/<ref>")
def show(ref: str) -> Response:
    """Show one page of the items of a basket."""
    return _shown(ref)


@bp.post("/baskets/<ref>/addresses")
def add_address(ref: str) -> BaseResponse:
    """Put an address that was typed in into a basket."""
    visitor = current_visitor() if ref == CURRENT else find_visitor()
    form = request.form
    added = adding.add_address(
        ref, visitor, form.get("url", ""), title=form.get("title", ""), note=form.get("note", "")
    )
    flash(_added_message(added), "success" if added.new else "info")
    return _back(ref)


@bp.post("/baskets/<ref>/change")
def change(ref: str) -> BaseResponse:
    """Remove the ticked items, or move them to another basket."""
    visitor = find_visitor()
    item_ids = request.form.getlist("item")
    if not item_ids:
        raise UsageError("Tick the items first.")
    if request.form.get("do") == "move":
        target = request.form.get("target", "")
        moved = moving.move_items(ref, visitor, item_ids, target=target)
        flash(f"{_count(moved, 'item')} moved to {get_basket(target, visitor).name}.", "success")
    else:
        removed = moving.remove_items(ref, visitor, item_ids)
        flash(f"{_count(removed, 'item')} removed.", "info")
    return _back(ref)


@bp.get("/baskets/<ref>/empty")
def confirm_empty(ref: str) -> str:
    """Ask before everything is removed."""
    visitor = find_visitor()
    basket = get_basket(ref, visitor)
    total = contents.total(ref, visitor)
    return render_template("basket/empty.html", basket=basket, ref=ref, count=total.count)


@bp.post("/baskets/<ref>/empty")
def empty(ref: str) -> BaseResponse:
    """Remove everything."""
    removed = moving.remove_items(ref, find_visitor(), None)
    flash(f"The basket is empty now; {_count(removed, 'item')} removed.", "info")
    return _back(ref)


@bp.post("/baskets/<ref>/changes/<change_id>/undo")
def undo(ref: str, change_id: str) -> BaseResponse:
    """Take a change back."""
    changed = changes.undo_change(ref, change_id, find_visitor())
    flash(f"Undone: {_count(changed, 'item')} as before.", "success")
    return _back(ref)


@bp.get("/baskets/<ref>/changes")
def history(ref: str) -> str:
    """Show what was done with a basket."""
    visitor = find_visitor()
    basket = get_basket(ref, visitor)
    count = changes.count_changes(ref, visitor)
    page, pages = requested_page(count, CHANGES_ON_A_PAGE)
    return render_template(
        "basket/history.html",
        basket=basket,
        ref=ref,
        changes=changes.list_changes(
            ref, visitor, offset=(page - 1) * CHANGES_ON_A_PAGE, limit=CHANGES_ON_A_PAGE
        ),
        undoable=changes.undoable_ids(basket.id) if may_edit(ref, visitor) else frozenset(),
        page=page,
        pages=pages,
    )


@bp.get("/baskets/<ref>/download.py")
def download_script(ref: str) -> Response:
    """Send a script that downloads the files of a basket."""
    visitor = find_visitor()
    get_basket(ref, visitor)
    order = contents.Order(by="added", descending=False)
    items = contents.list_items(ref, visitor, order=order)
    text = write_script(items, portal=url_for("home.index", _external=True))
    response = Response(text, content_type="text/x-python; charset=utf-8")
    response.headers["Content-Disposition"] = "attachment; filename=download.py"
    return response


@bp.post("/baskets/<ref>/check")
def check(ref: str) -> BaseResponse:
    """Make a job that checks the links."""
    job_id = checking.check_links(ref, current_visitor())
    return redirect(url_for("jobs.show", job_id=job_id), code=303)


@bp.get("/baskets/<ref>/items/<item_id>")
def show_item(ref: str, item_id: str) -> str:
    """Show all that is known of an item."""
    visitor = find_visitor()
    basket = get_basket(ref, visitor)
    return render_template(
        "basket/item.html",
        basket=basket,
        ref=ref,
        item=contents.get_item(ref, item_id, visitor),
        is_own=basket.owner == visitor.owner,
        may_edit=may_edit(ref, visitor),
    )


@bp.post("/baskets/<ref>/items/<item_id>/note")
def note(ref: str, item_id: str) -> BaseResponse:
    """Write a note at an item."""
    contents.set_note(ref, item_id, request.form.get("note", ""), find_visitor())
    flash("The note is kept.", "success")
    return redirect(url_for("basket.show_item", ref=ref, item_id=item_id), code=303)


def _shown(ref: str) -> Response:
    view = view_basket(ref, find_visitor())
    return render("basket/show.html", "basket/_items.html", view=view)


def _back(ref: str) -> BaseResponse:
    here = url_for("basket.show_current") if ref == CURRENT else url_for("basket.show", ref=ref)
    return redirect(safe_next(request.form.get("next"), here), code=303)


def _row_numbers(texts: list[str]) -> list[int]:
    try:
        return [int(text) for text in texts]
    except ValueError:
        raise UsageError("A row is named by its number.") from None


def _added_message(added: adding.Added) -> str:
    parts = [f"{_count(added.new, 'item')} put into the basket."] if added.new else []
    if added.known:
        parts.append(f"{_count(added.known, 'item')} had been there already.")
    return " ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
