"""The page of notices, and the number of unread ones that every page shows."""

from datetime import datetime
from datetime import UTC

from flask import Blueprint
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts.owner import find_owner
from portal.display import requested_page
from portal.notifications import reading
from portal.notifications.models import Notice
from portal.problems import UsageError
from portal.uws.callers import NOBODY

PAGE_SIZE = 50

bp = Blueprint("notices", __name__, url_prefix="/notices")


@bp.get("")
def index() -> str:
    """List the notices of whoever asks."""
    owner = find_owner()
    page, pages = requested_page(reading.count_notices(owner), PAGE_SIZE)
    return render_template(
        "notices/index.html",
        notices=reading.list_notices(owner, first=(page - 1) * PAGE_SIZE, most=PAGE_SIZE),
        unread=reading.count_unread(owner),
        page=page,
        pages=pages,
    )


@bp.get("/count")
def count() -> str:
    """Return how many notices are unread, for the head of every page."""
    owner = find_owner()
    return render_template(
        "notices/_count.html",
        count=reading.count_unread(owner),
        latest=reading.latest_unread(owner),
    )


@bp.post("/<notice_id>/open")
def follow(notice_id: str) -> BaseResponse:
    """Go to what a notice is about; it counts as read."""
    link = reading.read_notice(notice_id, owner=find_owner())
    return redirect(request.script_root + link, code=303)


@bp.post("/read")
def read_all() -> BaseResponse:
    """Count all notices that the page has shown as read."""
    try:
        until = datetime.fromisoformat(request.form.get("until", "")).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError("Open the page of notices, and use its button.") from error
    reading.read_all(find_owner(), until=until)
    return redirect(url_for("notices.index"), code=303)


@bp.app_template_global()
def unread_count() -> int | None:
    """Return how many notices are unread; None for a browser that has nothing here."""
    owner = find_owner()
    return None if owner == NOBODY else reading.count_unread(owner)


@bp.app_template_global()
def latest_notice() -> Notice | None:
    """Return the notice that came last, of those that are unread."""
    return reading.latest_unread(find_owner())
