import json
from enum import StrEnum
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ConfigDict

from portal.parameters import InvalidParametersError
from portal.parameters import parameter
from portal.parameters import Parameters
from portal.parameters import read_form
from portal.parameters import read_json
from portal.parameters import write_form


class Band(StrEnum):
    RADIO = "radio"
    X_RAY = "x-ray"


class Everything(Parameters):
    query: str = parameter(title="Query")
    number: int | None = parameter(None, title="Number", ge=0, le=10)
    radius: float = parameter(0.5, title="Radius")
    exact: bool = parameter(True, title="Exact")
    band: Band | None = parameter(None, title="Band")
    order: Literal["up", "down"] = parameter("up", title="Order")
    ids: list[str] | None = parameter(None, title="Identifiers")
    corner: tuple[float, float] | None = parameter(None, title="Corner")


class Open(Parameters):
    model_config = ConfigDict(extra="allow")
    text: str = parameter("", title="Text")


def errors_of(model, values):
    with pytest.raises(InvalidParametersError) as error:
        read_json(model, values)
    return {one.pointer: one.message for one in error.value.errors}


def test_values_of_the_right_type_are_read():
    values = {"query": "x", "number": 3, "band": "x-ray", "ids": ["a"], "corner": [1, 2.5]}

    read = read_json(Everything, values)

    assert (read.number, read.band, read.ids, read.corner) == (3, Band.X_RAY, ["a"], (1.0, 2.5))


def test_a_whole_number_may_be_written_with_a_fraction_of_nothing():
    read = read_json(Everything, {"query": "x", "number": 3.0, "corner": [1.0, -0.0]})

    assert (read.number, read.corner) == (3, (1.0, 0.0))


def test_an_empty_text_is_an_absent_value_as_in_forms():
    assert read_json(Open, {"text": "", "other": " "}) == Open()
    assert read_json(Everything, {"query": "x", "ids": ["a", ""]}).ids == ["a"]
    assert errors_of(Everything, {"query": ""}) == {"/query": "a value is needed here"}
    assert errors_of(Everything, {"query": "x", "number": ""}) == {
        "/number": "write a whole number"
    }


def test_names_are_read_without_regard_to_case():
    assert read_json(Everything, {"QUERY": "x"}).query == "x"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("query", 5, "write a text"),
        ("number", "5", "write a whole number"),
        ("number", True, "write a whole number"),
        ("number", 5.5, "write a whole number"),
        ("radius", "1.0", "write a number"),
        ("radius", float("inf"), "write a finite number"),
        ("exact", 1, "write true or false"),
        ("exact", "true", "write true or false"),
        ("band", "gamma", "choose one of 'radio' or 'x-ray'"),
        ("ids", "a", "give a list"),
        ("query", "a\0b", "may not contain the character U+0000"),
        ("query", None, "write a text"),
    ],
)
def test_nothing_is_turned_into_what_it_is_not(name, value, words):
    assert errors_of(Everything, {"query": "x", name: value}) == {f"/{name}": words}


def test_all_errors_come_at_once_and_point_to_their_place():
    errors = errors_of(Everything, {"number": 11, "ids": ["a", 5], "no/such~one": 1})

    assert errors == {
        "/no~1such~0one": "there is no such parameter",
        "/query": "a value is needed here",
        "/number": "must be at most 10",
        "/ids/1": "write a text",
    }


def test_a_name_given_twice_but_for_case_is_refused():
    assert errors_of(Everything, {"query": "x", "QUERY": "y"}) == {
        "/query": "is given more than once"
    }


def test_text_that_is_no_unicode_is_an_error_of_the_whole():
    errors = errors_of(Everything, json.loads('{"query": "\\ud800"}'))

    assert errors == {"": "a text is no valid Unicode"}


@pytest.mark.parametrize("value", [{}, {"a": 1}, [[]], [{}], json.loads("[" * 500 + "]" * 500)])
def test_a_value_is_never_more_than_a_list(value):
    with pytest.raises(InvalidParametersError) as error:
        read_json(Everything, {"query": value})

    assert [(one.pointer, one.message) for one in error.value.errors] == [
        ("/query", "give a value, or a list of values")
    ]


def test_a_name_that_cannot_be_told_is_told_in_part():
    (pointer,) = errors_of(Everything, {"query": "x", "\ud800" + "y" * 100: 1})

    assert pointer == "/?" + "y" * 63


def test_a_model_that_takes_any_name_keeps_them_in_order():
    read = read_json(Open, {"b": "1", "a": ["2", "3"], "Text": "x"})

    assert list(read) == [("text", "x"), ("b", "1"), ("a", ["2", "3"])]


@given(
    st.fixed_dictionaries(
        {"query": st.text(min_size=1)},
        optional={
            "number": st.none() | st.integers(-5, 20),
            "radius": st.floats(),
            "exact": st.booleans() | st.integers(),
            "ids": st.lists(st.text()) | st.text(),
            "corner": st.lists(st.floats(allow_nan=False)),
        },
    )
)
def test_what_is_not_refused_is_read_the_same_again(values):
    try:
        read = read_json(Everything, values)
    except InvalidParametersError:
        return
    assert read_json(Everything, read.model_dump(mode="json")) == read
    assert read_form(Everything, write_form(read)) == read
