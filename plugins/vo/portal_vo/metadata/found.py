"""What a form is told about the service whose address it has."""

from collections.abc import Iterator
from collections.abc import Mapping
from datetime import datetime

from portal.plugins import Example
from portal.plugins import QueryLink
from portal.plugins import ServiceFact
from portal.plugins import ServiceMetadata
from portal_vo.addresses import base_url
from portal_vo.metadata.job import QUERY_ID
from portal_vo.metadata.job import TABLE
from portal_vo.metadata.store import MetadataStore
from portal_vo.metadata.tables import StoredTables

UPLOADS = "Uploads"
INLINE = "inline"
SEND = "Choose a file or an earlier result as the table to send along."
ECHO = "SELECT TOP 1000 *\nFROM TAP_UPLOAD.mytable"
OBSERVATIONS = """\
SELECT TOP 1000 m.*, o.obs_publisher_did, o.obs_collection, o.dataproduct_type, o.access_url
FROM TAP_UPLOAD.mytable AS m
JOIN ivoa.obscore AS o
  ON 1 = CONTAINS(POINT('ICRS', o.s_ra, o.s_dec), CIRCLE('ICRS', m.ra, m.dec, 0.1))"""
SCHEMES = ("http://", "https://")
LONGEST_URL = 2_000


def find_metadata(store: MetadataStore, values: Mapping[str, str]) -> ServiceMetadata | None:
    """Return what is known of the service at the address among a form's values."""
    url = next((given for name, given in values.items() if name.casefold() == "access_url"), "")
    url = url.strip()
    if not url.lower().startswith(SCHEMES) or len(url) > LONGEST_URL or "@" in url:
        return None
    try:
        base = base_url(url)
    except ValueError:
        return None
    reader = QueryLink(query_id=QUERY_ID, parameters={"access_url": base})
    tables = store.find(base)
    if tables is None:
        return ServiceMetadata(tables=None, reader=reader)
    return ServiceMetadata(
        tables=tables,
        read_time=datetime.fromisoformat(tables.about("read_time")),
        reader=reader,
        table_parameter=TABLE,
        facts=_facts(tables, base),
        examples=_examples(tables, url),
    )


def _facts(tables: StoredTables, base: str) -> list[ServiceFact]:
    address = ServiceFact(group="Service", name="Address", value=base)
    found = [
        ServiceFact(group=group, name=name, value=value) for group, name, value in tables.facts()
    ]
    return [address, *found]


def _examples(tables: StoredTables, url: str) -> list[Example]:
    own = [
        Example(
            title=title, parameters={"access_url": url, "query": query}, description=description
        )
        for title, query, description in tables.examples()
    ]
    return [*own, *_upload_examples(tables, url)]


def _upload_examples(tables: StoredTables, url: str) -> Iterator[Example]:
    """Yield queries that take a table along, for a service that says that it takes one."""
    if not any(group == UPLOADS and INLINE in value for group, _, value in tables.facts()):
        return
    queries = [("With a table of yours: its rows again", ECHO)]
    if tables.find_table("ivoa.obscore") is not None:
        queries.append(("With a table of yours: observations of its positions", OBSERVATIONS))
    for title, query in queries:
        asked = {"access_url": url, "query": query, "upload_name": "mytable"}
        yield Example(title=title, parameters=asked, description=SEND)
