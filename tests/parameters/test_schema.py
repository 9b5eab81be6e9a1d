from portal.parameters import Example
from portal.parameters import example_values
from portal.parameters import json_schema
from portal.parameters import parameter
from portal.parameters import QueryParameters


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
