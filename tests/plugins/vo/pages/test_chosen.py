from html import unescape

PAGE = "/archives/vo/pages/chosen"


def look(client, *chosen):
    response = client.get(PAGE, query_string={"chosen": chosen})
    assert response.status_code == 200
    return unescape(response.text)


def test_chosen_services_are_shown_by_type_with_a_way_to_each(client, mirror):
    page = look(client, "tap:ivo://a/pulsars", "tap:ivo://b/001", "tap:ivo://b/002")
    assert page.count("Query it") == 3
    assert "Tables, by queries in ADQL (TAP)" in page
    assert "/vo/query.tap?access_url=" in page


def test_a_service_can_be_left_out_again(client, mirror):
    page = look(client, "tap:ivo://a/pulsars", "tap:ivo://b/001")
    assert 'href="/archives/vo/pages/chosen?chosen=tap%3Aivo%3A%2F%2Fb%2F001"' in page


def test_the_way_back_keeps_the_choice(client, mirror):
    assert "/pages/registry?chosen=tap%3Aivo%3A%2F%2Fb%2F001" in look(client, "tap:ivo://b/001")


def test_nothing_chosen_and_services_that_are_gone_are_told(client, mirror):
    assert "Nothing is chosen" in look(client)
    page = look(client, "tap:ivo://nobody/any", "tap:ivo://a/pulsars", "ssa:ivo://a/pulsars")
    assert "2 of the chosen services are no longer registered" in page
