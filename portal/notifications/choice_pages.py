"""What somebody hears of and how: the page of the account, and the way out of every mail."""

from http import HTTPStatus
from typing import cast
from typing import TypeVar

from flask import Blueprint
from flask import flash
from flask import make_response
from flask import redirect
from flask import render_template
from flask import request
from flask import Response
from flask import url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from portal.accounts.authorization import find_caller_token
from portal.accounts.owner import current_owner
from portal.accounts.owner import find_owner
from portal.db import db
from portal.notifications import choices
from portal.notifications import webhooks
from portal.notifications.forms import CHOICE_FIELDS
from portal.notifications.forms import ChoicesForm
from portal.notifications.forms import form_of
from portal.notifications.forms import WEBHOOK_FIELDS
from portal.notifications.forms import WebhookForm
from portal.notifications.models import Event
from portal.notifications.telling import tell
from portal.notifications.unsubscribing import owner_of
from portal.parameters import InvalidParametersError
from portal.parameters import Parameters
from portal.parameters import read_form
from portal.parameters import write_form
from portal.uws.callers import ForbiddenError

Form = TypeVar("Form", bound=Parameters)

bp = Blueprint("notice_choices", __name__)


@bp.get("/account/notices")
def show() -> Response:
    """Show what whoever asks hears of."""
    return _page()


@bp.post("/account/notices")
def choose() -> BaseResponse:
    """Keep what was chosen."""
    try:
        form = _read(ChoicesForm)
    except InvalidParametersError as invalid:
        return _page(invalid)
    choices.choose(current_owner(), form.chosen())
    flash("Your choice is kept.", "success")
    return redirect(url_for("notice_choices.show"), code=303)


@bp.post("/account/notices/webhook")
def set_webhook() -> BaseResponse:
    """Keep where notices are posted, and show the secret that signs them, this once."""
    owner = _person()
    try:
        form = _read(WebhookForm)
    except InvalidParametersError as invalid:
        return _page(invalid)
    secret = webhooks.set_webhook(owner, form.url)
    page = render_template("notices/webhook.html", secret=secret, url=form.url)
    return make_response(page, HTTPStatus.CREATED)


@bp.post("/account/notices/webhook/delete")
def delete_webhook() -> BaseResponse:
    """Post no more notices."""
    webhooks.delete_webhook(_person())
    flash("Nothing is posted to that address any more.", "success")
    return redirect(url_for("notice_choices.show"), code=303)


@bp.post("/account/notices/try")
def send_one() -> BaseResponse:
    """Tell whoever asks something, to see that it arrives."""
    tell(_person(), Event.PORTAL, "This is a notice to try it out", link=url_path())
    db.session.commit()
    flash("A notice is on its way.", "success")
    return redirect(url_for("notice_choices.show"), code=303)


@bp.get("/notices/unsubscribe/<signature>")
def confirm_unsubscribe(signature: str) -> str:
    """Ask before no more mail is sent: programs follow links in mails as well."""
    owner_of(signature)
    return render_template("notices/unsubscribe.html", signature=signature, is_done=False)


@bp.post("/notices/unsubscribe/<signature>")
def unsubscribe(signature: str) -> str:
    """Send no more mail to whom a mail was sent (RFC 8058); the signature is enough."""
    choices.send_no_mail(owner_of(signature))
    return render_template("notices/unsubscribe.html", signature=signature, is_done=True)


def url_path() -> str:
    """Return the path of the page of choices below the portal's address."""
    return url_for("notice_choices.show").removeprefix(request.script_root)


def _person() -> str:
    """Return who may have notices sent elsewhere: a person, and no program."""
    owner = find_owner()
    if find_caller_token() is not None or not choices.is_person(owner):
        raise ForbiddenError("Sign in to have notices sent to you; open this page in your browser.")
    return owner


def _read(model: type[Form]) -> Form:
    names = {*model.model_fields, *(f"{name}.present" for name in model.model_fields)}
    sent = [(name, value) for name, value in request.form.items(multi=True) if name in names]
    return cast("Form", read_form(model, sent))


def _page(invalid: InvalidParametersError | None = None) -> Response:
    owner = find_owner()
    address = choices.find_address(owner)
    values = MultiDict(write_form(form_of(choices.choices_of(owner))))
    if invalid:
        for name, sent in request.form.items():
            values.setlist(name, [sent])
    page = render_template(
        "notices/choices.html",
        fields=[one for one in CHOICE_FIELDS if address or one.name != "by_mail"],
        webhook_fields=WEBHOOK_FIELDS if choices.is_person(owner) else (),
        webhook=webhooks.find_webhook(owner),
        address=address,
        values=values,
        errors=invalid.errors if invalid else (),
    )
    return make_response(page, invalid.status if invalid else HTTPStatus.OK)
