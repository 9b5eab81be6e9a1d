"""CONTAINS and INTERSECTS: their order, and what they are compared with."""

import pytest

POINT = "POINT('ICRS', ra, dec)"
CIRCLE = "CIRCLE('ICRS', 1, 2, 3)"
CASES = [
    (f"CONTAINS({POINT}, {CIRCLE})", "missing-comparison", f"CONTAINS({POINT}, {CIRCLE}) = 1"),
    (f"CONTAINS({POINT}, {CIRCLE}) = TRUE", "not-adql", None),
    (f"CONTAINS({POINT}, {CIRCLE}) = 'true'", "contains-comparison", None),
    (f"INTERSECTS({CIRCLE}, {CIRCLE}) = 2", "contains-comparison", None),
    (f"1 = CONTAINS({CIRCLE}, {POINT})", "contains-order", f"1 = CONTAINS({POINT}, {CIRCLE})"),
]


@pytest.mark.parametrize(("condition", "code", "better"), CASES)
def test_a_slip_with_a_predicate_is_reported(found, mended, condition, code, better):
    text = f"SELECT TOP 5 ra FROM gaia_source WHERE {condition}"
    assert found(text)[0][0] == code
    if better:
        assert mended(text) == text.replace(condition, better)


def test_a_predicate_compared_with_false_becomes_zero(mended):
    text = f"SELECT ra FROM gaia_source WHERE CONTAINS({POINT}, {CIRCLE}) = 'false'"
    assert mended(text).endswith(" = 0")


@pytest.mark.parametrize(
    "condition",
    [
        f"1 = CONTAINS({POINT}, {CIRCLE})",
        f"CONTAINS({POINT}, {CIRCLE}) <> 0",
        f"CONTAINS({CIRCLE}, {CIRCLE}) = 1",
        f"INTERSECTS({CIRCLE}, {POINT}) = 1",
        f"CONTAINS({POINT}, {CIRCLE}) = source_id",
    ],
)
def test_right_predicates_are_left_alone(found, condition):
    assert found(f"SELECT ra FROM gaia_source WHERE {condition}") == []
