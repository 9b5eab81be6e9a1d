"""The page on which somebody says what to see first, and how positions are written."""

from http import HTTPStatus
from typing import Literal

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

from portal.accounts.owner import current_owner
from portal.accounts.owner import find_owner
from portal.accounts.preferences import DEGREES
from portal.accounts.preferences import prefer
from portal.accounts.preferences import Preferences
from portal.accounts.preferences import preferences_of
from portal.accounts.preferences import SEXAGESIMAL
from portal.parameters import Choice
from portal.parameters import form_fields
from portal.parameters import FormField
from portal.parameters import InvalidParametersError
from portal.parameters import parameter
from portal.parameters import Parameters
from portal.parameters import read_form
from portal.plugins.registry import PluginRegistry

WRITTEN = (
    Choice(value=DEGREES, title="in degrees: 202.469575 +47.195258"),
    Choice(value=SEXAGESIMAL, title="in hours and degrees: 13:29:52.6980 +47:11:42.929"),
)

bp = Blueprint("preferences", __name__, url_prefix="/account/preferences")


class PreferencesForm(Parameters):
    """What somebody prefers."""

    archives: list[str] = parameter(
        [],
        title="Archives",
        description="They come first, and are ticked when you search all archives.",
    )
    facilities: list[str] = parameter(
        [], title="Facilities", description="They come first where you choose one."
    )
    coordinates: Literal["degrees", "sexagesimal"] = parameter(
        DEGREES, title="Positions in tables of results are written", widget="radio"
    )


@bp.get("")
def show() -> Response:
    """Show what whoever asks prefers."""
    known = preferences_of(find_owner())
    values = MultiDict([("coordinates", known.coordinates)])
    values.setlist("archives", list(known.archives))
    values.setlist("facilities", list(known.facilities))
    return _page(values)


@bp.post("")
def change() -> BaseResponse:
    """Keep what is preferred."""
    sent = [pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"]
    try:
        form = read_form(PreferencesForm, sent)
    except InvalidParametersError as invalid:
        return _page(MultiDict(sent), invalid)
    known = {field.name: {choice.value for choice in field.choices} for field in _fields()}
    chosen = dict(form)
    prefer(
        current_owner(),
        Preferences(
            archives=[one for one in chosen["archives"] if one in known["archives"]],
            facilities=[one for one in chosen["facilities"] if one in known.get("facilities", ())],
            coordinates=chosen["coordinates"],
        ),
    )
    flash("What you prefer is kept.", "success")
    return redirect(url_for("preferences.show"), code=303)


def _fields() -> list[FormField]:
    registry: PluginRegistry = current_app.extensions["plugins"]
    choices = {
        "archives": [
            Choice(value=one.id, title=one.title) for one in registry.archives if one.visible
        ],
        "facilities": [Choice(value=one.id, title=one.title) for one in registry.facilities],
        "coordinates": WRITTEN,
    }
    return [one for one in form_fields(PreferencesForm, choices) if one.choices]


def _page(values: MultiDict[str, str], invalid: InvalidParametersError | None = None) -> Response:
    page = render_template(
        "account/preferences.html",
        fields=_fields(),
        values=values,
        errors=invalid.errors if invalid else (),
    )
    return make_response(page, invalid.status if invalid else HTTPStatus.OK)
