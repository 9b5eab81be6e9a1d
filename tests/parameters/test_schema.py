from enum import StrEnum
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from portal.parameters import Example
from portal.parameters import example_values
from portal.parameters import InvalidParametersError
from portal.parameters import json_schema
from portal.parameters import parameter
from portal.parameters import QueryParameters
from portal.parameters import read_json


class Cone(QueryParameters):
    """An author's note, which is no part of what is declared."""

    ra: float = parameter(title="Right ascension", unit="deg", ucd="pos.eq.ra", ge=0, le=360)
    bands: list[str] | None = parameter(None, title="Bands", examples=[["radio"]])


def test_a_schema_says_all_that_a_client_needs():
    schema = json_schema(Cone)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["ra"]
    assert schema["properties"]["ra"] == {
        "type": "number",
        "title": "Right ascension",
        "minimum": 0,
        "maximum": 360,
        "x-unit": "deg",
        "x-ucd": "pos.eq.ra",
        "x-order": 1,
    }
    assert schema["properties"]["bands"]["examples"] == [["radio"]]


def test_what_every_query_has_comes_last():
    schema = json_schema(Cone)

    assert list(schema["properties"]) == ["ra", "bands", "maxrec"]
    assert schema["properties"]["maxrec"]["x-order"] == 3


def test_the_class_that_declares_is_no_part_of_the_schema():
    assert not {"title", "description"} & set(json_schema(Cone))


def test_examples_are_values_and_those_with_something_to_fill_in_are_left_out():
    examples = [
        Example(title="whole", parameters={"RA": "10", "bands": "radio"}),
        Example(title="in part", parameters={"bands": "radio"}),
    ]

    assert list(example_values(Cone, examples)) == [
        (examples[0], {"ra": 10.0, "bands": ["radio"]}),
    ]


class Band(StrEnum):
    RADIO = "radio"
    X_RAY = "x-ray"


class Kinds(QueryParameters):
    text: str = parameter(title="Text", max_length=5)
    count: int = parameter(1, title="Count", gt=0, le=9)
    share: float | None = parameter(None, title="Share", ge=0, lt=1)
    exact: bool = parameter(True, title="Exact")
    band: Band | None = parameter(None, title="Band")
    how: Literal["up", "down"] = parameter("up", title="How")
    corner: tuple[float, float] | None = parameter(None, title="Corner")
    numbers: list[int] = parameter([], title="Numbers", max_length=3)
    shares: list[float] = parameter(title="Shares")


letters = st.text("abc", max_size=7)
numbers = st.integers(-2, 12) | st.floats(-2, 12) | st.integers(-2, 12).map(float)
anything = st.none() | st.booleans() | numbers | letters | st.sampled_from(["radio", "up"])
values = st.dictionaries(
    st.sampled_from([*Kinds.model_fields, "nothing"]), anything | st.lists(anything, max_size=4)
).filter(lambda sent: sent.get("corner") != [])  # which is an absent value, as every empty list
VALIDATOR = Draft202012Validator(json_schema(Kinds))


def is_read(sent):
    try:
        read_json(Kinds, sent)
    except InvalidParametersError:
        return False
    return True


def test_a_schema_is_one():
    Draft202012Validator.check_schema(json_schema(Kinds))


@given(values)
def test_what_the_schema_takes_is_read_and_nothing_else(sent):
    assert VALIDATOR.is_valid(sent) == is_read(sent)


@given(values, letters, st.lists(numbers, max_size=2))
def test_so_it_is_when_nothing_is_missing(sent, text, shares):
    whole = {"text": text, "shares": shares} | sent

    assert VALIDATOR.is_valid(whole) == is_read(whole)
