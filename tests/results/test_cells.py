import tracemalloc
from html.parser import HTMLParser

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from markupsafe import Markup

from portal.results.cells import render_cells
from portal.results.paging import RowPage
from portal.tables import arrow_type
from portal.tables import Column

NULL = '<span class="null" title="no value">—</span>'
TEXT = Column(name="t", arraysize="*")


def cells(column, *values):
    """Return what stands inside the `<td>` of every value of a column."""
    opening = '<td class="num">' if column.is_numeric else "<td>"
    rows = render(column, *values)
    assert all(row.startswith(opening) and row.endswith("</td>") for row in rows)
    return [row[len(opening) : -len("</td>")] for row in rows]


def render(column, *values):
    return render_cells(page_of(column, *values))


def page_of(column, *values):
    table = pa.table([pa.array(values, arrow_type(column))], ["x"])
    return RowPage(columns=(column,), row_numbers=np.arange(len(values)), values=table)


def test_a_row_is_one_piece_of_markup():
    columns = (Column(name="n", datatype="int"), TEXT)
    values = pa.table([pa.array([1, None], pa.int32()), pa.array(["a<b", None])], ["n", "t"])
    rows = render_cells(RowPage(columns=columns, row_numbers=np.arange(2), values=values))
    assert rows == [
        '<td class="num">1</td><td>a&lt;b</td>',
        f'<td class="num">{NULL}</td><td>{NULL}</td>',
    ]
    assert all(isinstance(row, Markup) for row in rows)


def test_rows_may_come_in_pieces():
    columns = (Column(name="x", datatype="float"), TEXT)
    pieces = [
        pa.table([pa.array(xs, pa.float32()), pa.array(texts)], ["x", "t"])
        for xs, texts in (([0.1], ["a"]), ([None, 2.0], ["<", None]))
    ]
    page = RowPage(columns=columns, row_numbers=np.arange(3), values=pa.concat_tables(pieces))
    whole = RowPage(columns=columns, row_numbers=np.arange(3), values=page.values.combine_chunks())
    assert page.values.column("x").num_chunks == 2
    assert render_cells(page) == render_cells(whole)


def test_no_rows_have_no_cells():
    schema = pa.schema([("t", pa.string())])
    page = RowPage(
        columns=(TEXT,), row_numbers=np.arange(0), values=pa.Table.from_batches([], schema)
    )
    assert render_cells(page) == []


def test_rows_without_columns_have_no_cells():
    page = RowPage(columns=(), row_numbers=np.arange(2), values=pa.table({}))
    assert render_cells(page) == ["", ""]


@pytest.mark.parametrize(
    ("datatype", "values", "expected"),
    [
        ("boolean", [True, False, None], ["true", "false", NULL]),
        ("long", [-(2**63), 2**63 - 1, 0], ["-9223372036854775808", "9223372036854775807", "0"]),
        ("unsignedByte", [255], ["255"]),
        ("double", [0.1, 1e22, -0.0], ["0.1", "1e+22", "-0"]),
        ("double", [float("inf"), float("-inf"), float("nan")], ["inf", "-inf", "nan"]),
        ("float", [0.1, 16777216.0, 3.4e38], ["0.1", "16777216", "3.4e+38"]),
        ("floatComplex", [(1.0, -2.5), (0.1, 2.0), None], ["1-2.5i", "0.1+2i", NULL]),
    ],
)
def test_single_values_are_written_exactly(datatype, values, expected):
    assert cells(Column(name="x", datatype=datatype), *values) == expected


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=False), min_size=1))
def test_a_double_can_be_read_back(values):
    assert [float(text) for text in cells(Column(name="x", datatype="double"), *values)] == values


@settings(deadline=None)
@given(st.lists(st.floats(width=32, allow_nan=False), min_size=1))
def test_a_float_can_be_read_back_and_has_no_digits_it_does_not_need(values):
    for text, value in zip(cells(Column(name="x", datatype="float"), *values), values, strict=True):
        assert np.float32(text) == np.float32(value)
        assert len(text.lstrip("-").replace(".", "")) <= 15


