"""Where the columns of an answer come from."""

import pytest


def origins(translation):
    return [
        (one.name, f"{one.table.name}.{one.column}" if one.table else None)
        for one in translation.outputs
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT RA, dec AS d FROM stars", [("ra", "stars.ra"), ("d", "stars.dec")]),
        ('SELECT "B-V" FROM stars', [("B-V", "stars.B-V")]),
        ("SELECT ra + 1, -dec AS m FROM stars", [("column_1", None), ("m", None)]),
        ("SELECT COUNT(*), max(ra) FROM stars", [("count", None), ("max", None)]),
        (
            "SELECT x.* FROM files.notes AS x",
            [("name", "notes.name"), ("text", "notes.text"), ("n", "notes.n")],
        ),
        ("SELECT q.w FROM (SELECT ra AS w FROM stars) AS q", [("w", "stars.ra")]),
        ("SELECT w FROM (SELECT ra FROM stars) AS q (w)", [("w", "stars.ra")]),
        (
            "WITH q AS (SELECT ra AS w FROM stars), r (v) AS (SELECT w FROM q) SELECT v FROM r",
            [("v", "stars.ra")],
        ),
        ("SELECT ra FROM stars UNION SELECT ra FROM stars", [("ra", "stars.ra")]),
        ("SELECT ra FROM stars UNION SELECT n FROM stars", [("ra", None)]),
        ("SELECT ra FROM stars UNION SELECT ra, n FROM stars", [("ra", "stars.ra")]),
        ("SELECT s.n, m.n FROM stars AS s, files.notes AS m", [("n", "stars.n"), ("n", "notes.n")]),
        ("SELECT text FROM (stars JOIN files.notes USING (name))", [("text", "notes.text")]),
    ],
)
def test_a_column_that_is_passed_on_keeps_its_origin(translate, text, expected):
    assert origins(translate(text)) == expected


@pytest.mark.parametrize(
    ("joined", "names"),
    [
        ("stars, files.notes", ["name", "ra", "dec", "Vmag", "B-V", "n", "name", "text", "n"]),
        (
            "stars JOIN files.notes USING (name)",
            ["name", "ra", "dec", "Vmag", "B-V", "n", "text", "n"],
        ),
        ("stars NATURAL JOIN files.notes", ["name", "ra", "dec", "Vmag", "B-V", "n", "text"]),
        ("files.notes NATURAL FULL JOIN stars", ["name", "text", "n", "ra", "dec", "Vmag", "B-V"]),
        (
            "stars JOIN (files.notes NATURAL JOIN other.notes) USING (name)",
            ["name", "ra", "dec", "Vmag", "B-V", "n", "text", "n"],
        ),
    ],
)
def test_a_star_stands_for_the_columns_that_the_engine_returns(translate, rows, joined, names):
    text = f"SELECT * FROM {joined}"

    assert [one.name for one in translate(text).outputs] == names
    assert all(len(row) == len(names) for row in rows(text))
