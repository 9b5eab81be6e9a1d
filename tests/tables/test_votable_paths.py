"""Which rows bypass the XML parser, and that both ways meet in one table."""

import pytest

from tests.tables.documents import binary
from tests.tables.documents import INT_AND_TEXT
from tests.tables.documents import read
from tests.tables.documents import read_in_pieces
from tests.tables.documents import rows
from tests.tables.documents import rows_of
from tests.tables.documents import tabledata

PLAIN = rows(["1", "a&amp;b"], ["2", ""], ["", "x &lt; y"])


def paths(table):
    return table.batches.fast_rows, table.batches.astropy_rows


@pytest.mark.parametrize(
    "markup",
    [
        PLAIN,
        PLAIN.replace("<TD></TD>", "<TD/>"),
        PLAIN.replace("</TD><TD>", "</TD>\n  <TD>").replace("<TR>", "\n<TR>\n  "),
        PLAIN.replace("</TR>", "</TR>\r\n"),
        PLAIN.replace("</TD><TD>", "</TD> <TD>", 1),
    ],
)
def test_plain_rows_bypass_the_parser(markup):
    table = read(tabledata(INT_AND_TEXT, markup))
    assert rows_of(table) == [(1, "a&b"), (2, ""), (None, "x < y")]
    assert paths(table) == (3, 0)


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("<TR><TD>0x1F</TD><TD>x</TD></TR>", (31, "x")),
        ("<TR><TD>+7</TD><TD>x</TD></TR>", (7, "x")),
        ("<TR><TD>1</TD><TD>&#233;</TD></TR>", (1, "é")),
        ("<TR><TD>1</TD><TD><![CDATA[<TR>]]></TD></TR>", (1, "<TR>")),
        ("<TR><TD>1</TD><TD>a\nb</TD></TR>", (1, "a\nb")),
        ("<TR><TD>1</TD><TD><![CDATA[a \n </TABLEDATA>]]></TD></TR>", (1, "a \n </TABLEDATA>")),
        ("<TR><TD ref='x'>1</TD><TD>x</TD></TR>", (1, "x")),
        ("<TR><!-- c --><TD>1</TD><TD>x</TD></TR>", (1, "x")),
        ("<TR><TD>1</TD><TD>x</TD></TR ><TR ><TD>2</TD><TD>y</TD></TR>", (1, "x")),
        ("<TR><TD>1</TD><TD>x</TD></TR>stray text", (1, "x")),
    ],
)
def test_odd_rows_go_through_the_parser(row, value):
    table = read(tabledata(INT_AND_TEXT, row))
    assert rows_of(table)[0] == value
    assert paths(table)[0] == 0


def test_plain_rows_after_an_odd_block_bypass_the_parser_again():
    odd = rows(["0x10", "odd"])
    data = tabledata(INT_AND_TEXT, odd + PLAIN * 100)
    table = read_in_pieces(data, data.index(odd.encode()) + len(odd))
    assert rows_of(table)[:2] == [(16, "odd"), (1, "a&b")]
    assert paths(table) == (300, 1)


def test_a_byte_order_mark_in_the_first_cell_is_text():
    field = '<FIELD name="s" datatype="char" arraysize="*"/>'
    assert rows_of(read(tabledata(field, rows(["\ufeffx"], ["y"])))) == [("\ufeffx",), ("y",)]


def test_rows_after_a_comment_bypass_the_parser_again():
    odd = "<!-- c --><TR><TD>5</TD><TD><![CDATA[<]]></TD></TR>"
    data = tabledata(INT_AND_TEXT, odd + PLAIN * 100)
    table = read_in_pieces(data, data.index(odd.encode()) + len(odd))
    assert rows_of(table)[0] == (5, "<")
    assert paths(table) == (300, 1)


def test_a_row_inside_a_comment_is_never_a_row():
    hidden = f"<!-- {PLAIN} -->"
    data = tabledata(INT_AND_TEXT, PLAIN + hidden + PLAIN)
    for size in range(1, len(data), 7):
        assert len(rows_of(read_in_pieces(data, size))) == 6


@pytest.mark.parametrize("serialisation", ["BINARY", "BINARY2"])
def test_packed_rows_bypass_the_parser(serialisation):
    flags = b"\0" if serialisation == "BINARY2" else b""
    table = read(binary(INT_AND_TEXT, (flags + b"\0\0\0\1\0\0\0\1x") * 3, serialisation))
    assert rows_of(table) == [(1, "x")] * 3
    assert paths(table) == (3, 0)
