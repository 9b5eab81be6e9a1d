"""VOTable documents to read, and what came out of them."""

import base64
import io

from portal.tables import ResultTable
from portal.tables import TableEnd
from portal.tables.votable.reader import read_pieces

OPENING = (
    '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">'
    '<RESOURCE type="results"><INFO name="QUERY_STATUS" value="OK"/><TABLE>'
)
CLOSING = "</TABLE></RESOURCE></VOTABLE>"
INT_AND_TEXT = '<FIELD name="n" datatype="int"/><FIELD name="s" datatype="char" arraysize="*"/>'


def document(fields, data="", closing=CLOSING):
    """A document with one result table."""
    return f"{OPENING}{fields}{data}{closing}".encode()


def tabledata(fields, rows, closing=CLOSING):
    """A document with rows of marked-up text."""
    return document(fields, f"<DATA><TABLEDATA>{rows}</TABLEDATA></DATA>", closing)


def binary(fields, data, serialisation="BINARY2", closing=CLOSING):
    """A document with packed rows."""
    text = base64.encodebytes(data).decode()
    stream = f'<{serialisation}><STREAM encoding="base64">{text}</STREAM></{serialisation}>'
    return document(fields, f"<DATA>{stream}</DATA>", closing)


def rows(*cells):
    """TABLEDATA's markup of rows, from sequences of cell texts."""
    return "".join(f"<TR>{''.join(f'<TD>{cell}</TD>' for cell in row)}</TR>" for row in cells)


def read(data):
    """The table of a document that arrives at once."""
    return ResultTable.from_votable(io.BytesIO(data))


def rows_of(table):
    """All rows as tuples; fails when the table has no end."""
    *batches, end = table.batches
    assert isinstance(end, TableEnd)
    return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]


def end_of(table):
    """The end of a table, after its rows."""
    *_, end = table.batches
    assert isinstance(end, TableEnd)
    return end


class Pieces:
    """A document in pieces of the same size."""

    def __init__(self, data, size):
        self._stream = io.BytesIO(data)
        self._size = size

    def piece(self):
        return self._stream.read(self._size)


def read_in_pieces(data, size):
    """The table of a document that arrives in pieces of `size` bytes."""
    columns, batches, header = read_pieces(Pieces(data, size))
    return ResultTable(columns=columns, batches=batches, header=header)
