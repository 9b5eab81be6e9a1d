"""What is offered for a row that leads to data, by its media type and nothing else."""

import pytest

from portal.plugins import Column
from portal.plugins import ExternalLink
from portal.plugins import QueryLink
from portal_vo.datalink import document
from portal_vo.datalink.actions import ROW_ACTIONS
from portal_vo.registry import COLUMNS as SERVICES
from tests.support.datalink_service import links
from tests.support.datalink_service import soda

OBSCORE = tuple(
    Column(name=name, arraysize="*")
    for name in ("obs_publisher_did", "dataproduct_type", "access_url", "access_format", "preview")
)
SIA1 = (
    Column(name="url", arraysize="*", ucd="VOX:Image_AccessReference"),
    Column(name="kind", arraysize="*", ucd="VOX:Image_Format"),
)
SSA = (
    Column(name="accref", arraysize="*", utype="ssa:Access.Reference"),
    Column(name="mime", arraysize="*", utype="ssa:Access.Format"),
)
URL = "http://a.example/data?ID=1"


def ways(columns, row, header=None):
    """Return what is offered for a row: titles and links."""
    found = {}
    for kind in ROW_ACTIONS:
        bound = kind().bind(columns, lambda: header)
        if bound is not None and (link := bound.link(row)) is not None:
            found[bound.title] = link
    return found


def obscore(media_type, **values):
    return {"access_url": URL, "access_format": media_type, "preview": None,
            "dataproduct_type": "image", **values}  # fmt: skip


@pytest.mark.parametrize(
    ("media_type", "title", "query"),
    [
        ("application/x-votable+xml;content=datalink", "What belongs to it", "query.datalink"),
        ('application/x-votable+xml; content="datalink"', "What belongs to it", "query.datalink"),
        ("image/fits", "Preview", "query.preview"),
        ("application/fits", "Preview", "query.preview"),
        ("application/x-votable+xml", "Open as a result", "query.open-table"),
        ("application/x-votable+xml;serialization=BINARY2", "Open as a result", "query.open-table"),
        ("text/csv; header=present", "Open as a result", "query.open-table"),
    ],
)
def test_the_media_type_decides_what_is_offered(media_type, title, query):
    expected = {title: QueryLink(query_id=query, parameters={"access_url": URL})}

    assert ways(OBSCORE, obscore(media_type)) == expected


@pytest.mark.parametrize(
    "media_type",
    ["", "text/html", "image/jpeg", "application/pdf", "application/x-tar", "video/mp4", "x"],
)
def test_everything_else_can_only_be_downloaded(media_type):
    assert ways(OBSCORE, obscore(media_type)) == {}


def test_a_spectrum_in_fits_is_a_table():
    row = obscore("application/fits", dataproduct_type="spectrum")

    assert list(ways(OBSCORE, row)) == ["Open as a result"]


def test_columns_may_be_known_by_ucd_or_utype():
    assert list(ways(SIA1, {"url": URL, "kind": "image/fits"})) == ["Preview"]
    assert list(ways(SSA, {"accref": URL, "mime": "application/x-votable+xml"})) == [
        "Open as a result"
    ]


@pytest.mark.parametrize(
    "url", [None, "", "javascript:alert(1)", "file:///etc/passwd", "ftp://a/b"]
)
def test_an_address_that_is_none_leads_nowhere(url):
    assert ways(OBSCORE, obscore("image/fits", access_url=url, preview=url)) == {}


def test_the_preview_of_the_archive_is_a_link_out():
    row = obscore("image/fits", preview="https://a.example/p.png")

    assert ways(OBSCORE, row)["Preview by the archive"] == ExternalLink(
        url="https://a.example/p.png"
    )


def test_services_and_documents_of_links_have_their_own_ways():
    assert ways(SERVICES, {"access_url": URL}) == {}
    assert ways(document.COLUMNS, {"access_url": URL, "content_type": "image/fits"}) == {}


def header(standard, **values):
    """Return the header of a table that describes a service for its rows."""
    described = soda("http://a.example/s", standard=standard, **values).replace(
        'arraysize="*" value="ivo://x/1"', 'arraysize="*" value="" ref="col_ID"'
    )
    return links(after=described)


TABLE = (Column(name="ID", arraysize="*"), Column(name="mag", datatype="float"))


def test_a_table_may_describe_the_links_of_its_rows():
    found = ways(
        TABLE, {"ID": "ivo://x/9", "mag": 1.0}, header("ivo://ivoa.net/std/DataLink#links-1.1")
    )

    assert found == {
        "What belongs to it": QueryLink(
            query_id="query.datalink",
            parameters={"access_url": "http://a.example/s", "id": ["ivo://x/9"]},
        )
    }


def test_a_table_may_describe_what_cuts_its_rows():
    found = ways(TABLE, {"ID": "ivo://x/9", "mag": 1.0}, header("ivo://ivoa.net/std/SODA#sync-1.0"))

    assert found["Cut out"].query_id == "query.soda"
    assert found["Cut out"].parameters["id"] == "ivo://x/9"


def test_a_row_without_an_identifier_has_no_links():
    described = header("ivo://ivoa.net/std/DataLink#links-1.0")

    assert ways(TABLE, {"ID": None, "mag": 1.0}, described) == {}


@pytest.mark.parametrize("text", [None, "", "adhoc:service <", "x" * 3_000_000])
def test_a_strange_header_is_no_header(text):
    assert ways(TABLE, {"ID": "ivo://x/9", "mag": 1.0}, text) == {}


def test_ids_are_unique_and_titles_are_words():
    ids = [kind.id for kind in ROW_ACTIONS]

    assert len(set(ids)) == len(ids)
    assert all(kind.title for kind in ROW_ACTIONS)
