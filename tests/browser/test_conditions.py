"""Fields of a form that come and go with the value of another."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
FORM = "archives/apertif/query.apertif"


def test_a_field_is_there_while_it_means_something(visit):
    page = visit(f"{FORM}?dataproduct_type=cube")
    kind = page.get_by_label("Kind of data")
    expect(kind).to_be_visible()

    page.get_by_label("Collection").select_option("timedomain")
    expect(kind).to_be_hidden()

    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Search").click()
    assert "dataproduct_type" not in sent.value.post_data
    expect(page.get_by_role("heading", level=1)).to_contain_text("Time domain")


def test_the_way_back_shows_what_was_there(visit):
    page = visit(f"{FORM}?collection=timedomain")
    expect(page.get_by_label("Kind of data")).to_be_hidden()

    page.get_by_label("Collection").select_option("all")
    expect(page.get_by_label("Kind of data")).to_be_visible()
    expect(page.get_by_label("Kind of data")).to_be_enabled()


def test_without_scripts_it_is_said_and_checked(visit):
    page = visit(FORM, java_script_enabled=False)

    expect(page.get_by_text("Only with Collection: All, Imaging")).to_be_visible()
    page.get_by_label("Collection").select_option("timedomain")
    page.get_by_label("Kind of data").select_option("cube")
    page.get_by_role("button", name="Search").click()

    expect(page.get_by_text("is asked only with collection all or imaging").last).to_be_visible()
