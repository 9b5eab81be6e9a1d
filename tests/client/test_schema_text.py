import pytest

from portal_client.schema_text import describe_parameters


def lines(declared, **schema):
    return list(describe_parameters({"properties": {"p": declared}, **schema}))


@pytest.mark.parametrize(
    ("declared", "line"),
    [
        ({"type": "string"}, "p: text"),
        ({"type": "boolean", "default": True}, "p: True or False, default True"),
        ({"type": "number", "x-unit": "deg", "minimum": 0}, "p: number [deg], at least 0"),
        ({"type": "integer", "maximum": 9, "default": 0}, "p: whole number, at most 9, default 0"),
        ({"type": "number", "minimum": 0, "maximum": 1}, "p: number, 0 to 1"),
        ({"type": "array", "items": {"type": "number"}}, "p: list of number"),
        ({"enum": ["a", "b"], "default": "a"}, "p: one of a | b, default 'a'"),
        ({"anyOf": [{"enum": ["a"]}, {"type": "null"}], "default": None}, "p: one of a"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "p: value"),
        ({"$ref": "#/$defs/Band", "default": "r"}, "p: one of r | g, default 'r'"),
        ({"anyOf": [{"$ref": "#/$defs/Band"}, {"type": "null"}]}, "p: one of r | g"),
        ({}, "p: value"),
    ],
)
def test_a_parameter_is_one_line(declared, line):
    band = {"enum": ["r", "g"], "type": "string"}
    assert lines(declared, **{"$defs": {"Band": band}}) == [f"  {line}"]


def test_a_required_one_says_so():
    assert lines({"type": "string"}, required=["p"]) == ["  p: text, required"]


def test_the_meaning_stands_below_and_is_wrapped():
    head, *meaning = lines({"type": "string", "title": "Long", "description": "word " * 40})

    assert head == "  p: text"
    assert len(meaning) > 1
    assert all(line.startswith("      word") and len(line) <= 88 for line in meaning)


def test_other_parameters_are_mentioned_where_they_are_accepted():
    assert lines({}, additionalProperties={"type": "string"})[-1].startswith("  Other parameters")
    assert len(lines({}, additionalProperties=False)) == 1
