"""What belongs to whom: the file with everything of an owner, and the end of it all."""

from flask import Blueprint
from flask import render_template
from flask import request
from flask import Response
from flask import send_file
from flask import session
from flask import url_for

from portal.accounts.authorization import find_caller_token
from portal.accounts.identity import endings
from portal.accounts.identity import logins
from portal.accounts.identity.providers import providers
from portal.accounts.leaving import delete_everything
from portal.accounts.leaving import write_export
from portal.accounts.owner import find_owner
from portal.accounts.owner import SHARED_OWNER
from portal.problems import NotFoundError
from portal.problems import UsageError
from portal.uws.callers import ForbiddenError
from portal.uws.callers import NOBODY

EXPORT_NAME = "portal-data.zip"

bp = Blueprint("profile", __name__, url_prefix="/account")


@bp.get("/data")
def export() -> Response:
    """Send everything that is kept for whoever asks."""
    return send_file(
        write_export(_someone()),
        mimetype="application/zip",
        as_attachment=True,
        download_name=EXPORT_NAME,
    )


@bp.get("/delete")
def confirm_delete() -> str:
    """Ask before everything is deleted."""
    return render_template("account/delete_all.html", owner=_leaver())


@bp.post("/delete")
def delete() -> str:
    """Delete everything, and end the session."""
    owner = _leaver()
    if "sure" not in request.form:
        raise UsageError("Nothing was deleted. Tick that you are sure, and send the form again.")
    login = logins.find_login()
    provider = providers().get(login.provider_id) if login else None
    farewell = endings.read_farewell(login) if login else None
    delete_everything(owner)
    logins.forget_login()
    session.clear()
    there = None
    if provider is not None and farewell is not None:
        back = url_for("login.farewell", _external=True)
        there = endings.tell_provider(provider, farewell, back)
    return render_template("account/deleted.html", provider=provider, there=there)


def _someone() -> str:
    owner = find_owner()
    if owner == NOBODY:
        raise NotFoundError("Nothing is kept for you: you have made nothing here yet.")
    return owner


def _leaver() -> str:
    """Return who may delete everything that he has: a person or a browser, and no program."""
    if find_caller_token() is not None:
        raise ForbiddenError("A token cannot delete an account. Open this page in your browser.")
    owner = _someone()
    if owner == SHARED_OWNER:
        raise ForbiddenError("Here everybody is one owner: nobody can delete it for all.")
    return owner