@pytest.mark.parametrize(
    ("datatype", "value", "expected"),
    [
        ("int", [1, 2, 3], "[1, 2, 3]"),
        ("int", [], "[]"),
        ("int", None, NULL),
        ("int", [1, None], "[1, null]"),
        ("float", [0.1, float("nan")], "[0.1, nan]"),
        ("boolean", [True, False], "[true, false]"),
        ("doubleComplex", [(1.0, 2.0), None, (0.0, -1.0)], "[1+2i, null, 0-1i]"),
        ("short", range(10), "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"),
        ("short", range(2000), "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …] (2,000 values)"),
    ],
)
def test_arrays_are_listed_and_cut(datatype, value, expected):
    column = Column(name="x", datatype=datatype, arraysize="*")
    assert cells(column, [], value, value) == ["[]", expected, expected]


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=alert(1)>",
        "a & b",
        "'\"",
        "</td></table><script>",
        "",
        "\x1f",
        "%s {{ 1 }}",
    ],
)
def test_text_is_escaped(text):
    assert [plain(cell) for cell in cells(TEXT, text, "x\x1fy", text)] == [text, "x\x1fy", text]
    assert "<" not in cells(TEXT, text)[0]


@pytest.mark.parametrize("text", ["https://a.example/?a=1&b='2'", " HTTP://a.example "])
def test_a_web_address_is_a_link_out(text):
    (cell,) = cells(TEXT, text)
    (link,) = elements(cell)
    assert link == ("a", {"href": text.strip(), "target": "_blank", "rel": "noopener noreferrer"})


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)//://", "http://a.example see there", "//evil.example"]
)
def test_what_is_no_web_address_is_text(text):
    assert [(plain(cell), elements(cell)) for cell in cells(TEXT, text)] == [(text, [])]


def test_a_long_text_opens_from_its_summary():
    text = "<b>" * 50
    (cell,) = cells(TEXT, text)
    assert [name for name, _ in elements(cell)] == ["details", "summary"]
    assert plain(cell) == text[:120] + "…" + text


def test_a_huge_text_is_cut_and_its_size_named():
    page = page_of(TEXT, *["é" * 5_000_000, "a"] * 3)
    tracemalloc.start()
    rows = render_cells(page)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(rows[0]) < 10_000
    assert "10.0 MB" in rows[0]
    assert rows[1] == "<td>a</td>"
    assert peak < 5_000_000


def test_a_huge_array_is_not_read():
    column = Column(name="x", datatype="double", arraysize="*")
    page = page_of(column, *[np.zeros(1_000_000)] * 3)
    before = pa.total_allocated_bytes()
    rows = render_cells(page)
    assert "(1,000,000 values)" in rows[2]
    assert pa.total_allocated_bytes() - before < 1_000_000


TEXTS = (
    st.text()
    | st.text("<>&'\"\x1f:/htp.\\@ \n\0", max_size=200)
    | st.just("http://a.example/").flatmap(lambda start: st.text().map(start.__add__))
)


@settings(deadline=None)
@given(st.lists(st.none() | TEXTS, min_size=1, max_size=20))
def test_no_text_brings_markup_of_its_own(texts):
    for text, cell in zip(texts, cells(TEXT, *texts), strict=True):
        for name, attributes in elements(cell):
            assert name in ("a", "details", "summary", "em") or text is None
            assert set(attributes) <= {"href", "target", "rel", "class", "title"}
            assert attributes.get("href", "http://").lower().startswith(("http://", "https://"))
        if text is not None and not elements(cell):
            assert plain(cell) == text


class Reader(HTMLParser):
    """Reads markup as a browser would: its elements and its text."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.elements, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def read(markup):
    reader = Reader()
    reader.feed(markup)
    reader.close()
    return reader


def elements(markup):
    return read(markup).elements


def plain(markup):
    return read(markup).text
