"""What a VOTable document becomes: columns, rows, an end."""

import io
import struct

import pytest

from portal.problems import ServiceError
from portal.tables import ResultTable
from portal.tables import TableEnd
from tests.tables.documents import binary
from tests.tables.documents import CLOSING
from tests.tables.documents import document
from tests.tables.documents import end_of
from tests.tables.documents import INT_AND_TEXT
from tests.tables.documents import OPENING
from tests.tables.documents import read
from tests.tables.documents import rows
from tests.tables.documents import rows_of
from tests.tables.documents import tabledata


def test_a_field_becomes_a_column_with_the_services_own_words():
    field = (
        '<FIELD ID="x" name="radial velocity" datatype="double" unit="km/s"'
        ' ucd="spect.dopplerVeloc" utype="a:b" xtype="t">'
        "<DESCRIPTION> towards\n the observer </DESCRIPTION></FIELD>"
    )
    (column,) = read(tabledata(field, rows("1"))).columns
    assert column.name == "radial velocity"
    assert (column.datatype, column.arraysize, column.unit) == ("double", None, "km/s")
    assert (column.ucd, column.utype, column.xtype) == ("spect.dopplerVeloc", "a:b", "t")
    assert column.description == "towards the observer"


@pytest.mark.parametrize("unit", ["'electron'.s**-1", "mag(AB)", "furlongs per fortnight"])
def test_a_unit_that_nobody_knows_is_kept(unit):
    field = f'<FIELD name="x" datatype="double" unit="{unit}"/>'
    assert read(tabledata(field, rows("1"))).columns[0].unit == unit


def test_columns_of_the_same_name_are_told_apart():
    fields = '<FIELD name="a" datatype="int"/><FIELD name="A" datatype="int"/>' * 2
    table = read(tabledata(fields, rows("1234")))
    assert [column.name for column in table.columns] == ["a", "A_2", "a_3", "A_4"]
    assert rows_of(table) == [(1, 2, 3, 4)]


def test_a_number_of_rows_that_is_none_does_no_harm():
    data = tabledata(INT_AND_TEXT, rows("1x")).replace(b"<TABLE>", b"<TABLE nrows='many'>")
    table = read(data)
    assert rows_of(table) == [(1, "x")]
    assert "nrows" not in (table.header or "")


def test_the_header_is_the_document_without_its_rows():
    table = read(tabledata(INT_AND_TEXT, rows("1x")))
    assert table.header is not None
    assert table.header.endswith("</TABLE></RESOURCE></VOTABLE>")
    assert "DATA" not in table.header
    assert ResultTable.from_votable(io.BytesIO(table.header.encode())).columns == table.columns


@pytest.mark.parametrize(
    "data",
    [
        "",
        "<DATA/>",
        "<DATA></DATA>",
        "<DATA><TABLEDATA/></DATA>",
        "<DATA><TABLEDATA>\n</TABLEDATA></DATA>",
        "<DATA><BINARY/></DATA>",
        "<DATA><BINARY2><STREAM encoding='base64'/></BINARY2></DATA>",
    ],
)
def test_a_table_may_have_no_rows(data):
    table = read(document(INT_AND_TEXT, data))
    assert [column.name for column in table.columns] == ["n", "s"]
    assert list(table.batches) == [TableEnd(infos=(("QUERY_STATUS", "OK"),))]


def test_line_ends_and_references_in_text_mean_what_xml_says():
    text = "a&amp;b &lt;i&gt; &quot;q&quot; &#65;&#x42; &amp;lt; x\r\ny"
    assert rows_of(read(tabledata(INT_AND_TEXT, rows(["1", text]))))[0][1] == (
        'a&b <i> "q" AB &lt; x\ny'
    )


def test_a_comma_and_a_quote_stay_in_their_cell():
    cells = ["1", 'a,"b",c']
    assert rows_of(read(tabledata(INT_AND_TEXT, rows(cells)))) == [(1, 'a,"b",c')]


@pytest.mark.slow
def test_a_cell_of_ten_megabytes_arrives_whole():
    long = "x" * 10_000_000
    table = read(tabledata(INT_AND_TEXT, rows(["1", long], ["2", "short"])))
    assert rows_of(table) == [(1, long), (2, "short")]
    packed = b"".join(
        b"\0" + struct.pack(">iI", n, len(text)) + text.encode()
        for n, text in [(1, long), (2, "s")]
    )
    assert rows_of(read(binary(INT_AND_TEXT, packed))) == [(1, long), (2, "s")]


def test_text_longer_than_its_field_declares_is_kept():
    field = '<FIELD name="s" datatype="char" arraysize="3"/><FIELD name="t" datatype="char"/>'
    assert rows_of(read(tabledata(field, rows(["abcdef", "xyz"])))) == [("abcdef", "xyz")]


