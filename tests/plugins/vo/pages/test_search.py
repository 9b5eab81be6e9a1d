import re
from html import unescape

import pytest

PAGE = "/archives/vo/pages/registry"
FRAGMENT = {"HX-Request": "true"}


def look(client, **asked):
    response = client.get(PAGE, query_string=asked)
    assert response.status_code == 200
    return unescape(response.text)


def titles(page):
    return re.findall(r"<h2><a href=[^>]*>([^<]*)</a></h2>", page)


def test_without_a_copy_the_page_says_so_and_leads_to_the_registry(client, files):
    page = look(client, keywords="pulsar", waveband="radio")
    assert "no copy of the registry" in page
    assert "/archives/vo/query.registry?keywords=pulsar&waveband=radio" in page


def test_a_copy_of_another_registry_is_none(client, mirror, monkeypatch):
    mirror.live.write_bytes(
        mirror.live.read_bytes().replace(b"registry.portal.test", b"another1.portal.test")
    )
    assert "no copy of the registry" in look(client)


@pytest.mark.parametrize("damage", [b"", b"x" * 5_000])
def test_a_damaged_copy_is_none(client, mirror, damage):
    mirror.live.write_bytes(damage)
    assert "no copy of the registry" in look(client)


def test_the_age_of_the_copy_is_told(client, mirror):
    page = look(client)
    assert "3 hours ago" in page
    assert "49 resources" in page


def test_what_fits_best_comes_first_with_the_ways_to_ask_it(client, mirror):
    page = look(client, keywords="puls")
    assert titles(page) == ["Images of pulsars", "Pulsar timing observations"]
    assert "All of the sky" in page
    assert ">Radio</span>" in page and ">X-ray</span>" in page
    assert "/vo/query.tap?access_url=http%3A%2F%2Fvo.example.org%2Ftap" in page
    assert "/archives/vo/pages/resource?ivoid=ivo%3A%2F%2Fa%2Fpulsars" in page


def test_the_registry_itself_is_asked_the_same(client, mirror):
    page = look(client, keywords="puls", position="10 20", radius="2", first="0")
    assert 'query.registry?keywords=puls&position=10+20&radius=2.0"' in page


def test_markup_of_strangers_is_plain_text(client, mirror):
    page = client.get(PAGE, query_string={"keywords": "puls"}).text
    assert "Times of arrival, Bold &amp; more" in page
    assert "alert(1)" not in client.get(PAGE).text


def test_facets_say_how_many_there_are_and_narrow_the_search(client, mirror):
    page = look(client, keywords="pulsars")
    facet = re.search(r'<a class="badge" href="([^"]*)">Images \(SIA 2\) 1</a>', page)
    assert titles(unescape(client.get(facet[1]).text)) == ["Images of pulsars"]
    narrowed = look(client, keywords="pulsars", service_type="sia2")
    assert "✓ Images (SIA 2) 1</a>" in narrowed
    assert "Tables (TAP) 1</a>" in narrowed


def test_pages_are_turned_without_losing_what_was_asked(client, mirror):
    page = look(client, keywords="survey", first="20")
    assert "21 to 40 of 45" in page
    assert titles(page)[0] == "Galaxy survey 020"
    assert 'name="first" value="0">Previous' in page
    assert 'name="first" value="40">Next' in page
    assert '<input type="hidden" name="keywords" value="survey">' in page
    assert "Next" not in look(client, keywords="survey", first="40")


def test_what_was_chosen_on_other_pages_stays_chosen(client, mirror):
    chosen = ["tap:ivo://b/000", "tap:ivo://a/pulsars", "no such thing", "tap:ivo://b/000"]
    page = look(client, keywords="survey", chosen=chosen)
    form = page[page.index('<form id="choose-form"') :]
    assert '<input type="hidden" name="chosen" value="tap:ivo://a/pulsars">' in form
    assert re.search(r'value="tap:ivo://b/000" checked', form)
    assert "Query the 2 chosen services" in form
    assert form.count('form="page-form"') == 2
    assert "no such thing" not in page


def test_only_what_can_be_asked_can_be_chosen(client, mirror):
    page = look(client, ivoid="ivo://a/odd")
    assert 'value="ssa:ivo://a/odd"' not in page or "query.ssa" in page
    assert 'value="tap:ivo://a/odd"' not in page
    assert "javascript:" not in page


def test_nothing_found_says_so(client, mirror):
    assert "Nothing fits" in look(client, keywords="zzzz")
    assert "Nothing fits" in look(client, first="9000")


def test_a_name_of_an_object_is_left_to_a_job(client, mirror):
    page = look(client, position="M31")
    assert "Only a job looks up where an object is" in page
    assert "query.registry?position=M31" in page


@pytest.mark.parametrize(
    "asked", [{"time": "yesterday"}, {"spectrum": "12"}, {"radius": "-1"}, {"ivoid": "http://x"}]
)
def test_what_cannot_be_used_is_said_at_its_field(client, mirror, asked):
    response = client.get(PAGE, query_string=asked)
    assert response.status_code == 422
    assert f'href="#field-{next(iter(asked))}"' in response.text


def test_the_fragment_tells_how_many_there_are(client, mirror):
    text = client.get(PAGE, query_string={"keywords": "pulsar"}, headers=FRAGMENT).text
    assert text.startswith('<section id="answer"')
    assert "2 resources" in text
