"""The pages about the tables of a service: which there are, one of them, what it can do."""

import re
from html import unescape
from types import SimpleNamespace
from urllib.parse import parse_qs
from urllib.parse import urlsplit

import pytest

import portal_vo
from portal.archives.tableview import PAGE_SIZE
from portal.plugins import Archive
from portal.plugins import hookimpl
from portal.plugins import Query
from portal.plugins import QueryParameters
from tests.support.instances import settings_in
from tests.support.loopback import loopback
from tests.support.tap_metadata import Column
from tests.support.tap_metadata import STARS
from tests.support.tap_metadata import Table
from tests.support.tap_metadata import TapMetadata
from tests.support.tap_service import refusal

pytestmark = pytest.mark.slow  # through engines and pages, not of one unit

PAGE = "/archives/vo/query.tap/tables"
HTMX = {"HX-Request": "true"}
HOSTILE = '<script>alert("x")</script>'


@pytest.fixture
def plugins():
    return [("vo", portal_vo)]


@pytest.fixture
def settings(tmp_path):
    return settings_in(tmp_path, remote_allow=("127.0.0.1",))


@pytest.fixture
def service():
    with loopback() as server:
        yield TapMetadata(server)


@pytest.fixture
def browse(client, service, work):
    """Ways to look at the pages about the service."""

    def look(*, headers=None, status=200, **asked):
        query = {"access_url": service.url, **asked}
        response = client.get(PAGE, query_string=query, headers=headers)
        assert response.status_code == status
        return unescape(response.get_data(as_text=True))

    def read():
        response = client.post(PAGE, query_string={"access_url": service.url})
        assert response.status_code == 303
        work()
        return response.location

    return SimpleNamespace(look=look, read=read)


def links(page):
    return re.findall(r'href="([^"]+)"', page)


def form_of(link):
    return {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}


def query_links(page):
    return [
        form_of(one).get("query")
        for one in links(page)
        if one.startswith("/archives/vo/query.tap?")
    ]


def test_a_service_that_was_never_read_says_so_and_can_be_read(browse):
    page = browse.look()
    assert "Its tables are not known yet" in page
    assert "<button>Read the tables</button>" in page
    assert 'hx-trigger="load, submit"' in page  # with scripts it begins by itself


def test_reading_is_a_job_that_the_page_follows_to_its_end(client, browse, service, work):
    response = client.post(PAGE, query_string={"access_url": service.url})
    page = client.get(response.location).get_data(as_text=True)
    assert "The service is being read" in page
    assert 'hx-trigger="every 1s"' in page
    assert '<noscript><meta http-equiv="refresh"' in page

    work()
    after = client.get(response.location, headers=HTMX).get_data(as_text=True)
    assert after.startswith('<div id="tables">')
    assert "cat.stars" in after
    assert "every 1s" not in after
    assert 'hx-trigger="load' not in after


def test_a_failed_reading_says_why_in_the_services_words(client, browse, service):
    service.send("tables", "gone fishing", status=500)
    service.send("sync", refusal("TAP_SCHEMA is on holiday"))
    location = browse.read()
    page = unescape(client.get(location).get_data(as_text=True))
    assert "TAP_SCHEMA is on holiday" in page
    assert "<button>Try again</button>" in page
    assert 'hx-trigger="load' not in page  # or it would try for ever


def test_what_was_known_stays_when_reading_again_fails(client, browse, service):
    browse.read()
    service.send("tables", "gone", status=500)
    service.send("sync", refusal("away"))
    page = client.get(browse.read()).get_data(as_text=True)
    assert "away" in page
    assert "cat.stars" in page


