"""Signing in and out: the pages, and the addresses to which providers send people back."""

import json
from dataclasses import asdict

from flask import Blueprint
from flask import current_app
from flask import flash
from flask import Flask
from flask import redirect
from flask import render_template
from flask import request
from flask import session
from flask import url_for
from werkzeug.wrappers import Response

from portal.accounts.identity import development
from portal.accounts.identity import endings
from portal.accounts.identity import logins
from portal.accounts.identity.joining import keep_arrival
from portal.accounts.identity.people import find_identity
from portal.accounts.identity.provider import Arrival
from portal.accounts.identity.providers import can_sign_in
from portal.accounts.identity.providers import get_provider
from portal.accounts.identity.providers import providers
from portal.accounts.identity.renewal import renew_session
from portal.accounts.joining_pages import KEY as JOINING
from portal.accounts.models import Person
from portal.accounts.owner import browser_owner
from portal.accounts.terms import ACCEPTED
from portal.accounts.terms import needs_acceptance
from portal.accounts.terms import shown_texts
from portal.accounts.tickets import Tickets
from portal.accounts.tokens import list_tokens
from portal.config import Settings
from portal.db import db
from portal.problems import NotFoundError
from portal.problems import UsageError
from portal.security import safe_next
from portal.throttle import Throttle

ARRIVAL_KEY = "arrival"
ARRIVAL_SECONDS = 1800
BEGINNINGS = "sign_ins"  # of an app's extensions: how many of them one client may begin
MOST_BEGINNINGS = 60  # in a minute

bp = Blueprint("login", __name__)
bp.add_app_template_global(logins.find_login, "find_login")
bp.add_app_template_global(can_sign_in)
bp.add_app_template_global(shown_texts)


@bp.after_app_request
def renew_afterwards(response: Response) -> Response:
    """Ask the provider again about a session that is due, once the answer is sent."""
    login = request.environ.get(logins.FOUND)
    if login is not None and login.is_due:
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001

        def renew() -> None:
            with app.app_context():
                renew_session(login.digest)

        response.call_on_close(renew)
    return response


def new_throttle() -> Throttle:
    """Return what counts the sign-ins that clients begin: each of them keeps a row for a while."""
    return Throttle(per_minute=MOST_BEGINNINGS, burst=MOST_BEGINNINGS)


@bp.get("/login")
def show() -> str:
    """Show the ways to sign in."""
    if not can_sign_in():
        raise NotFoundError("Nobody signs in at this portal: everything works without.")
    return render_template(
        "account/login.html",
        providers=providers().values(),
        development=_settings().has_development_login,
        then=_then(request.args.get("next")),
    )


@bp.get("/login/at/<provider_id>")
def begin(provider_id: str) -> Response:
    """Send the browser to a provider; who begins again and again waits."""
    beginnings: Throttle = current_app.extensions[BEGINNINGS]
    beginnings.take(request.remote_addr or "")
    then = _then(request.args.get("next"))
    url = get_provider(provider_id).begin(_callback(provider_id), then=then)
    return redirect(url, code=303)


@bp.get("/login/at/<provider_id>/callback")
def arrive(provider_id: str) -> Response:
    """Take whoever comes back from a provider."""
    arrival, then = get_provider(provider_id).finish()
    login = logins.find_login()
    if login is not None and then == url_for("joining.confirm"):
        session[JOINING] = keep_arrival(arrival, login)
        return redirect(then, code=303)
    return _welcome(arrival, then)


@bp.post("/login/development")
def sign_in_for_development() -> Response:
    """Sign in under any name, on a portal that nobody else can reach."""
    arrival = development.arrival(request.form.get("name", ""))
    return _welcome(arrival, _then(request.form.get("next")))


@bp.get("/login/terms")
def show_terms() -> str:
    """Show what is to be accepted before the first sign-in."""
    if ARRIVAL_KEY not in session:
        raise NotFoundError("This page comes with a sign-in. Please sign in.")
    return render_template("account/terms.html", texts=[one for one in ACCEPTED if one.content])


@bp.post("/login/terms")
def accept_terms() -> Response:
    """Complete a sign-in, now that the texts are accepted."""
    if "accepted" not in request.form:
        raise UsageError("To sign in, tick that you accept. Without it you go on as a visitor.")
    kept = Tickets().take(session.pop(ARRIVAL_KEY, ""))
    if kept is None:
        raise UsageError("This took too long. Please sign in again.")
    content = json.loads(kept)
    return _complete(Arrival(**content["arrival"]), content["then"], accepted=True)


@bp.post("/logout")
def end() -> Response | str:
    """End the session here, or all of the person's, and lead to its end at the provider."""
    login = logins.find_login()
    if login is None:
        return redirect(url_for("login.farewell"), code=303)
    provider = providers().get(login.provider_id)
    farewell = endings.read_farewell(login)
    if "everywhere" in request.form:
        logins.forget_all_logins(login.person_id)
    logins.forget_login()
    session.clear()
    if provider is None:
        return redirect(url_for("login.farewell"), code=303)
    back = url_for("login.farewell", _external=True)
    there = endings.tell_provider(provider, farewell, back)
    return render_template("account/logged_out.html", provider=provider, there=there)


@bp.get("/logged-out")
def farewell() -> str:
    """Say that nobody is signed in any more; providers send people back here."""
    return render_template("account/logged_out.html", provider=None, there=None)


@bp.get("/about/<setting>")
def show_text(setting: str) -> str:
    """Show a text of the operator's."""
    for text in shown_texts():
        if text.setting == setting and not text.is_address:
            return render_template("account/text.html", text=text)
    raise NotFoundError("There is no such text.")


@bp.post("/login/at/<provider_id>/backchannel-logout")
def end_by_provider(provider_id: str) -> tuple[str, int]:
    """Take a provider's word that somebody is no longer signed in."""
    endings.end_told_sessions(get_provider(provider_id), request.form.get("logout_token", ""))
    return "", 200


def _welcome(arrival: Arrival, then: str) -> Response:
    """Sign somebody in, or let him read first what he has not accepted yet."""
    identity = find_identity(arrival.issuer, arrival.subject)
    person = db.session.get(Person, identity.person_id) if identity else None
    if not needs_acceptance(person):
        return _complete(arrival, then)
    key = logins.new_secret()
    content = json.dumps({"arrival": asdict(arrival), "then": then})
    Tickets().set(key, content, ARRIVAL_SECONDS)
    session[ARRIVAL_KEY] = key
    return redirect(url_for("login.show_terms"), code=303)


def _complete(arrival: Arrival, then: str, *, accepted: bool = False) -> Response:
    version = _settings().terms_version if accepted else None
    earlier = browser_owner()
    has_tokens = earlier is not None and bool(list_tokens(earlier))
    logins.sign_in(arrival, earlier=earlier, terms_version=version)
    flash("You are signed in. What you made before in this browser is yours.", "success")
    if has_tokens:
        flash(
            "API tokens that were made in this browser before have ended, as somebody else may "
            "have made them. Make new ones on the page Account.",
            "warning",
        )
    return redirect(then, code=303)


def _callback(provider_id: str) -> str:
    return url_for("login.arrive", provider_id=provider_id, _external=True)


def _then(target: str | None) -> str:
    return safe_next(target, url_for("home.index"))


@bp.app_template_global("here")
def here() -> str | None:
    """Return the page that is shown, to come back to it; None for one that cannot be."""
    is_page = request.method == "GET" and request.blueprint != bp.name
    return request.script_root + request.full_path.removesuffix("?") if is_page else None


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
