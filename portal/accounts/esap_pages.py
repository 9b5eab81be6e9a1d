"""The page on which somebody makes a token for a program that was written for ESAP."""

from datetime import timedelta
from http import HTTPStatus
from typing import cast

from flask import Blueprint
from flask import make_response
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts.authorization import find_caller_token
from portal.accounts.esap_tokens import make_esap_token
from portal.accounts.forms import ESAP_TOKEN_FIELDS
from portal.accounts.forms import EsapTokenForm
from portal.accounts.owner import current_owner
from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.parameters import write_defaults
from portal.uws.callers import ForbiddenError

bp = Blueprint("esap_token", __name__, url_prefix="/account/esap-tokens")


@bp.get("")
def new() -> BaseResponse:
    """Show the form."""
    return _page(None)


@bp.post("")
def make() -> BaseResponse:
    """Make a token and show it, this once."""
    if find_caller_token() is not None:
        raise ForbiddenError("A token cannot make tokens. Open this page in your browser.")
    names = EsapTokenForm.model_fields
    sent = [(name, value) for name, value in request.form.items(multi=True) if name in names]
    try:
        form = cast("EsapTokenForm", read_form(EsapTokenForm, sent))
    except InvalidParametersError as invalid:
        return _page(invalid)
    made = make_esap_token(
        current_owner(),
        issuer=url_for("home.index", _external=True),
        label=form.label or "ESAP client",
        lifetime=timedelta(days=int(form.lifetime)),
    )
    page = render_template("account/esap_token.html", secret=made.secret)
    return make_response(page, HTTPStatus.CREATED)


def _page(invalid: InvalidParametersError | None) -> BaseResponse:
    values = MultiDict(write_defaults(EsapTokenForm))
    values.update(request.form.to_dict())
    page = render_template(
        "account/new_esap_token.html",
        fields=ESAP_TOKEN_FIELDS,
        values=values,
        errors=invalid.errors if invalid else (),
    )
    return make_response(page, invalid.status if invalid else HTTPStatus.OK)
