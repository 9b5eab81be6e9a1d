"""The start page: one question at once, every archive, and the latest jobs."""

from types import ModuleType

import pytest

from portal.home import find_search
from portal.plugins import Archive
from portal.plugins import hookimpl
from portal.plugins import parameter
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from tests.support import lab


class Keywords(QueryParameters):
    limit: int = parameter(10, title="Limit")
    words: str = parameter(title="Words", widget="search")


class Number(QueryParameters):
    number: int = parameter(title="Number")


class Ask(Query):
    def __init__(self, id, model):
        self.id = id
        self.title = f"Ask {id}"
        self.Parameters = model

    def text(self, parameters):
        return str(parameters)

    def run(self, parameters, context):
        return ResultTable.from_rows([], [])


def archive(id, *queries, **about):
    return Archive(id=id, title=f"The {id}", description="Rows.", queries=queries, **about)


ARCHIVES = [
    archive("hidden", Ask("query.hidden", Keywords), visible=False),
    archive("plain", Ask("query.plain", Number)),
    archive("words", Ask("query.number", Number), Ask("query.words", Keywords)),
    archive("many", *(Ask(f"query.many{number}", Number) for number in range(7))),
    archive("later", Ask("query.later", Keywords), order=200),
]


@pytest.fixture
def plugins():
    module = ModuleType("lab")

    @hookimpl
    def portal_register_archives(context):
        return ARCHIVES

    module.portal_register_archives = portal_register_archives
    return [("lab", module)]


def test_the_first_query_of_a_visible_archive_with_a_search_field_is_asked_at_once():
    search = find_search(ARCHIVES)
    assert (search.archive.id, search.asked.id, search.field.name) == (
        "words",
        "query.words",
        "words",
    )


def test_without_such_a_query_there_is_no_search_box():
    assert find_search(ARCHIVES[:2]) is None


def test_the_search_box_leads_to_the_form_filled_in(client):
    page = client.get("/").text
    assert 'method="get" action="/archives/words/query.words"' in page
    assert 'type="search" name="words"' in page
    form = client.get("/archives/words/query.words?words=pulsar").text
    assert 'name="words" value="pulsar"' in form


def test_every_visible_archive_has_a_card_with_its_queries(client):
    page = client.get("/").text
    assert 'href="/archives/plain/query.plain">Ask query.plain</a>' in page
    assert "The hidden" not in page


def test_a_newcomer_sees_no_list_of_jobs(client):
    assert "Recent jobs" not in client.get("/").text


def test_a_page_that_is_answered_at_once_comes_before_the_queries_of_its_archive(app):
    made = archive("quick", Ask("query.slow", Keywords), pages=(lab.Entry(), lab.Catalogue()))

    search = find_search([made])

    assert (search.asked.id, search.field.name) == ("catalogue", "words")
    with app.test_request_context():
        assert search.href == "/archives/quick/pages/catalogue"


def test_a_card_names_a_few_of_many_queries_and_leads_to_the_others(client, plugins):
    page = client.get("/").text

    assert "more<span" not in page.partition('id="archive-words"')[2].partition("</article>")[0]
    many = page.partition('id="archive-many"')[2].partition("</article>")[0]
    assert many.count("/archives/many/query.") == 5
    assert '<a href="/archives/many">2 more' in many
