"""The ways in which a person signs in: listed, added, taken away."""

from flask import Blueprint
from flask import flash
from flask import redirect
from flask import render_template
from flask import session
from flask import url_for
from werkzeug.wrappers import Response

from portal.accounts.identity import joining
from portal.accounts.identity.logins import find_login
from portal.accounts.identity.logins import Login
from portal.accounts.identity.providers import providers
from portal.problems import NotFoundError

KEY = "joining"

bp = Blueprint("joining", __name__, url_prefix="/account/identities")


@bp.get("")
def index() -> str:
    """List the ways in which whoever is signed in may do so."""
    login = _login()
    configured = providers().values()
    identities = joining.list_identities(login.person_id)
    return render_template(
        "account/identities.html",
        identities=identities,
        current=joining.current_identity(login),
        titles={one.config.issuer: one.title for one in configured},
        providers=configured,
    )


@bp.get("/new")
def confirm() -> str:
    """Show who came back from a provider, and ask: another one may be signed in there."""
    kept = joining.read_arrival(session.get(KEY, ""), _login())
    provider = providers().get(kept["provider_id"])
    return render_template("account/join.html", arrival=kept, provider=provider)


@bp.post("/new")
def join() -> Response:
    """Add the identity that was shown."""
    joining.join(session.pop(KEY, ""), _login())
    flash("From now on you can sign in there, too, and have the same account.", "success")
    return redirect(url_for("joining.index"), code=303)


@bp.post("/<identity_id>/remove")
def leave(identity_id: str) -> Response:
    """Take a way to sign in away."""
    joining.leave(identity_id, _login())
    flash("Nobody gets into your account by that sign-in any more.", "success")
    return redirect(url_for("joining.index"), code=303)


def _login() -> Login:
    login = find_login()
    if login is None:
        raise NotFoundError("Nobody is signed in here.")
    return login
