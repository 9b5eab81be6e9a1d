import pytest

from portal.analysis.variables import read_variables
from portal.analysis.variables import write_variables


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("", {}),
        ("radius = 2.5\n\n name=M 31 ", {"radius": 2.5, "name": "M 31"}),
        ('a = "1"\nb = true\nc = null\nd = x = y', {"a": "1", "b": True, "c": None, "d": "x = y"}),
        ("n = NaN", {"n": "NaN"}),
        ("e =", {"e": ""}),
    ],
)
def test_values_are_json_or_else_texts(text, variables):
    assert read_variables(text) == variables


def test_what_is_written_is_read_again():
    variables = {"radius": 2.5, "name": 'M "31"', "all": False}

    assert read_variables(write_variables(variables.items())) == variables


@pytest.mark.parametrize(
    "text", ["radius", "2x = 1", "import = 1", "a.b = 1", "a = [1]", "a = {}", "a = 1\n" * 101]
)
def test_what_is_no_variable_is_refused(text):
    with pytest.raises(ValueError, match=r"name = value|a number|at most"):
        read_variables(text)
