"""What belongs to a dataset: documents of links, by hand, and the list that is made of them."""

import jinja2
import pytest

from portal.plugins import QueryLink
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal.plugins.testing import check_query
from portal_vo.datalink import document
from portal_vo.datalink.descriptors import inputs_from_json
from portal_vo.datalink.job import DatalinkParameters
from portal_vo.datalink.job import DatalinkQuery
from portal_vo.datalink.renderer import LinkList
from portal_vo.datalink.vocabulary import label_of
from tests.support.datalink_service import error
from tests.support.datalink_service import links
from tests.support.datalink_service import LinkService
from tests.support.datalink_service import soda


@pytest.fixture
def service(server):
    return LinkService(server)


@pytest.fixture
def follow(service, job, read):
    """Return a function that asks for the links, and gives them as dicts."""

    def follow(url=None, **parameters):
        asked = DatalinkParameters(access_url=url or service.url, **parameters)
        context = job.context()
        with context.http:
            return read(DatalinkQuery().run(asked, context))[0]

    return follow


@pytest.fixture
def shown():
    """Return a function that renders rows as the list of links."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("portal_vo"), autoescape=True, undefined=jinja2.StrictUndefined
    )

    def href(link):
        return f"/form/{link.query_id}" if isinstance(link, QueryLink) else link.url

    environment.filters["link_url"] = href

    def show(rows):
        variables = LinkList().context(document.COLUMNS, rows)
        return environment.get_template("links.html").render(**variables)

    return show


def test_the_query_keeps_the_contract():
    check_query(DatalinkQuery())


def test_every_link_is_a_row_with_its_service_beside_it(service, follow, server):
    service.everything()

    error, this, preview, cutout, *_ = follow()

    assert error["error_message"].startswith("NotFoundFault")
    assert error["access_url"] is None
    assert (this["semantics"], this["content_length"]) == ("#this", 2880)
    assert preview["access_url"] == f"{server.url}/p.png"
    assert cutout["service_url"] == f"{server.url}/cut"
    assert cutout["service_standard"] == "ivo://ivoa.net/std/SODA#sync-1.0"
    named = {one.name: one for one in inputs_from_json(cutout["service_parameters"])}
    assert named["ID"].value == "ivo://x/1"
    assert named["CIRCLE"].maximum == "180.0 40.0 0.5"
    assert (named["BAND"].minimum, named["BAND"].maximum) == ("0.2", "0.22")
    assert named["KIND"].options == ("HEADER", "DATA")


def test_identifiers_are_sent_as_they_are(service, follow):
    service.document = links()

    assert follow(id=["ivo://x/1?a=b", "ivo://x/2"]) == []
    assert service.last.query == "ID=ivo%3A%2F%2Fx%2F1%3Fa%3Db&ID=ivo%3A%2F%2Fx%2F2"


def test_an_address_that_names_its_dataset_is_asked_as_it_is(service, follow):
    service.document = links()

    follow(f"{service.url}?ID=ivo://x/~?1")

    assert service.last.query == "ID=ivo://x/~?1"


def test_relative_links_count_from_where_a_redirect_leads(service, follow, server):
    service.document = links({"access_url": "file.fits", "semantics": "#this"})
    server.routes["/there/links"] = server.routes["/links"]
    server.routes["/links"] = lambda exchange: exchange.head(302, Location="/there/links")

    [row] = follow()

    assert row["access_url"] == f"{server.url}/there/file.fits"


def test_an_input_may_take_its_value_from_a_column(service, follow):
    descriptor = soda("http://a.example/cut").replace(
        'name="ID" datatype="char" arraysize="*" value="ivo://x/1"',
        'name="ID" datatype="char" arraysize="*" ref="col_ID" value=""',
    )
    service.document = links(
        {"ID": "ivo://x/7", "service_def": "soda", "semantics": "#proc"}, after=descriptor
    )

    [row] = follow()

    named = {one.name: one.value for one in inputs_from_json(row["service_parameters"])}
    assert named["ID"] == "ivo://x/7"


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (400, "UsageError: ID is missing", UsageError, "ID is missing"),
        (404, "NotFoundFault", UsageError, "NotFoundFault"),
        (503, "come back later", TransientError, "come back later"),
        (200, error("it is broken"),
         ServiceError, "it is broken"),
        (200, "<html><body>Welcome</body></html>", ServiceError, "Welcome"),
        (200, "", ServiceError, "empty answer"),
        (200, links({"ID": "a"})[:-60], ServiceError, "middle|cut|ended"),
        (200, '<!DOCTYPE a [<!ENTITY b "c">]>' + links(), ServiceError, "DOCTYPE|no VOTable"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_said_in_the_words_of_the_service(
    server, follow, status, body, kind, words
):
    server.routes["/links"] = lambda exchange: exchange.answer(body, status=status)

    with pytest.raises(kind, match=words):
        follow()


def test_an_entity_that_grows_is_refused_before_anything_grows(server, follow):
    bomb = '<!DOCTYPE V [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    server.routes["/links"] = lambda exchange: exchange.answer(
        links(after="<INFO>&b;</INFO>").replace("?><VOTABLE", f"?>{bomb}<VOTABLE")
    )

    with pytest.raises(ServiceError, match="DOCTYPE"):
        follow()


def test_a_table_that_is_no_document_of_links_says_so(server, follow):
    content = links({"ID": "a"}).replace("semantics", "meaning")
    server.routes["/links"] = lambda exchange: exchange.answer(content)

    with pytest.raises(ServiceError, match="no document of links"):
        follow()


def test_an_endless_document_is_not_read_to_its_end(server, follow, job, monkeypatch):
    monkeypatch.setattr(document, "MOST_BYTES", 100_000)
    server.routes["/links"] = lambda exchange: exchange.answer(links({"ID": "x" * 200_000}))

    with pytest.raises(ServiceError, match="far too long"):
        follow()


def test_private_addresses_are_not_asked(follow, job):
    job.allow = frozenset()

    with pytest.raises(UsageError, match="private network"):
        follow("http://127.0.0.1:9/links")


def test_a_service_that_falls_silent_is_given_up(server, follow, job):
    job.read_timeout = 0.2
    server.routes["/links"] = lambda exchange: exchange.hang()

    with pytest.raises(TransientError, match="does not answer"):
        follow()


def test_links_are_grouped_in_words_and_each_has_its_ways(service, follow, shown):
    service.everything()

    page = shown(follow())

    headings = [part.partition("</h3>")[0] for part in page.split("<h3 id=")[1:]]
    assert [one.partition(">")[2].partition(" <span")[0] for one in headings] == [
        "The data",
        "Preview",
        "Cut-outs of the data",
        "What the data were made from",
        "Further data",
        "Light curve",
        "What the archive could not tell",
    ]
    assert 'href="/form/query.preview"' in page
    assert 'href="/form/query.soda"' in page
    assert 'href="/form/query.datalink"' in page
    assert 'href="/form/query.open-table"' in page
    assert "See it" in page
    assert "NotFoundFault: nothing of that name" in page
    assert "CIRCLE within 180 40 0.5 deg" in page


def test_what_an_archive_says_is_escaped_and_an_error_is_no_link(service, follow, shown):
    service.everything()

    page = shown(follow())

    assert "<b>bold</b>" not in page
    assert page.count("NotFoundFault") == 1


def test_a_list_of_links_applies_to_links_only():
    assert LinkList().can_render(document.COLUMNS)
    assert not LinkList().can_render([one for one in document.COLUMNS if one.name != "semantics"])


def test_no_links_at_all_is_said(shown):
    assert "nothing to show" in shown([])


@pytest.mark.parametrize(
    ("semantics", "words"),
    [
        ("#this", "The data"),
        ("http://www.ivoa.net/rdf/datalink/core#preview", "Preview"),
        ("https://own.example/terms#light-curve", "Light curve"),
        ("science", "Science"),
        ("", "Other"),
    ],
)
def test_terms_have_words(semantics, words):
    assert label_of(semantics) == words


def test_of_several_datasets_each_link_says_of_which(service, follow, shown):
    service.document = links(
        {"ID": "ivo://x/1", "access_url": "http://a.example/1", "semantics": "#this"},
        {"ID": "ivo://x/2", "access_url": "http://a.example/2", "semantics": "#this"},
    )

    page = shown(follow())

    assert "ivo://x/1" in page
    assert "ivo://x/2" in page
