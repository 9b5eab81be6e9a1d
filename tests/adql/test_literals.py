"""Values and names written into ADQL stay what they are, whatever they hold."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from portal.adql import check_table_name
from portal.adql import parse
from portal.adql import quote_identifier
from portal.adql import quote_literal
from portal.adql.dialect import ADQL

NO_NUL = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1)


def tokens_of(text):
    return ADQL().tokenize(text)


@given(NO_NUL)
def test_any_text_is_one_token_that_holds_the_text(text):
    tokens = tokens_of(f"SELECT {quote_literal(text)} FROM t")

    assert len(tokens) == 4
    assert tokens[1].text == text


@given(NO_NUL)
def test_a_query_with_any_text_in_it_has_the_same_shape(text):
    query = parse(f"SELECT a FROM t WHERE name = {quote_literal(text)} AND b = 1")

    assert [one.name for one in query.find_all(exp.Literal) if one.is_string] == [text]
    assert {one.name for one in query.find_all(exp.Column)} == {"a", "name", "b"}


@given(NAMES)
def test_any_name_is_one_token_that_holds_the_name(name):
    tokens = tokens_of(f"SELECT {quote_identifier(name)} FROM t")

    assert len(tokens) == 4
    assert tokens[1].text == name


@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)))
def test_a_number_is_read_back_as_the_same_number(number):
    text = quote_literal(number)
    query = parse(f"SELECT {text} FROM t")
    literal = query.find(exp.Literal)
    sign = -1 if query.find(exp.Neg) else 1

    assert math.isclose(sign * float(literal.name), float(number), rel_tol=0, abs_tol=0)


def test_a_minus_before_a_negative_number_makes_no_comment():
    assert len(tokens_of(f"1 -{quote_literal(-1)}")) == 6


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, True, False, "a\x00b"])
def test_what_has_no_literal_is_refused(value):
    with pytest.raises(ValueError, match="no literal"):
        quote_literal(value)


def test_quotes_in_a_text_are_doubled():
    assert quote_literal("x'; DROP TABLE t --") == "'x''; DROP TABLE t --'"


@pytest.mark.parametrize(
    ("name", "quoted"),
    [
        ("ra", "ra"),
        ("Bmag2", "Bmag2"),
        ("B-V", '"B-V"'),
        ("distance", '"distance"'),
        ("SIZE", '"SIZE"'),
        ("2mass", '"2mass"'),
        ('a"b', '"a""b"'),
        ("größe", '"größe"'),
    ],
)
def test_names_that_are_not_regular_are_delimited(name, quoted):
    assert quote_identifier(name) == quoted


@pytest.mark.parametrize("name", ["", "a\nb", "a\x00b"])
def test_a_name_that_nothing_can_have_is_refused(name):
    with pytest.raises(ValueError, match="cannot be the name"):
        quote_identifier(name)


@pytest.mark.parametrize("name", ["ivoa.obscore", 'viz."J/A+A/1/table"', "t", "a.b.c"])
def test_table_names_of_services_pass_unchanged(name):
    assert check_table_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["t; DROP", "tap_schema.tables--", 'a."b', "a..b", "a.b.c.d", "", "a b", '""', "a.b\n"],
)
def test_what_is_more_than_a_table_name_is_refused(name):
    with pytest.raises(ValueError, match="not the name of a table"):
        check_table_name(name)