@pytest.mark.parametrize("arraysize", ["8x2", "8x*"])
def test_an_array_of_strings_is_read_as_one_string(arraysize):
    field = f'<FIELD name="s" datatype="char" arraysize="{arraysize}"/>'
    assert rows_of(read(tabledata(field, rows(["abc def"])))) == [("abc def",)]


@pytest.mark.parametrize("null", ["", "NaN", "none"])
def test_a_null_value_that_is_no_integer_hides_nothing(null):
    field = f'<FIELD name="n" datatype="int"><VALUES null="{null}"/></FIELD>'
    assert rows_of(read(tabledata(field, rows("0", [""], "1")))) == [(0,), (None,), (1,)]


@pytest.mark.parametrize("version", ["1.1", "1.2", "1.4"])
def test_an_empty_integer_cell_is_null_in_every_version(version):
    data = tabledata(INT_AND_TEXT, rows(["", "x"])).replace(b'"1.4"', f'"{version}"'.encode())
    assert rows_of(read(data)) == [(None, "x")]


def test_an_empty_cell_of_complex_numbers_is_null():
    field = '<FIELD name="c" datatype="floatComplex" arraysize="2"/>'
    wanted = [(None,), ([[1.0, 2.0], [3.0, 4.0]],)]
    assert rows_of(read(tabledata(field, rows([""], ["1 2 3 4"])))) == wanted


def test_nan_is_null_whatever_values_says():
    field = '<FIELD name="x" datatype="double"><VALUES null="-1"/></FIELD>'
    assert rows_of(read(tabledata(field, rows(["NaN"], ["-1"], ["1"])))) == [
        (None,),
        (None,),
        (1.0,),
    ]


def test_binary2_tells_null_text_from_empty_text():
    packed = b"\x40" + struct.pack(">iI", 1, 0) + b"\x00" + struct.pack(">iI", 2, 0)
    assert rows_of(read(binary(INT_AND_TEXT, packed))) == [(1, None), (2, "")]


@pytest.mark.parametrize(
    ("stored", "text"),
    [("é".encode(), "é"), (b"\xe9", "é"), (b"ab\0cd", "ab"), (b"ab  ", "ab  "), (b"\0", "")],
)
def test_packed_text_is_utf8_or_latin1_and_ends_at_its_first_nul(stored, text):
    packed = struct.pack(">iI", 1, len(stored)) + stored
    assert rows_of(read(binary(INT_AND_TEXT, packed, "BINARY"))) == [(1, text)]