def test_tables_are_listed_by_schema_with_a_query_for_each(browse):
    browse.read()
    page = browse.look()
    assert "Read just now" in re.sub(r"<[^>]+>", "", page)
    assert "2 tables" in page
    assert "Stars & their brightness" in page
    assert "12 rows" in page
    assert "SELECT TOP 1000 *\nFROM cat.stars" in query_links(page)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "spectra"}, {"cat.spectra"}),
        ({"q": "brightness"}, {"cat.stars"}),
        ({"q": "brightness", "in": "name"}, set()),
        ({"q": "mag flux"}, set()),
        ({"q": "mag flux", "any": "1"}, {"cat.stars", "cat.spectra"}),
        ({"schema": "cat"}, {"cat.stars", "cat.spectra"}),
        ({"schema": "dog"}, set()),
        ({"page": "999"}, {"cat.stars", "cat.spectra"}),
        ({"page": "x", "in": "nonsense", "tab": "nonsense"}, {"cat.stars", "cat.spectra"}),
        ({"q": "'\"%_ AND ("}, set()),
    ],
)
def test_tables_are_found_by_words_and_schema(browse, asked, found):
    browse.read()
    page = browse.look(**asked)
    assert set(re.findall(r"<code>(cat\.\w+)</code></a>", page)) == found


def test_typing_gets_a_fragment(browse):
    browse.read()
    fragment = browse.look(q="spectra", headers=HTMX)
    assert fragment.startswith('<div id="tables">')
    assert "<html" not in fragment


def test_long_lists_have_pages_that_keep_what_is_asked(browse, service):
    service.tables = [Table(f"cat.t{i:03}") for i in range(PAGE_SIZE * 2 + 1)]
    browse.read()
    page = browse.look(q="t", page="2")
    assert f"{PAGE_SIZE + 1}–{PAGE_SIZE * 2} of {PAGE_SIZE * 2 + 1}" in page
    following = next(one for one in links(page) if form_of(one).get("page") == "3")
    assert form_of(following)["q"] == "t"


def test_a_table_has_its_columns_and_keys(browse, service):
    browse.read()
    page = browse.look(table="CAT.SPECTRA")
    assert "<h1>cat.spectra</h1>" in page
    assert "<code>star</code> = <code>Id</code>" in page
    page = browse.look(table="cat.stars")
    for text in ("phot.mag", "Brightness in the band V", "deg", "principal", "yes"):
        assert text in page


@pytest.mark.parametrize(
    ("sort", "first"),
    [("", "Id"), ("name", "dec"), ("-name", "ra"), ("unit", "ra"), ("indexed", "Id"), ("x", "Id")],
)
def test_columns_can_be_sorted(browse, sort, first):
    browse.read()
    page = browse.look(table="cat.stars", sort=sort)
    assert re.findall(r'<th scope="row"><code>(\w+)', page)[0] == first


def test_ticked_columns_become_a_query(client, browse, service):
    service.tables = [Table("cat.odd", columns=(Column("B-V"), Column("ra"), Column('"Ra"')))]
    browse.read()
    asked = {"access_url": service.url, "table": "cat.odd", "column": ["ra", "B-V", "Ra", "no"]}
    response = client.get(f"{PAGE}/select", query_string=asked)
    assert response.status_code == 303
    assert form_of(response.location) == {
        "access_url": service.url,
        "query": 'SELECT TOP 1000 ra, "B-V", "Ra"\nFROM cat.odd',
    }
    assert client.get(response.location).status_code == 200


def test_no_ticked_column_means_all(client, browse, service):
    browse.read()
    asked = {"access_url": service.url, "table": "cat.stars"}
    location = client.get(f"{PAGE}/select", query_string=asked).location
    assert form_of(location)["query"] == "SELECT TOP 1000 *\nFROM cat.stars"


def test_a_table_that_is_not_there_is_a_404_page(client, browse, service):
    browse.read()
    browse.look(table="cat.dogs", status=404)
    asked = {"access_url": service.url, "table": "cat.dogs"}
    assert client.get(f"{PAGE}/select", query_string=asked).status_code == 404


def test_what_the_service_can_do_is_told(browse):
    browse.read()
    page = browse.look(tab="service")
    for text in ("2.0, 2.1", "1,000,000 rows", "ivo_healpix_index(", "ObsCore-1.1"):
        assert text in page


@pytest.mark.slow
def test_queries_to_start_from_fill_in_the_form(client, browse, service):
    service.tables = [STARS, *(Table(name) for name in ("ivoa.ObsCore", "tap_schema.tables"))]
    browse.read()
    page = browse.look(tab="examples")
    assert "Near M87" in page
    queries = query_links(page)
    assert any("CONTAINS(POINT('ICRS', ra, dec)" in one for one in queries if one)
    assert any("FROM ivoa.obscore" in one for one in queries if one)
    assert not any("rr.resource" in one for one in queries if one)
    for link in links(page):
        if "query=" in link:
            assert client.get(link).status_code == 200


