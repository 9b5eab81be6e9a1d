"""Documents that want to harm the reader: refused, quickly, in little memory, without a request."""

import base64
import gzip
import http.server
import io
import subprocess
import sys
import threading
import time

import pytest
from astropy.io.votable import parse

from portal.problems import ServiceError
from tests.tables.documents import CLOSING
from tests.tables.documents import document
from tests.tables.documents import INT_AND_TEXT
from tests.tables.documents import read
from tests.tables.documents import rows
from tests.tables.documents import rows_of
from tests.tables.documents import tabledata

VOTABLE = tabledata(INT_AND_TEXT, rows(["1", "&x;"])).decode()
LAUGHS = '<!ENTITY x0 "ha">' + "".join(
    f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 10)
)
LOUD = "A" * 100_000


def stream(href, serialisation="BINARY"):
    data = f'<DATA><{serialisation}><STREAM href="{href}"/></{serialisation}></DATA>'
    return document('<FIELD name="u" datatype="unsignedByte"/>', data).decode()


HARMLESS = VOTABLE.replace("&x;", "")
DOCUMENTS = {
    "billion laughs": f"<!DOCTYPE V [{LAUGHS}]>{VOTABLE.replace('&x;', '&x9;')}",
    "quadratic": f'<!DOCTYPE V [<!ENTITY x "{LOUD}">]>{VOTABLE.replace("&x;", "&x;" * 10_000)}',
    "external entity": f'<!DOCTYPE V [<!ENTITY x SYSTEM "file:///etc/hostname">]>{VOTABLE}',
    "external DTD": f'<!DOCTYPE VOTABLE SYSTEM "http://127.0.0.1:9/evil.dtd">{VOTABLE}',
    "parameter entity": f'<!DOCTYPE V [<!ENTITY % p SYSTEM "file:///etc/hostname">%p;]>{VOTABLE}',
    "undeclared entity": VOTABLE,
    "file stream": stream("file:///etc/hostname"),
    "prefixed stream": stream("file:///etc/hostname").replace("STREAM href", "STREAM x:href"),
    "FITS stream": stream("file:///etc/hostname", "FITS"),
    "Parquet stream": stream("file:///etc/hostname", "PARQUET"),
    "row count": HARMLESS.replace("<TABLE>", '<TABLE nrows="2000000000">'),
    "endless row count": HARMLESS.replace("<TABLE>", f'<TABLE nrows="{"9" * 5000}">'),
    "nesting": "<VOTABLE>" + "<RESOURCE>" * 100_000,
    "nesting after the rows": HARMLESS.replace(CLOSING, "</TABLE>" + "<RESOURCE>" * 100),
    "stream after the rows": HARMLESS.replace(CLOSING, stream("file:///x").split("<DATA>")[1]),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_hostile_document_is_refused_at_once(name):
    began = time.process_time()
    with pytest.raises(ServiceError):
        rows_of(read(DOCUMENTS[name].encode()))
    assert time.process_time() - began < 1


@pytest.fixture
def loopback():
    """A server on this machine that counts its visitors."""
    visits = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            visits.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/key", visits
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("serialisation", ["BINARY", "BINARY2", "FITS", "PARQUET"])
def test_a_stream_on_this_machine_is_not_asked_for(loopback, serialisation):
    url, visits = loopback
    with pytest.raises(ServiceError, match=r"elsewhere|cannot be read"):
        read(stream(url, serialisation).encode())
    assert visits == []


def test_even_astropy_itself_can_no_longer_open_a_stream(loopback):
    url, visits = loopback
    read(tabledata(INT_AND_TEXT, rows("1x")))
    with pytest.raises(ServiceError, match="elsewhere"):
        parse(io.BytesIO(stream(url).encode()))
    assert visits == []


SCRIPT = """
import io, re, sys
from pathlib import Path
from portal.problems import ServiceError
from portal.tables import ResultTable
import portal.tables.votable.reader

def megabytes(name):
    return int(re.search(name + r":\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024

data = sys.stdin.buffer.read()
before = megabytes("VmRSS")
try:
    for batch in ResultTable.from_votable(io.BytesIO(data)).batches:
        pass
except ServiceError as error:
    print(error.message, file=sys.stderr)
print(megabytes("VmHWM") - before)
"""


def megabytes_for(data):
    """The memory that reading a document takes, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], input=data, capture_output=True, check=True, timeout=100
    )
    return int(done.stdout)


ROW = b"<TR><TD>1</TD><TD>x</TD></TR>"
PACKED_ROW = base64.b64encode(b"\0" + b"\0\0\0\1" + b"\0\0\0\3xyz")
TABLEDATA = document(INT_AND_TEXT, "<DATA><TABLEDATA>", "")
BINARY2 = document(INT_AND_TEXT, '<DATA><BINARY2><STREAM encoding="base64">', "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("opening", "part"),
    [
        (TABLEDATA, ROW * 3000),
        (TABLEDATA, b"<!-- -->" + ROW * 30 + b"x" * 60_000),
        (BINARY2, PACKED_ROW * 6000),
        (b"<VOTABLE><INFO name='", b"x" * 100_000),
        (b"<VOTABLE><RESOURCE><DESCRIPTION>", b"x" * 100_000),
    ],
    ids=["rows", "odd rows", "packed rows", "attribute", "text"],
)
def test_what_unpacks_to_forty_megabytes_is_never_held_whole(opening, part):
    bomb = gzip.compress(opening) + gzip.compress(part) * 400
    assert len(bomb) < 3_000_000
    assert megabytes_for(bomb) < 100
