"""Queries of ADQL 2.1 made by chance, after the grammar of its Annex A."""

from hypothesis import strategies as st

NAMES = st.sampled_from(["ra", "dec", "Vmag", "a1_b", '"B-V"', '"say ""yes"""', '"select"', "x"])
TABLES = st.sampled_from(["t", "s.t", "c.s.t", '"II/336/apass9"', "TAP_UPLOAD.mine", 's."my t"'])
ALIASES = st.sampled_from(["", " AS k", " k", ' AS "my name"'])
NUMBERS = st.sampled_from(["1", "0", "2.5", ".5", "6.", "1e5", "1.5E-3", "7e+2"])
TEXTS = st.sampled_from(["'a'", "''", "'it''s'", "'a' 'b'", "'-- x'"])
ONE_NUMBER = ["ABS", "CEILING", "COS", "FLOOR", "LOG10", "SQRT", "radians", "Tan"]
COMPARISONS = ["=", "<>", "!=", "<", ">", "<=", ">="]
TYPES = ["INTEGER", "DOUBLE PRECISION", "VARCHAR(5)", "CHAR", "TIMESTAMP", "REAL", "BIGINT"]


@st.composite
def columns(draw):
    prefix = draw(st.sampled_from(["", "", "", "t.", "s.t."]))
    return prefix + draw(NAMES)


def _call(name, *arguments):
    return st.tuples(*arguments).map(lambda drawn: f"{name}({', '.join(drawn)})")


def _numbers(inner):
    point = st.one_of(
        columns(),
        _call("POINT", inner, inner),
        _call("POINT", st.just("'ICRS'"), inner, inner),
        _call("CENTROID", columns()),
    )
    region = st.one_of(
        _call("CIRCLE", inner, inner, inner),
        _call("CIRCLE", st.just("'ICRS'"), inner, inner, inner),
        _call("CIRCLE", point, inner),
        _call("BOX", inner, inner, inner, inner),
        _call("BOX", st.just("''"), point, inner, inner),
        _call("POLYGON", *[inner] * 8),
        _call("POLYGON", st.just("'ICRS'"), point, point, point),
        _call("REGION", TEXTS),
    )
    return st.one_of(
        _call("AREA", region),
        _call("COORD1", point),
        _call("DISTANCE", point, point),
        _call("DISTANCE", inner, inner, inner, inner),
        _call("CONTAINS", point, region),
        _call("INTERSECTS", region, region),
        *[_call(name, inner) for name in ONE_NUMBER],
        _call("POWER", inner, inner),
        _call("ROUND", inner, st.sampled_from(["2", "-2"])),
        _call("ivo_something", inner, TEXTS),
        _call("IN_UNIT", inner, st.just("'deg'")),
        _call("COALESCE", inner, inner, inner),
        st.just("PI()"),
        st.tuples(inner, st.sampled_from(TYPES)).map(lambda one: f"CAST({one[0]} AS {one[1]})"),
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(" ".join),
        inner.map(lambda one: f"({one})"),
        inner.map(lambda one: f"- {one}"),
    )


numbers = st.recursive(columns() | NUMBERS, _numbers, max_leaves=6)
strings = st.one_of(
    TEXTS,
    columns(),
    columns().map(lambda one: f"LOWER({one})"),
    st.tuples(columns(), TEXTS).map(" || ".join),
)
values = numbers | strings | st.just("NULL")
predicates = st.one_of(
    st.tuples(values, st.sampled_from(COMPARISONS), numbers | strings).map(" ".join),
    st.tuples(numbers, numbers, numbers).map(
        lambda one: f"{one[0]} NOT BETWEEN {one[1]} AND {one[2]}"
    ),
    st.tuples(values, st.lists(values, min_size=1, max_size=3)).map(
        lambda one: f"{one[0]} IN ({', '.join(one[1])})"
    ),
    st.tuples(strings, st.sampled_from(["LIKE", "NOT ILIKE"]), strings).map(" ".join),
    columns().map(lambda one: f"{one} IS NOT NULL"),
    TABLES.map(lambda one: f"EXISTS (SELECT * FROM {one})"),
)
conditions = st.recursive(
    predicates,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(" ".join),
        inner.map(lambda one: f"NOT ({one})"),
        inner.map(lambda one: f"({one})"),
    ),
    max_leaves=3,
)
sources = st.one_of(
    st.tuples(TABLES, ALIASES).map("".join),
    st.tuples(TABLES, TABLES, conditions).map(lambda one: f"{one[0]} JOIN {one[1]} ON {one[2]}"),
    st.tuples(TABLES, TABLES).map(lambda one: f"{one[0]} AS a LEFT JOIN {one[1]} b USING (ra)"),
    st.tuples(TABLES, TABLES).map(" NATURAL FULL OUTER JOIN ".join),
    TABLES.map(lambda one: f"(SELECT TOP 5 * FROM {one}) AS q, u"),
)


@st.composite
def selects(draw):
    head = draw(st.sampled_from(["", "DISTINCT ", "ALL ", "TOP 5 ", "DISTINCT TOP 7 "]))
    items = draw(st.lists(st.tuples(values, ALIASES).map("".join), min_size=1, max_size=3))
    text = f"SELECT {head}{', '.join(items)} FROM {draw(sources)}"
    for clause, part in [
        ("WHERE", conditions),
        ("GROUP BY", numbers),
        ("HAVING", conditions),
    ]:
        if draw(st.booleans()):
            text += f" {clause} {draw(part)}"
    return text


@st.composite
def queries(draw):
    """Return a strategy of whole queries."""
    text = draw(selects())
    if draw(st.booleans()):
        word = draw(st.sampled_from(["UNION", "UNION ALL", "EXCEPT", "INTERSECT ALL"]))
        text += f" {word} ({draw(selects())})"
    if draw(st.booleans()):
        text += f" ORDER BY {draw(numbers)} DESC, 1"
    if draw(st.booleans()):
        text += " OFFSET 10"
    if draw(st.booleans()):
        text = f"WITH w AS ({draw(selects())}) {text}"
    return text
