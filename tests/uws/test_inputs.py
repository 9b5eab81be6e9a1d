import pytest

from portal.parameters import json_schema
from portal.uws.inputs import inputs
from tests.support.declared import EveryKind

INPUTS = {one.name: one for one in inputs(json_schema(EveryKind))}


def test_every_parameter_is_there_in_the_order_of_the_form():
    assert list(INPUTS) == [*list(EveryKind.model_fields)[1:], "maxrec"]


@pytest.mark.parametrize(
    ("name", "datatype", "arraysize"),
    [
        ("query", "unicodeChar", "*"),
        ("ra", "double", None),
        ("radius", "double", None),
        ("count", "long", None),
        ("exact", "boolean", None),
        ("band", "unicodeChar", "*"),
        ("how", "unicodeChar", "*"),
        ("corner", "double", "2"),
        ("numbers", "long", "*"),
        ("words", "unicodeChar", "*"),
    ],
)
def test_types_are_those_of_votable(name, datatype, arraysize):
    assert (INPUTS[name].datatype, INPUTS[name].arraysize) == (datatype, arraysize)


def test_what_the_schema_knows_of_a_value_is_told():
    ra = INPUTS["ra"]

    assert (ra.required, ra.unit, ra.ucd) == (True, "deg", "pos.eq.ra")
    assert (ra.minimum, ra.maximum) == ("0", "360")
    assert (INPUTS["epoch"].default, INPUTS["exact"].default) == ("2000.0", "true")
    assert INPUTS["band"].options == ("radio", "x-ray")
    assert INPUTS["how"].options == ("up", "down")
    assert INPUTS["count"].minimum == "1"
    assert INPUTS["radius"].description == "At most 10°."
    assert not INPUTS["radius"].required
