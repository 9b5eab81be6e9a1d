from html import unescape

import pytest

PAGE = "/archives/vo/pages/chosen"


def look(client, *chosen):
    response = client.get(PAGE, query_string={"chosen": chosen})
    assert response.status_code == 200
    return unescape(response.text)


@pytest.mark.slow
def test_chosen_services_are_shown_by_type_with_a_way_to_each(client, mirror):
    page = look(client, "tap:ivo://a/pulsars", "tap:ivo://b/001", "tap:ivo://b/002")
    assert page.count("Query it") == 3
    assert "Tables, by queries in ADQL (TAP)" in page
    assert "/vo/query.tap?access_url=" in page


def test_a_service_can_be_left_out_again(client, mirror):
    page = look(client, "tap:ivo://a/pulsars", "tap:ivo://b/001")
    assert 'href="/archives/vo/pages/chosen?chosen=tap%3Aivo%3A%2F%2Fb%2F001"' in page


def test_several_services_are_asked_together(client, mirror):
    page = look(
        client,
        "tap:ivo://a/pulsars",
        "tap:ivo://b/001",
        "scs:ivo://a/pulsars",
        "sia1:ivo://a/images",
    )
    assert "Query the 2 services in ADQL" in page
    assert "/archives/vo/query.several-tap?access_url=http" in page
    assert "Query the 2 services by position" in page
    form = client.get(
        "/archives/vo/query.several-positions",
        query_string={"scs": "http://vo.example.org/scs?", "sia1": "http://vo.example.org/sia?"},
    )
    assert 'value="http://vo.example.org/sia?"' in form.text
    assert "Query the" not in look(client, "tap:ivo://b/001")


def test_the_way_back_keeps_the_choice(client, mirror):
    assert "/pages/registry?chosen=tap%3Aivo%3A%2F%2Fb%2F001" in look(client, "tap:ivo://b/001")


def test_nothing_chosen_and_services_that_are_gone_are_told(client, mirror):
    assert "Nothing is chosen" in look(client)
    page = look(client, "tap:ivo://nobody/any", "tap:ivo://a/pulsars", "ssa:ivo://a/pulsars")
    assert "2 of the chosen services are no longer registered" in page
