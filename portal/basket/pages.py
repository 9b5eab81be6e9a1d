"""Pages of the basket: look at it, add rows, remove what was unticked, empty it."""

from flask import Blueprint
from flask import current_app
from flask import flash
from flask import redirect
from flask import render_template
from flask import request
from flask import Response
from flask import url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts.owner import current_owner
from portal.accounts.owner import find_owner
from portal.basket import service
from portal.display import requested_page
from portal.htmx import render
from portal.plugins.registry import PluginRegistry
from portal.problems import NotFoundError
from portal.problems import UsageError
from portal.security import safe_next

bp = Blueprint("basket", __name__, url_prefix="/basket")
PAGE_SIZE = 100


@bp.get("")
def show() -> Response:
    """Show one page of the items."""
    owner = find_owner()
    count = service.count_items(owner)
    page, pages = requested_page(count, PAGE_SIZE)
    offset = (page - 1) * PAGE_SIZE
    items = service.list_items(owner, offset=offset, limit=PAGE_SIZE)
    return render(
        "basket/show.html", "basket/_items.html", items=items, count=count, page=page, pages=pages
    )


@bp.app_template_global()
def basket_count() -> int:
    """Return how many items the basket holds, for the badge of the navigation."""
    return service.count_items(find_owner())


@bp.app_template_global()
def archive_title(archive_id: str) -> str:
    """Return an archive's title; its id, when its plugin is gone."""
    registry: PluginRegistry = current_app.extensions["plugins"]
    try:
        return registry.archive(archive_id).title
    except NotFoundError:
        return archive_id


@bp.get("/count")
def count() -> str:
    """Answer the badge of the navigation."""
    return render_template("_basket_count.html", count=basket_count())


@bp.post("/items")
def add() -> BaseResponse:
    """Put ticked rows, or all of them, into the basket."""
    owner = current_owner()
    rows = None if request.form.get("all") else _row_numbers(request.form.getlist("row"))
    job_id, name = (request.form.get(field, "") for field in ("job", "result"))
    added = service.add_from_job(owner, job_id, name, rows)
    flash(_added_message(added), "success" if added.new else "info")
    return redirect(safe_next(request.form.get("next")), code=303)


@bp.post("/remove")
def remove() -> BaseResponse:
    """Remove the items that were shown and are no longer ticked."""
    shown = set(request.form.getlist("shown"))
    unticked = shown - set(request.form.getlist("keep"))
    removed = service.remove_items(current_owner(), unticked)
    flash(f"{_count(removed, 'item')} removed." if removed else "Nothing was unticked.", "info")
    return redirect(url_for("basket.show", page=request.form.get("page") or None), code=303)


@bp.get("/empty")
def confirm_empty() -> str:
    """Ask before everything is removed."""
    return render_template("basket/empty.html", count=basket_count())


@bp.post("/empty")
def empty() -> BaseResponse:
    """Remove everything."""
    removed = service.empty_basket(current_owner())
    flash(f"The basket is empty now; {_count(removed, 'item')} removed.", "info")
    return redirect(url_for("basket.show"), code=303)


def _row_numbers(texts: list[str]) -> list[int]:
    try:
        return [int(text) for text in texts]
    except ValueError:
        raise UsageError("A row is named by its number.") from None


def _added_message(added: service.Added) -> str:
    parts = [f"{_count(added.new, 'item')} put into the basket."] if added.new else []
    if added.known:
        parts.append(f"{_count(added.known, 'item')} had been there already.")
    return " ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
