"""The form of a query: what it shows is what it sends, and errors are where they belong."""

from html.parser import HTMLParser
from typing import Literal

import pytest
from flask import Flask
from flask import render_template
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from portal.parameters import Adql
from portal.parameters import FieldError
from portal.parameters import form_fields
from portal.parameters import parameter
from portal.parameters import Parameters
from portal.parameters import read_form
from portal.parameters import write_form

BANDS = ("radio", "optical", "x-ray")
CONTROL_FIELDS = {"csrf_token", "request_key"}
words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1)


class ConeAndMore(Parameters):
    target: str = parameter(title="Target", description="A name or a position.")
    adql: Adql = parameter(title="ADQL")
    radius: float = parameter(0.5, title="Radius", unit="deg", ge=0, le=90)
    band: Literal["radio", "optical", "x-ray"] | None = parameter(None, title="Band")
    look: Literal["radio", "optical", "x-ray"] = parameter("radio", title="Look", widget="radio")
    bands: list[Literal["radio", "optical", "x-ray"]] = parameter([], title="Bands")
    names: list[str] = parameter([], title="Names")
    everything: bool = parameter(True, title="All columns")


models = st.builds(
    ConeAndMore,
    target=words,
    adql=st.lists(words, min_size=1).map("\n".join),
    radius=st.floats(0, 90),
    band=st.none() | st.sampled_from(BANDS),
    look=st.sampled_from(BANDS),
    bands=st.lists(st.sampled_from(BANDS), unique=True).map(
        lambda bands: sorted(bands, key=BANDS.index)
    ),
    names=st.lists(words),
    everything=st.booleans(),
)


class SentForm(HTMLParser):
    """Collects what a browser would send, and the attributes of every element by id."""

    def __init__(self, html):
        super().__init__()
        self.pairs, self.by_id, self.text = [], {}, []
        self._select = self._textarea = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = {name: "" if value is None else value for name, value in attrs}
        self.by_id[given.get("id")] = given
        if tag == "textarea":
            self._textarea, self.text = given["name"], []
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and "selected" in given:
            self.pairs.append((self._select, given["value"]))
        elif tag == "input" and ("checked" in given or given["type"] not in ("checkbox", "radio")):
            self.pairs.append((given["name"], given["value"]))

    def handle_endtag(self, tag):
        if tag == "textarea":
            # A browser drops the line end right after the tag.
            self.pairs.append((self._textarea, "".join(self.text).removeprefix("\n")))

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def form_app():
    app = Flask("portal")
    app.jinja_env.globals["csrf_token"] = lambda: "token"
    return app


def render(app, values=(), errors=()):
    with app.test_request_context():
        return render_template(
            "_query_form.html",
            fields=form_fields(ConeAndMore),
            values=MultiDict(values),
            errors=errors,
            action="/archives/a/q",
            submit="Ask",
            request_key="key",
        )


@settings(deadline=None)
@given(model=models)
def test_the_form_sends_what_it_shows(form_app, model):
    sent = SentForm(render(form_app, write_form(model))).pairs
    pairs = [pair for pair in sent if pair[0] not in CONTROL_FIELDS]
    assert read_form(ConeAndMore, pairs) == model


def test_every_control_has_a_label_and_names_its_help_and_unit(form_app):
    html = render(form_app)
    elements = SentForm(html).by_id
    assert '<label for="field-radius">' in html
    assert elements["field-radius"]["aria-describedby"] == "field-radius-unit"
    assert elements["field-target"]["aria-describedby"] == "field-target-help"
    assert float(elements["field-radius"]["min"]) == 0
    assert {"field-radius-unit", "field-target-help"} <= elements.keys()


def test_only_what_is_needed_is_marked_as_required(form_app):
    elements = SentForm(render(form_app)).by_id
    assert "required" in elements["field-target"]
    assert "required" not in elements["field-radius"]


def test_an_error_stands_at_its_field_and_in_a_summary_that_leads_there(form_app):
    html = render(form_app, errors=[FieldError(name="target", message="a value is needed here")])
    elements = SentForm(html).by_id
    assert '<a href="#field-target">Target</a>: a value is needed here' in html
    assert elements["field-target"]["aria-invalid"] == "true"
    assert elements["field-target"]["aria-describedby"] == "field-target-help field-target-error"
    assert "autofocus" in elements["form-errors"]
    assert "aria-invalid" not in elements["field-radius"]


def test_an_error_of_an_unknown_field_is_said_without_a_link(form_app):
    html = render(form_app, errors=[FieldError(name="tarrget", message="no such parameter")])
    assert "tarrget: no such parameter" in html
    assert 'href="#field-tarrget"' not in html


def test_an_error_of_the_whole_form_is_said_by_itself(form_app):
    html = render(form_app, errors=[FieldError(name="form", message="give one of the two")])
    assert "<li>give one of the two</li>" in html


def test_typed_text_comes_back_as_text(form_app):
    html = render(form_app, [("target", '"><script>'), ("adql", "</textarea><script>")])
    assert "<script>" not in html
