"""A basket as a table, for queries and other programs: one row for each item, as in ObsCore."""

import io

from portal.basket.contents import list_items
from portal.basket.reach import Visitor
from portal.plugins.votable import write_votable
from portal.tables import Column
from portal.tables import ResultTable

MOST_ITEMS = 100_000
MEDIA_TYPE = "application/x-votable+xml"
COLUMNS = (
    Column(name="title", arraysize="*", ucd="meta.title"),
    Column(name="publisher_did", arraysize="*", ucd="meta.ref.ivoid"),
    Column(name="obs_id", arraysize="*", ucd="meta.id"),
    Column(name="obs_collection", arraysize="*", ucd="meta.id"),
    Column(name="dataproduct_type", arraysize="*", ucd="meta.code.class"),
    Column(name="target_name", arraysize="*", ucd="meta.id;src"),
    Column(name="s_ra", datatype="double", unit="deg", ucd="pos.eq.ra;meta.main"),
    Column(name="s_dec", datatype="double", unit="deg", ucd="pos.eq.dec;meta.main"),
    Column(name="access_url", arraysize="*", ucd="meta.ref.url"),
    Column(name="access_format", arraysize="*", ucd="meta.code.mime"),
    Column(name="access_estsize", datatype="long", unit="kbyte", ucd="phys.size;meta.file"),
)


def basket_votable(ref: str, visitor: Visitor) -> bytes | None:
    """Return a basket as a VOTable; None when it is empty, or the visitor does not reach it."""
    items = list_items(ref, visitor, limit=MOST_ITEMS)
    if not items:
        return None
    rows = [[getattr(item, column.name) for column in COLUMNS] for item in items]
    written = io.BytesIO()
    for data in write_votable(lambda: ResultTable.from_rows(COLUMNS, rows)):
        written.write(data)
    return written.getvalue()
