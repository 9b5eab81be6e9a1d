from enum import StrEnum
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.parameters import Adql
from portal.parameters import check_model
from portal.parameters import Choice
from portal.parameters import form_fields
from portal.parameters import InvalidParametersError
from portal.parameters import json_schema
from portal.parameters import parameter
from portal.parameters import Parameters
from portal.parameters import Position
from portal.parameters import read_form
from portal.parameters import ServiceUrl
from portal.parameters import write_defaults
from portal.parameters import write_form


class Band(StrEnum):
    RADIO = "radio"
    X_RAY = "x-ray"


class Everything(Parameters):
    query: str = parameter(title="Query")
    number: int | None = parameter(None, title="Number", ge=0, le=10)
    radius: float = parameter(0.5, title="Radius", unit="deg", ucd="pos.angDistance")
    exact: bool = parameter(True, title="Exact")
    band: Band | None = parameter(None, title="Band")
    order: Literal["up", "down"] = parameter("up", title="Order")
    ids: list[str] | None = parameter(None, title="Identifiers")


def errors_of(model, *pairs):
    with pytest.raises(InvalidParametersError) as error:
        read_form(model, pairs)
    return {one.name: one.message for one in error.value.errors}


def test_names_are_read_without_regard_to_case():
    assert read_form(Everything, [("QUERY", "x"), ("Number", "3")]).number == 3


def test_an_empty_string_is_an_absent_value():
    assert read_form(Everything, [("query", "x"), ("number", "  ")]).number is None


def test_repeated_names_make_a_list():
    assert read_form(Everything, [("query", "x"), ("ids", "a"), ("ids", "b")]).ids == ["a", "b"]


def test_a_single_value_that_is_given_twice_is_refused_and_not_guessed():
    with pytest.raises(InvalidParametersError, match="query: is given more than once"):
        read_form(Everything, [("query", "x"), ("QUERY", "y")])

    assert read_form(Everything, [("query", "x"), ("QUERY", "x")]).query == "x"


def test_a_box_that_was_shown_and_not_sent_was_unticked():
    assert read_form(Everything, [("query", "x"), ("exact.present", "1")]).exact is False


def test_a_box_that_was_not_shown_keeps_its_default():
    assert read_form(Everything, [("query", "x")]).exact is True


@pytest.mark.parametrize(("sent", "read"), [("true", True), ("on", True), ("false", False)])
def test_a_box_is_read_as_ticked_unless_it_says_no(sent, read):
    pairs = [("query", "x"), ("exact.present", "1"), ("exact", sent)]
    assert read_form(Everything, pairs).exact is read


def test_all_errors_come_at_once():
    errors = errors_of(Everything, ("number", "11"), ("band", "gamma"), ("nonsense", "1"))

    assert set(errors) == {"query", "number", "band", "nonsense"}
    assert errors["query"] == "a value is needed here"
    assert errors["nonsense"] == "there is no such parameter"


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "one"])
def test_a_float_must_be_a_finite_number(value):
    assert "radius" in errors_of(Everything, ("query", "x"), ("radius", value))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("number", "11", "must be at most 10"),
        ("number", "x", "write a whole number"),
        ("number", "1.5", "write a whole number"),
        ("radius", "x", "write a number"),
        ("radius", "inf", "write a finite number"),
        ("band", "gamma", "choose one of 'radio' or 'x-ray'"),
        ("order", "left", "choose one of 'up' or 'down'"),
    ],
)
def test_what_is_wrong_is_said_in_words_for_people(name, value, words):
    assert errors_of(Everything, ("query", "x"), (name, value)) == {name: words}


floats = st.floats(allow_nan=False, allow_infinity=False)
words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1)


@given(
    query=words,
    number=st.none() | st.integers(0, 10),
    radius=floats,
    exact=st.booleans(),
    band=st.none() | st.sampled_from(Band),
    ids=st.none() | st.lists(words, min_size=1),
)
def test_what_is_written_is_read_back_equal(query, number, radius, exact, band, ids):
    written = Everything(query=query, number=number, radius=radius, exact=exact, band=band, ids=ids)

    assert read_form(Everything, write_form(written)) == written


def test_an_untouched_form_holds_the_defaults():
    assert write_defaults(Everything) == [("radius", "0.5"), ("exact", "true"), ("order", "up")]


def test_a_form_field_says_what_its_type_knows():
    fields = {field.name: field for field in form_fields(Everything)}

    assert (fields["query"].kind, fields["query"].required) == ("text", True)
    assert (fields["number"].kind, fields["number"].minimum) == ("number", 0)
    assert fields["number"].maximum == 10
    assert (fields["radius"].step, fields["radius"].unit) == ("any", "deg")
    assert fields["exact"].kind == "checkbox"
    assert [choice.value for choice in fields["band"].choices] == ["radio", "x-ray"]
    assert fields["order"].kind == "select"
    assert fields["ids"].multiple


def test_choices_from_elsewhere_make_a_field_a_list_to_choose_from():
    fields = form_fields(Everything, {"query": (Choice(value="a", title="A"),)})

    assert (fields[0].kind, fields[0].choices[0].title) == ("select", "A")


def test_the_json_schema_names_its_dialect_units_and_ucds():
    schema = json_schema(Everything)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["properties"]["radius"]["x-unit"] == "deg"
    assert schema["required"] == ["query"]


def test_a_parameter_named_like_a_uws_control_parameter_is_refused():
    class Wrong(Parameters):
        Phase: str = parameter("x", title="Phase")

    with pytest.raises(ValueError, match="phase"):
        check_model(Wrong)


class Astronomy(Parameters):
    url: ServiceUrl | None = parameter(None, title="Service")
    query: Adql | None = parameter(None, title="ADQL")
    position: Position | None = parameter(None, title="Position")


@pytest.mark.parametrize(
    "url", ["vo.example.org/tap", "ftp://x/tap", "http://", "http://a b", "http://me:pw@x/tap"]
)
def test_an_address_of_a_service_must_be_a_plain_http_address(url):
    assert "url" in errors_of(Astronomy, ("url", url))


def test_a_query_too_long_to_be_one_is_refused():
    assert "query" in errors_of(Astronomy, ("query", "x" * 100_001))


def test_the_form_of_a_query_and_of_an_address_fit_them():
    kinds = {field.name: field.kind for field in form_fields(Astronomy)}

    assert kinds == {"url": "url", "query": "textarea", "position": "position"}