@pytest.mark.parametrize("text", ["日本語", "𝄞 clef", "plain"])
def test_packed_unicode_text_may_have_surrogates(text):
    field = '<FIELD name="s" datatype="unicodeChar" arraysize="*"/>'
    stored = text.encode("utf-16-be")
    packed = struct.pack(">I", len(stored) // 2) + stored
    assert rows_of(read(binary(field, packed, "BINARY"))) == [(text,)]


def test_half_a_surrogate_is_replaced():
    field = '<FIELD name="s" datatype="unicodeChar" arraysize="2"/>'
    assert rows_of(read(binary(field, b"\xd8\x34\x00a", "BINARY"))) == [("\ufffda",)]


def test_bits_of_any_number_are_packed():
    field = '<FIELD name="b" datatype="bit" arraysize="*"/>'
    packed = (
        struct.pack(">I", 9) + b"\xa0\x80" + struct.pack(">I", 0) + struct.pack(">I", 1) + b"\x80"
    )
    wanted = [([True, False, True] + [False] * 5 + [True],), ([],), ([True],)]
    assert rows_of(read(binary(field, packed, "BINARY"))) == wanted


def test_the_length_of_an_array_of_pairs_counts_numbers():
    field = '<FIELD name="p" datatype="short" arraysize="2x*"/>'
    packed = struct.pack(">I4h", 4, 1, 2, 3, 4)
    assert rows_of(read(binary(field, packed, "BINARY"))) == [([1, 2, 3, 4],)]


def test_cells_with_more_than_255_elements_follow_short_ones():
    texts = ["a", "b" * 255, "c" * 256, "", "d" * 70_000, "e"]
    packed = b"".join(struct.pack(">iI", 7, len(text)) + text.encode() for text in texts)
    assert rows_of(read(binary(INT_AND_TEXT, packed, "BINARY"))) == [(7, text) for text in texts]


def test_a_base64_cell_holds_the_packed_value():
    field = '<FIELD name="n" datatype="int"/>'
    assert rows_of(read(tabledata(field, '<TR><TD encoding="base64">AAAABw==</TD></TR>'))) == [(7,)]


def test_bytes_after_the_last_whole_row_are_mentioned():
    packed = struct.pack(">iI", 1, 1) + b"a" + b"\0\0\0"
    table = read(binary(INT_AND_TEXT, packed, "BINARY"))
    assert end_of(table).infos[-1] == (
        "incomplete_row",
        "3 bytes after the last whole row were left out",
    )


def test_a_stream_without_a_whole_row_is_an_error():
    with pytest.raises(ServiceError, match="no whole row"):
        rows_of(read(binary(INT_AND_TEXT, b"\0\0\0", "BINARY")))


META = (
    '<RESOURCE type="meta"><TABLE><FIELD name="m" datatype="int"/>'
    "<DATA><TABLEDATA><TR><TD>5</TD></TR></TABLEDATA></DATA></TABLE></RESOURCE>"
)
UNTYPED = META.replace(' type="meta"', "").replace("<TD>5", "<TD>6")
RESULT = META.replace("meta", "results").replace("<TD>5", "<TD>7")


@pytest.mark.parametrize(
    ("resources", "value"),
    [
        (META + UNTYPED + RESULT, 7),
        (META.replace("<DATA>", "<DATA/><!--").replace("</DATA>", "-->") + RESULT, 7),
        (RESULT + META, 7),
        (META + UNTYPED, 6),
        (META, 5),
        (UNTYPED + UNTYPED.replace("6", "8"), 6),
        (f'<RESOURCE type="results">{META}</RESOURCE>{UNTYPED}', 6),
    ],
)
def test_the_table_of_the_result_resource_is_preferred(resources, value):
    table = read(f"<VOTABLE>{resources}</VOTABLE>".encode())
    assert rows_of(table) == [(value,)]


def test_data_of_skipped_tables_is_not_in_the_header():
    table = read(f"<VOTABLE>{META}{RESULT}</VOTABLE>".encode())
    assert "<TD>" not in (table.header or "")


def test_a_parameter_that_astropy_cannot_read_does_not_hide_the_table():
    bad = '<PARAM name="p" datatype="int" value="not a number"/>'
    assert rows_of(read(tabledata(bad + INT_AND_TEXT, rows("1x")))) == [(1, "x")]


def test_prefixed_names_are_read_too():
    plain = tabledata(INT_AND_TEXT, rows("1x", "2y")).decode()
    prefixed = plain.replace("</", "\0").replace("<", "<v:").replace("\0", "</v:")
    assert rows_of(read(prefixed.encode())) == [(1, "x"), (2, "y")]


def test_a_row_with_too_few_cells_is_an_error():
    with pytest.raises(ServiceError, match="a row of 1 cells where 2 columns are declared"):
        rows_of(read(tabledata(INT_AND_TEXT, rows("1x", "2"))))


def test_a_cell_that_is_no_number_is_quoted_in_the_error():
    with pytest.raises(ServiceError, match="“twelve” in column n"):
        rows_of(read(tabledata(INT_AND_TEXT, rows(["twelve", "x"]))))


@pytest.mark.parametrize("stream", ["AAA", "AA==AAAA", "A*AA", "AAAA=", "<b/>"])
def test_a_stream_that_is_no_base64_is_an_error(stream):
    data = f'<DATA><BINARY><STREAM encoding="base64">{stream}</STREAM></BINARY></DATA>'
    with pytest.raises(ServiceError):
        rows_of(read(document('<FIELD name="u" datatype="unsignedByte"/>', data)))


def test_references_and_comments_in_a_stream_are_no_data():
    stream = "AAAA&#13;\nAQ<!-- half -->AA&#10;AAI="
    data = f'<DATA><BINARY><STREAM encoding="base64">{stream}</STREAM></BINARY></DATA>'
    table = read(document('<FIELD name="s" datatype="short"/>', data))
    assert rows_of(table) == [(0,), (1,), (0,), (2,)]


def test_columns_of_a_type_that_does_not_exist_are_an_error():
    with pytest.raises(ServiceError, match="columns cannot be read"):
        read(tabledata('<FIELD name="x" datatype="quaternion"/>', rows("1")))


def test_a_table_without_columns_is_an_error():
    with pytest.raises(ServiceError, match="no columns"):
        read(f"{OPENING}{CLOSING}".encode())
    with pytest.raises(ServiceError):
        read(b'<VOTABLE><RESOURCE type="results"><TABLE/></RESOURCE></VOTABLE>')


@pytest.mark.parametrize("serialisation", ["FITS", "PARQUET"])
def test_a_table_in_a_file_inside_the_document_is_refused(serialisation):
    data = f"<DATA><{serialisation}><STREAM>AAAA</STREAM></{serialisation}></DATA>"
    with pytest.raises(ServiceError, match=f"as {serialisation}"):
        read(document(INT_AND_TEXT, data))
