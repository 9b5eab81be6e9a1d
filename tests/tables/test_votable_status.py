"""What a service says about its answer, and answers that are no answer."""

import pytest

from portal.problems import ServiceError
from tests.tables.documents import CLOSING
from tests.tables.documents import end_of
from tests.tables.documents import INT_AND_TEXT
from tests.tables.documents import read
from tests.tables.documents import rows
from tests.tables.documents import rows_of
from tests.tables.documents import tabledata


def closing_with(after_table="", after_resource=""):
    return f"</TABLE>{after_table}</RESOURCE>{after_resource}</VOTABLE>"


def test_an_overflow_after_the_table_is_reported_at_its_end():
    overflow = '<INFO name="QUERY_STATUS" value="OVERFLOW"/>'
    table = read(tabledata(INT_AND_TEXT, rows("1x"), closing_with(overflow)))
    end = end_of(table)
    assert end.overflow
    assert end.infos == (("QUERY_STATUS", "OK"), ("QUERY_STATUS", "OVERFLOW"))


def test_an_overflow_among_the_tables_own_infos_counts():
    data = tabledata(
        INT_AND_TEXT, rows("1x"), '<INFO name="QUERY_STATUS" value="OVERFLOW"/>' + CLOSING
    )
    assert end_of(read(data)).overflow


def test_other_infos_are_kept():
    info = '<INFO name="server" value="DaCHS"/><INFO name="note">free text</INFO>'
    end = end_of(read(tabledata(INT_AND_TEXT, rows("1x"), closing_with(after_resource=info))))
    assert not end.overflow
    assert end.infos[1:] == (("server", "DaCHS"), ("note", "free text"))


ERROR = '<INFO name="QUERY_STATUS" value="ERROR">No such column:\n  <![CDATA["foo"]]></INFO>'


def test_an_error_before_the_table_is_raised_with_the_services_words():
    data = f'<VOTABLE><RESOURCE type="results">{ERROR}</RESOURCE></VOTABLE>'.encode()
    with pytest.raises(ServiceError) as raised:
        read(data)
    assert raised.value.message == 'No such column: "foo"'


def test_an_error_is_told_even_where_the_rest_is_missing():
    with pytest.raises(ServiceError, match="No such column"):
        read(f'<VOTABLE><RESOURCE type="results">{ERROR}'.encode())
    cut = tabledata(INT_AND_TEXT, rows("1x"), f"</TABLE>{ERROR}")
    with pytest.raises(ServiceError, match="No such column"):
        rows_of(read(cut))


def test_an_error_before_rows_is_raised_before_them():
    data = tabledata(INT_AND_TEXT, rows("1x")).replace(
        b'<INFO name="QUERY_STATUS" value="OK"/>', ERROR.encode()
    )
    with pytest.raises(ServiceError, match="No such column"):
        read(data)


def test_an_error_after_the_rows_is_raised_instead_of_an_end():
    table = read(tabledata(INT_AND_TEXT, rows("1x"), closing_with(ERROR)))
    with pytest.raises(ServiceError, match="No such column"):
        rows_of(table)


@pytest.mark.parametrize(
    "error",
    [
        '<INFO ID="Error" name="Error" value="SR is too large"/>',
        '<RESOURCE><INFO name="Error" value="SR is too large"/></RESOURCE>',
        '<DEFINITIONS><PARAM name="Error" value="SR is too large"/></DEFINITIONS>',
        '<RESOURCE><PARAM name="Error" value="SR is too large"/></RESOURCE>',
    ],
)
def test_a_cone_search_error_is_raised(error):
    with pytest.raises(ServiceError) as raised:
        read(f"<VOTABLE>{error}</VOTABLE>".encode())
    assert raised.value.message == "SR is too large"


def test_a_parameter_of_the_table_called_error_is_no_error():
    param = '<PARAM name="error" datatype="double" value="0.1"/>'
    assert rows_of(read(tabledata(param + INT_AND_TEXT, rows("1x")))) == [(1, "x")]


def test_an_error_without_words_says_so():
    data = '<VOTABLE><RESOURCE><INFO name="QUERY_STATUS" value="ERROR"/></RESOURCE></VOTABLE>'
    with pytest.raises(ServiceError, match="without a message"):
        read(data.encode())


PAGE = (
    "<!DOCTYPE html><html><head><title>502</title><style>b{}</style><script>if(a<b){}</script>"
    "</head><body><h1>Bad&nbsp;Gateway</h1><!-- x --></body></html>"
)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (PAGE, "502 Bad Gateway"),
        (PAGE.removeprefix("<!DOCTYPE html>"), "502 Bad Gateway"),
        ("\n\n <html><body>Moved</body></html>", "Moved"),
        ("Service unavailable, try later", "Service unavailable, try later"),
        ('{"error": "no"}', '{"error": "no"}'),
        ("<?xml version='1.0'?><exception>Out of cheese</exception>", "Out of cheese"),
    ],
)
def test_what_is_no_votable_is_quoted(data, words):
    with pytest.raises(ServiceError) as raised:
        read(data.encode())
    assert raised.value.message == f"The service's answer is no VOTable. It says: {words}"


def test_a_long_page_is_quoted_in_part():
    with pytest.raises(ServiceError) as raised:
        read(b"<html><body>" + b"word " * 100_000)
    assert len(raised.value.message) < 400
    assert raised.value.message.endswith("…")


@pytest.mark.parametrize("data", [b"", b" \n\t "])
def test_an_empty_answer_is_called_empty(data):
    with pytest.raises(ServiceError, match="empty answer"):
        read(data)


def test_bytes_without_words_are_no_votable():
    with pytest.raises(ServiceError, match="no VOTable"):
        read(bytes(range(256)))


def test_a_document_without_a_table_says_so():
    with pytest.raises(ServiceError, match="holds no table"):
        read(b'<VOTABLE><RESOURCE type="results"/></VOTABLE>')


def test_text_after_the_document_is_an_error():
    with pytest.raises(ServiceError, match="well-formed"):
        rows_of(read(tabledata(INT_AND_TEXT, rows("1x")) + b"Fatal error in line 3"))
