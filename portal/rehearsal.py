"""What almost every job does, done once in the process that jobs are forked from.

Libraries load much of themselves when they are first used: units, certificates, random
numbers. A job would do that again each time, because it ends with its process.
"""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import certifi

from portal.plugins.http.guard import tls_context
from portal.results.keys import ResultKey
from portal.results.opened import OpenResult
from portal.results.store import ResultStore
from portal.tables import ResultTable
from portal.tables import TableEnd
from portal.tables.merging import merge_tables
from portal.tables.merging import NamedTable

NOBODY = "0" * 32
MOST = 1_000_000
DOCUMENT = b"""<?xml version="1.0"?>
<VOTABLE version="1.3" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE type="results">
<INFO name="QUERY_STATUS" value="OK"/><TABLE>
<FIELD name="name" datatype="char" arraysize="*"/>
<FIELD name="ra" datatype="double" unit="deg" ucd="pos.eq.ra;meta.main"/>
<FIELD name="flux" datatype="float" unit="mW.m-2"/>
<FIELD name="count" datatype="int"/>
<DATA><TABLEDATA>
<TR><TD>a star</TD><TD>12.5</TD><TD>0.5</TD><TD>3</TD></TR>
<TR><TD>another</TD><TD>13.5</TD><TD/><TD>4</TD></TR>
</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>
"""


def rehearse_work() -> None:
    """Read a small VOTable, store it, and put it together with itself, away from everything."""
    import pyvo.dal  # noqa: F401 - with which plugins talk to services

    tls_context(certifi.where())
    with TemporaryDirectory() as folder:
        store = ResultStore(Path(folder))
        asked = _store(store, "asked", ResultTable.from_votable(BytesIO(DOCUMENT)))
        parts = [NamedTable(mark=mark, leading=(), table=_again(asked)) for mark in "ab"]
        _store(store, "merged", merge_tables((), parts, maxrec=MOST))


def _store(store: ResultStore, name: str, table: ResultTable) -> OpenResult:
    key = ResultKey(job_id=NOBODY, token=NOBODY, name=name)
    store.write(key, table, maxrec=MOST, max_bytes=MOST)
    return store.open(key)


def _again(opened: OpenResult) -> ResultTable:
    return ResultTable(
        columns=opened.columns, batches=iter([*opened.batches(), TableEnd(overflow=False)])
    )
