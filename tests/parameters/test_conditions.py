"""Fields that have a meaning only while others have certain values."""

from typing import Literal

import pytest
from flask import render_template_string
from werkzeug.datastructures import MultiDict

from portal.parameters import form_fields
from portal.parameters import InvalidParametersError
from portal.parameters import json_schema
from portal.parameters import parameter
from portal.parameters import Parameters
from portal.parameters import read_form
from portal.parameters import read_json
from portal.parameters import write_form

FORM = """{%- from "_form_field.html" import form_field -%}
{%- for field in fields %}{{ form_field(field, values.getlist(field.name), []) }}{% endfor %}"""


class Observations(Parameters):
    kind: Literal["image", "spectrum"] | None = parameter(None, title="Kind")
    deep: bool = parameter(False, title="Deep & wide")
    size: float | None = parameter(None, title="Size", visible_if={"kind": ["image"]})
    lines: Literal["all", "radio"] = parameter(
        "all", title="Lines", visible_if={"kind": ["spectrum"], "deep": ["true"]}
    )


def test_a_value_counts_while_the_others_make_it_mean_something():
    asked = read_form(Observations, [("kind", "image"), ("size", "2")])

    assert asked.is_asked("size")
    assert not asked.is_asked("lines")
    assert read_form(Observations, write_form(asked)) == asked


@pytest.mark.parametrize(
    ("values", "name", "message"),
    [
        ({"size": "2"}, "size", "is asked only with kind image"),
        ({"kind": "spectrum", "size": "2"}, "size", "is asked only with kind image"),
        ({"kind": "spectrum", "lines": "radio"}, "lines", "kind spectrum and deep true"),
        ({"deep": "true", "lines": "radio"}, "lines", "kind spectrum and deep true"),
    ],
)
def test_another_value_is_refused_at_its_field(values, name, message):
    for read, given in ((read_form, values.items()), (read_json, _typed(values))):
        with pytest.raises(InvalidParametersError) as caught:
            read(Observations, given)

        ((field, said),) = [(one.name, one.message) for one in caught.value.errors]
        assert field == name
        assert message in said


def _typed(values):
    typed = {"deep": bool, "size": float}
    return {name: typed.get(name, str)(value) for name, value in values.items()}


def test_a_default_is_taken_whatever_the_others_are():
    assert read_form(Observations, [("kind", "image"), ("lines", "all")]).lines == "all"
    assert not read_form(Observations, [("kind", "image")]).is_asked("lines")


def test_what_is_wrong_with_the_other_field_is_all_that_is_said():
    with pytest.raises(InvalidParametersError) as caught:
        read_form(Observations, [("kind", "nothing"), ("size", "2")])

    assert [one.name for one in caught.value.errors] == ["kind"]


def test_programs_and_forms_are_told(app):
    schema = json_schema(Observations)
    with app.test_request_context():
        page = render_template_string(FORM, fields=form_fields(Observations), values=MultiDict())

    assert schema["properties"]["size"]["x-visible-if"] == {"kind": ["image"]}
    assert 'data-visible-if="{&#34;kind&#34;: [&#34;image&#34;]}"' in page
    assert "Only with Kind: image<" in page
    assert "Only with Kind: spectrum; Deep &amp; wide: true<" in page
