"""A table that goes along with a query: as the standard says, and only where it may."""

import re

import pytest
from astropy.table import Table

from portal.plugins import Column
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal.plugins import UsageError
from portal.plugins import write_votable
from portal.tables.writers import FORMATS
from portal_vo.tap import TapParameters
from portal_vo.tap import TapQuery
from portal_vo.uploads import as_votable
from portal_vo.uploads import CHUNK
from portal_vo.uploads import TableUpload
from tests.support.tap_metadata import CAPABILITIES

REFERENCE = "upload:" + "0" * 32
QUERY = "SELECT * FROM TAP_UPLOAD.mine"
COLUMNS = (Column(name="ra", datatype="double", unit="deg"), Column(name="name", arraysize="*"))
ROWS = [(1.5, "Ä & <b>"), (2.25, None)]
METHOD = '<uploadMethod ivo-id="ivo://ivoa.net/std/TAPRegExt#upload-inline"/>'


def table():
    return ResultTable.from_rows(COLUMNS, ROWS)


@pytest.fixture
def votable(tmp_path):
    path = tmp_path / "sent.vot"
    path.write_bytes(b"".join(write_votable(table)))
    return path


def rows_of(path):
    with path.open("rb") as opened:
        read = ResultTable.from_votable(opened)
        return [
            tuple(row.values()) for batch in list(read.batches)[:-1] for row in batch.to_pylist()
        ]


def ask(tap, job, path, mode="synchronous"):
    job.uploads = {"upload_table": path}
    parameters = TapParameters(
        access_url=tap.url, query=QUERY, mode=mode, upload_table=REFERENCE, upload_name="mine"
    )
    return TapQuery().run(parameters, job.context())


@pytest.mark.parametrize(
    ("mode", "path"), [("synchronous", "/tap/sync"), ("automatic", "/tap/async")]
)
def test_the_table_is_a_part_of_the_form_that_upload_names(tap, job, votable, mode, path):
    document = CAPABILITIES.format(upload_limit=10**9)
    tap.server.routes["/tap/capabilities"] = lambda exchange: exchange.answer(document)
    ask(tap, job, votable, mode)
    sent = next(one for one in tap.server.requests if one.path == path and one.method == "POST")
    boundary = sent.headers["content-type"].partition("boundary=")[2]
    assert sent.headers["content-length"] == str(len(sent.body))
    parts = sent.body.split(f"--{boundary}".encode())
    fields = {}
    for part in parts[1:-1]:
        head, _, body = part.strip(b"\r\n").partition(b"\r\n\r\n")
        fields[re.search(rb'name="([^"]+)"', head)[1].decode()] = body
    assert fields["UPLOAD"] == b"mine,param:mine"
    assert fields["QUERY"] == QUERY.encode()
    assert fields["mine"] == votable.read_bytes().strip(b"\r\n")
    assert parts[-1] == b"--\r\n"


def test_the_body_is_read_in_pieces_of_the_file(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(b"x" * (3 * CHUNK))
    body = TableUpload(name="t", path=path).body({"QUERY": "é"})
    pieces = list(body)
    body.close()
    assert max(map(len, pieces)) <= CHUNK
    assert sum(map(len, pieces)) == len(body)


@pytest.mark.parametrize("form", ["votable", "parquet", "fits", "ecsv", "csv"])
def test_every_format_arrives_as_a_votable(tmp_path, form):
    path = tmp_path / "given"
    batches = list(table().batches)[:-1]
    path.write_bytes(b"".join(FORMATS[form].write(COLUMNS, lambda: iter(batches))))
    made = as_votable(path, tmp_path)
    assert (made == path) is (form == "votable")
    assert rows_of(made)[0] == ROWS[0]
    assert rows_of(made)[1][0] == ROWS[1][0]


def test_a_fits_file_of_astropys_is_read(tmp_path):
    path = tmp_path / "t.fits"
    Table({"a": [1, 2]}).write(path)
    assert rows_of(as_votable(path, tmp_path)) == [(1,), (2,)]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><body>Hello</body></html>",
        b"\x89PNG\r\n\x1a\n\0\0",
        b"SIMPLE  =                    T",
        b"# %ECSV 1.0\n# ---\n# rubbish: [",
    ],
)
def test_what_is_no_table_is_refused(tmp_path, content):
    path = tmp_path / "given"
    path.write_bytes(content)
    with pytest.raises((UsageError, ServiceError)):
        as_votable(path, tmp_path)


def test_parquet_that_is_damaged_is_refused(tmp_path):
    path = tmp_path / "given"
    path.write_bytes(b"PAR1 rubbish PAR1")
    with pytest.raises((UsageError, ServiceError)):
        as_votable(path, tmp_path)


def test_a_service_that_takes_no_tables_is_not_sent_one(tap, job, votable):
    document = CAPABILITIES.format(upload_limit=10**9).replace(METHOD, "")
    tap.server.routes["/tap/capabilities"] = lambda exchange: exchange.answer(document)
    with pytest.raises(UsageError, match="takes no tables"):
        ask(tap, job, votable)
    assert "POST /tap/sync" not in tap.asked()


def test_a_table_that_is_too_large_for_the_service_is_not_sent(tap, job, votable):
    document = CAPABILITIES.format(upload_limit=100)
    tap.server.routes["/tap/capabilities"] = lambda exchange: exchange.answer(document)
    with pytest.raises(UsageError, match="takes at most 100"):
        ask(tap, job, votable)
    assert "POST /tap/sync" not in tap.asked()


def test_capabilities_that_say_nothing_forbid_nothing(tap, job, votable, read):
    tap.server.routes["/tap/capabilities"] = lambda exchange: exchange.answer("?", status=500)
    assert len(read(ask(tap, job, votable))[0]) == 3


@pytest.mark.parametrize("name", ["a b", "1a", "a;b", 'a"', "a,param:x", "ä"])
def test_the_name_of_the_table_is_one_that_a_query_can_write(name):
    with pytest.raises(ValueError, match="upload_name"):
        TapParameters(access_url="http://x/tap", query="SELECT 1", upload_name=name)