def test_every_proposed_query_is_adql(browse, service):
    from portal.adql import parse

    names = ("ivoa.obscore", "tap_schema.tables", "rr.resource")
    service.tables = [STARS, *(Table(name) for name in names)]
    browse.read()
    queries = [one for one in query_links(browse.look(tab="examples")) if one]
    assert len(queries) > 10
    for query in queries:
        parse(query)


def test_hints_are_adql(browse):
    from portal.adql import parse

    browse.read()
    page = browse.look(tab="hints")
    queries = re.findall(r"<code>(SELECT.*?)</code>", page, flags=re.DOTALL)
    assert len(queries) > 5
    for query in queries:
        parse(query)


def test_columns_of_a_very_large_service_are_read_when_somebody_looks(
    client, browse, service, work, monkeypatch
):
    monkeypatch.setattr("portal_vo.metadata.reading.MOST_WITH_COLUMNS", 1)
    browse.read()
    page = browse.look(table="cat.stars")
    assert "Its columns are not read yet" in page
    assert 'name="columns_of" value="cat.stars"' in page
    address = {"access_url": service.url, "table": "cat.stars"}
    response = client.post(PAGE, query_string=address, data={"columns_of": "cat.stars"})
    work()
    page = client.get(response.location).get_data(as_text=True)
    assert "Brightness in the band V" in page


def test_names_that_are_markup_stay_text(client, browse, service):
    column = Column(HOSTILE, description=HOSTILE, unit="")
    service.tables = [Table(HOSTILE, schema=HOSTILE, description=HOSTILE, columns=(column,))]
    browse.read()
    for asked in ({}, {"table": f'"{HOSTILE.replace(chr(34), chr(34) * 2)}"'}, {"tab": "examples"}):
        response = client.get(PAGE, query_string={"access_url": service.url, **asked})
        assert response.status_code == 200
        assert HOSTILE not in response.get_data(as_text=True)


def test_a_form_without_a_service_leads_back_to_the_form(client):
    page = client.get(PAGE).get_data(as_text=True)
    assert "Which service?" in page
    assert client.post(PAGE).status_code == 404


def test_a_half_filled_form_leads_to_the_tables_of_its_service(client, service):
    assert "Tables and columns" in client.get("/archives/vo/query.tap").get_data(as_text=True)
    sent = {"access_url": service.url, "query": "SELECT", "csrf_token": "x", "request_key": "y"}
    response = client.post(f"{PAGE}/open", data=sent)
    assert response.status_code == 303
    assert form_of(response.location) == {"access_url": service.url}


@pytest.mark.parametrize("address", ["/archives/vo/query.registry/tables", "/archives/vo/x/tables"])
def test_a_query_that_is_not_in_adql_has_no_such_page(client, address):
    assert client.get(address).status_code == 404


def test_a_job_of_somebody_else_is_not_followed(app, client, browse, service):
    location = client.post(PAGE, query_string={"access_url": service.url}).location
    stranger = app.test_client()
    page = stranger.get(location).get_data(as_text=True)
    assert "being read" not in page
    assert "not known yet" in page


class TestBrokenPlugin:
    """A plugin that fails while the page is built."""

    @pytest.fixture
    def plugins(self):
        from portal.plugins import Adql
        from portal.plugins import parameter

        class Parameters(QueryParameters):
            text: Adql = parameter(title="Query")

        class Broken(Query):
            id = "query.broken"
            title = "Broken"
            Parameters = None

            def text(self, parameters):
                return parameters.text

            def metadata(self, values):
                raise RuntimeError("no idea")

            def run(self, parameters, context):
                raise NotImplementedError

        Broken.Parameters = Parameters

        def portal_register_archives():
            return [Archive(id="x", title="X", description="X", queries=(Broken(),))]

        return [
            (
                "x",
                SimpleNamespace(
                    __name__="x", portal_register_archives=hookimpl(portal_register_archives)
                ),
            )
        ]

    def test_it_hurts_this_page_only(self, client):
        response = client.get("/archives/x/query.broken/tables")
        assert response.status_code == 503
        assert "cannot be looked up" in response.get_data(as_text=True)
