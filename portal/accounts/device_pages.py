"""Where a program asks for a token (RFC 8628), and where somebody lets it have one."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint
from flask import flash
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.wrappers import Response

from portal.accounts import devices
from portal.accounts.authorization import find_caller_token
from portal.accounts.identity.logins import find_login
from portal.accounts.identity.providers import can_sign_in
from portal.accounts.owner import current_owner
from portal.uws.callers import ForbiddenError

GRANT = "urn:ietf:params:oauth:grant-type:device_code"

bp = Blueprint("device", __name__, url_prefix="/device")
bp.add_app_template_filter(devices.written, "as_code")


@bp.post("/authorization")
def begin() -> dict[str, Any]:
    """Tell a program what to show its user; `client_name` is what the user reads of it."""
    begun = devices.begin(request.form.get("client_name", ""))
    code = devices.written(begun.user_code)
    return {
        "device_code": begun.device_code,
        "user_code": code,
        "verification_uri": url_for("device.show", _external=True),
        "verification_uri_complete": url_for("device.show", user_code=code, _external=True),
        "expires_in": int(devices.PATIENCE.total_seconds()),
        "interval": int(devices.INTERVAL.total_seconds()),
    }


@bp.post("/token")
def give_token() -> tuple[dict[str, Any], HTTPStatus]:
    """Give a program its token, once somebody has said yes."""
    if request.form.get("grant_type") != GRANT:
        return {"error": "unsupported_grant_type"}, HTTPStatus.BAD_REQUEST
    try:
        secret = devices.take_token(request.form.get("device_code", ""))
    except devices.DeviceRefusalError as refusal:
        return {"error": refusal.code}, HTTPStatus.BAD_REQUEST
    seconds = int(devices.LIFETIME.total_seconds())
    return {
        "access_token": secret,
        "token_type": "Bearer",
        "expires_in": seconds,
    }, HTTPStatus.OK


@bp.get("")
def show() -> str:
    """Ask for the code of a program, or for leave to give it a token."""
    typed = request.args.get("user_code", "").strip()
    return render_template(
        "account/device.html",
        device=devices.get_waiting(typed) if typed else None,
        days=devices.LIFETIME.days,
        may_decide=_may_decide(),
    )


@bp.post("")
def decide() -> Response:
    """Let a program have its token, or refuse it."""
    if find_caller_token() is not None or not _may_decide():
        raise ForbiddenError("Open this page in your browser, and sign in.")
    allow = request.form.get("decision") == "allow"
    devices.decide(request.form.get("user_code", ""), owner=current_owner(), allow=allow)
    if allow:
        flash("The program gets its token now. You can revoke it here at any time.", "success")
    else:
        flash("The program gets nothing.", "success")
    return redirect(url_for("account.show"), code=303)


def _may_decide() -> bool:
    """Whether it is clear for whom: where people can sign in, they have."""
    return find_login() is not None or not can_sign_in()
