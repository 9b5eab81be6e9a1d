"""Streams: slow ones, gzipped ones, in any encoding."""

import gzip
import io
import random

import pytest

from portal.problems import ServiceError
from portal.tables import ResultTable
from portal.tables import TableEnd
from portal.tables.votable.source import FIRST_PIECE
from portal.tables.votable.source import LARGEST_PIECE
from portal.tables.votable.source import Source
from tests.tables.documents import INT_AND_TEXT
from tests.tables.documents import read
from tests.tables.documents import rows
from tests.tables.documents import rows_of
from tests.tables.documents import tabledata

DOCUMENT = tabledata(INT_AND_TEXT, rows("1x", "2y"))
MANY_ROWS = tabledata(INT_AND_TEXT, rows("1x") * 200_000)


class Counting:
    """A stream with nothing but `read`, that knows how much of it was read."""

    def __init__(self, data):
        self._stream = io.BytesIO(data)
        self.taken = 0

    def read(self, size):
        data = self._stream.read(size)
        self.taken += len(data)
        return data


class Dribbling(Counting):
    """A stream that never has more than a few bytes at a time."""

    def __init__(self, data, seed):
        super().__init__(data)
        self._random = random.Random(seed)

    def read1(self, size):
        return self.read(min(size, self._random.randint(1, 5000)))


def test_the_first_rows_come_before_the_rest_is_read():
    stream = Counting(MANY_ROWS)
    batches = iter(ResultTable.from_votable(stream).batches)
    assert next(batches).num_rows > 1000
    assert stream.taken <= FIRST_PIECE + 1000 < len(MANY_ROWS)


def test_later_batches_are_larger():
    *batches, end = read(MANY_ROWS).batches
    sizes = [batch.num_rows for batch in batches]
    assert sizes[1] > 1.9 * sizes[0]
    assert sum(sizes) == 200_000
    assert isinstance(end, TableEnd)


def test_pieces_grow_up_to_a_limit():
    source = Source(io.BytesIO(bytes(4 * LARGEST_PIECE)))
    sizes = [len(source.piece()) for _ in range(9)]
    assert sizes[0] == FIRST_PIECE
    assert max(sizes) == LARGEST_PIECE


@pytest.mark.slow
def test_a_stream_that_dribbles_is_read():
    table = ResultTable.from_votable(Dribbling(MANY_ROWS, seed=1))
    assert len(rows_of(table)) == 200_000


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(DOCUMENT),
        gzip.compress(DOCUMENT[:50]) + gzip.compress(DOCUMENT[50:]),
        gzip.compress(DOCUMENT) + bytes(7),
    ],
    ids=["one member", "two members", "padding behind"],
)
def test_gzip_is_unpacked(packed):
    assert rows_of(read(packed)) == [(1, "x"), (2, "y")]


@pytest.mark.slow
def test_a_gzipped_stream_may_dribble():
    assert len(rows_of(ResultTable.from_votable(Dribbling(gzip.compress(MANY_ROWS), seed=2)))) == (
        200_000
    )


def test_damaged_gzip_is_an_error():
    packed = bytearray(gzip.compress(MANY_ROWS))
    packed[10:20] = b"\xff" * 10
    with pytest.raises(ServiceError, match="damaged"):
        rows_of(read(bytes(packed)))


def declared(name):
    return f'<?xml version="1.0" encoding="{name}"?>\n'


TEXT = tabledata(INT_AND_TEXT, rows(["1", "Ångström"])).decode()


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        (declared("UTF-8") + TEXT).encode(),
        (declared("utf-16") + TEXT).encode(),  # as some services declare what is UTF-8
        b"\xef\xbb\xbf" + (declared("utf-8") + TEXT).encode(),
        (declared("ISO-8859-1") + TEXT).encode("latin-1"),
        (declared("windows-1252") + TEXT).encode("cp1252"),
        (declared("UTF-16") + TEXT).encode("utf-16"),
        ("\n\n" + declared("UTF-8") + TEXT).encode(),
        (declared("UTF-8") + "<?xml-stylesheet href='x.xsl'?>" + TEXT).encode(),
    ],
)
def test_the_encoding_of_a_document_is_heeded(data):
    assert rows_of(read(data)) == [(1, "Ångström")]


def test_bytes_that_are_not_in_the_declared_encoding_are_an_error():
    with pytest.raises(ServiceError):
        rows_of(read((declared("UTF-8") + TEXT).encode("latin-1")))
    with pytest.raises(ServiceError, match="encoding it names"):
        rows_of(read((declared("UTF-16") + TEXT).encode("utf-16") + b"\xd8"))
