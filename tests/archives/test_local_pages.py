import re
from html import unescape

import pytest

from tests.support import lab

PAGE = "/archives/lab/pages/catalogue"
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def plugins():
    return [("lab", lab)]


def text_of(response):
    return unescape(response.get_data(as_text=True))


def test_the_archive_leads_to_its_pages_but_not_to_those_that_only_others_link(client):
    page = text_of(client.get("/archives/lab"))

    assert f'href="{PAGE}"' in page
    assert "/pages/entry" not in page


def test_a_page_shows_its_form_and_the_plugins_answer(client):
    page = text_of(client.get(PAGE, query_string={"words": "<b>vega</b>", "colour": "red"}))

    assert "You asked for <b>vega</b>" in page
    assert "<b>vega</b>" not in client.get(PAGE, query_string={"words": "<b>vega</b>"}).text
    assert '<option value="red" selected>Reddish</option>' in page
    assert re.search(r'<p id="page-summary"[^>]*>11 letters', page)


def test_a_page_is_asked_again_while_one_types(client):
    page = text_of(client.get(PAGE))

    assert f'hx-get="{PAGE}"' in page
    assert f'<form id="page-form" class="page-form panel" method="get" action="{PAGE}"' in page


def test_the_fragment_is_the_answer_alone(client):
    response = client.get(PAGE, query_string={"words": "vega"}, headers=FRAGMENT)

    assert text_of(response).startswith('<section id="answer"')
    assert "<form" not in text_of(response)
    assert 'hx-swap-oob="innerHTML">4 letters' in text_of(response)
    assert "HX-Request" in response.headers["Vary"]


def test_the_address_of_a_search_has_only_what_is_filled_in(client):
    asked = {"words": "vega & co", "colour": "", "chosen": ["a", "b"], "brightest": ""}

    response = client.get(PAGE, query_string=asked, headers=FRAGMENT)

    expected = f"{PAGE}?words=vega+%26+co&chosen=a&chosen=b"
    assert response.headers["HX-Replace-Url"] == expected
    assert "HX-Replace-Url" not in client.get(PAGE, query_string=asked).headers


def test_what_narrows_a_search_is_open_when_it_is_used(client):
    assert "<details open>" in text_of(client.get(PAGE, query_string={"colour": "red"}))
    assert "<details>" in text_of(client.get(PAGE, query_string={"words": "vega"}))


def test_hidden_values_go_along_but_a_new_search_begins_with_its_first_answer(client):
    page = text_of(client.get(PAGE, query_string={"chosen": ["a", "b"], "first": "20"}))

    assert page.count('<input type="hidden" name="chosen"') == 2
    assert 'name="first"' not in page


@pytest.mark.parametrize("headers", [{}, FRAGMENT])
def test_a_value_that_cannot_be_used_is_said_at_its_field_and_nothing_is_lost(client, headers):
    asked = {"words": "vega", "brightest": "31"}

    response = client.get(PAGE, query_string=asked, headers=headers)

    assert response.status_code == 422
    assert 'href="#field-brightest"' in text_of(response)
    if not headers:
        assert 'value="vega"' in text_of(response)
        assert re.search(r'id="field-brightest"[^>]*aria-invalid="true"', text_of(response))


def test_a_plugin_that_fails_hurts_only_its_part_of_the_page(client):
    response = client.get(PAGE, query_string={"words": "crash"})

    assert response.status_code == 502
    assert "This page cannot be shown" in text_of(response)
    assert "secret detail" not in text_of(response)
    assert 'value="crash"' in text_of(response)


def test_what_the_plugin_does_not_have_is_a_404(client):
    response = client.get(PAGE, query_string={"words": "nothing"})

    assert response.status_code == 404
    assert "The catalogue has no such entry." in text_of(response)


def test_links_between_pages_lead_there_and_those_to_nothing_are_left_out(client):
    page = client.get(PAGE).text

    assert 'href="/archives/lab/pages/entry?name=Vega+%26+co"' in page
    assert "Nowhere" not in page
    assert "Vega &amp; co" in client.get("/archives/lab/pages/entry?name=Vega+%26+co").text


def test_a_page_without_a_form_shows_the_answer_alone(client):
    page = text_of(client.get("/archives/lab/pages/entry?name=Vega"))

    assert "page-form" not in page
    assert page.count("<h1>") == 1


@pytest.mark.parametrize("url", ["/archives/lab/pages/none", "/archives/none/pages/catalogue"])
def test_a_page_that_is_not_there_is_a_404(client, url):
    assert client.get(url).status_code == 404
