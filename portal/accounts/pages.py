"""The account page: API tokens, and what logs its owner in at archives."""

from datetime import datetime
from datetime import timedelta
from datetime import UTC
from http import HTTPStatus
from typing import cast
from typing import TypeVar

from flask import Blueprint
from flask import current_app
from flask import flash
from flask import make_response
from flask import redirect
from flask import render_template
from flask import request
from flask import Response
from flask import url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts import credentials
from portal.accounts import tokens
from portal.accounts.authorization import find_caller_token
from portal.accounts.forms import CREDENTIAL_FIELDS
from portal.accounts.forms import CredentialForm
from portal.accounts.forms import TOKEN_FIELDS
from portal.accounts.forms import TokenForm
from portal.accounts.identity.logins import count_logins
from portal.accounts.identity.logins import find_login
from portal.accounts.identity.people import find_person
from portal.accounts.owner import browser_owner
from portal.accounts.owner import current_owner
from portal.accounts.owner import find_owner
from portal.parameters import InvalidParametersError
from portal.parameters import Parameters
from portal.parameters import read_form
from portal.parameters import write_defaults
from portal.uws.callers import ForbiddenError
from portal.uws.callers import NOBODY
from portal.uws.ownership import stored_bytes

bp = Blueprint("account", __name__, url_prefix="/account")
bp.add_app_template_filter(tokens.is_expired)

Form = TypeVar("Form", bound=Parameters)


@bp.get("")
def show() -> Response:
    """Show the tokens and the logins of whoever asks."""
    return _page()


@bp.post("/tokens")
def make_token() -> BaseResponse:
    """Make a token and show it, this once."""
    if find_caller_token() is not None:
        raise ForbiddenError("A token cannot make tokens. Open this page in your browser.")
    try:
        form = _read(TokenForm)
    except InvalidParametersError as invalid:
        return _page(invalid)
    days = None if form.lifetime == "unlimited" else timedelta(days=int(form.lifetime))
    made = tokens.make_token(current_owner(), label=form.label, lifetime=days)
    return make_response(
        render_template("account/token.html", secret=made.secret), HTTPStatus.CREATED
    )


@bp.get("/tokens/<token_id>/revoke")
def confirm_revoke(token_id: str) -> str:
    """Ask before a token is revoked."""
    token = tokens.get_token(token_id, owner=find_owner())
    return render_template("account/revoke.html", token=token)


@bp.post("/tokens/<token_id>/revoke")
def revoke(token_id: str) -> BaseResponse:
    """Revoke a token."""
    tokens.revoke_token(token_id, owner=find_owner())
    flash("The token is revoked. Programs that used it are refused from now on.", "success")
    return redirect(url_for("account.show"), code=303)


@bp.post("/credentials")
def store_credential() -> BaseResponse:
    """Store a login, in place of an earlier one for the same service."""
    try:
        form = _read(CredentialForm)
    except InvalidParametersError as invalid:
        return _page(invalid)
    credentials.put_credential(
        current_owner(), service=form.service, user_name=form.user_name, secret=form.secret
    )
    flash(f"Your queries to {form.service} log in from now on.", "success")
    return redirect(url_for("account.show"), code=303)


@bp.get("/credentials/<credential_id>/delete")
def confirm_delete(credential_id: str) -> str:
    """Ask before a login is deleted."""
    credential = credentials.get_credential(credential_id, owner=find_owner())
    return render_template("account/delete.html", credential=credential)


@bp.post("/credentials/<credential_id>/delete")
def delete(credential_id: str) -> BaseResponse:
    """Delete a login."""
    credentials.delete_credential(credential_id, owner=find_owner())
    flash("The login is deleted.", "success")
    return redirect(url_for("account.show"), code=303)


def _read(model: type[Form]) -> Form:
    """Read what the form of this model sent, and nothing else that came along."""
    names = model.model_fields
    sent = [(name, value) for name, value in request.form.items(multi=True) if name in names]
    return cast("Form", read_form(model, sent))


def _cookie_ends() -> datetime | None:
    """Return when a browser that does not come back loses what it made; None: it has nothing."""
    if browser_owner() is None:
        return None
    lifetime: timedelta = current_app.config["PERMANENT_SESSION_LIFETIME"]
    return datetime.now(UTC) + lifetime


def _page(invalid: InvalidParametersError | None = None) -> Response:
    owner = find_owner()
    login = find_login()
    values = MultiDict(write_defaults(TokenForm))
    values.update(request.form.to_dict())
    page = render_template(
        "account/show.html",
        person=find_person(owner),
        browsers=0 if login is None else count_logins(login.person_id),
        has_data=owner != NOBODY,
        stored=stored_bytes(owner) if owner != NOBODY else 0,
        cookie_ends=_cookie_ends(),
        tokens=tokens.list_tokens(owner),
        credentials=credentials.list_credentials(owner),
        token_fields=() if find_caller_token() else TOKEN_FIELDS,
        credential_fields=CREDENTIAL_FIELDS,
        values=values,
        errors=invalid.errors if invalid else (),
    )
    return make_response(page, invalid.status if invalid else HTTPStatus.OK)
