"""Help with ADQL: as JSON for the editor, and as the form again for browsers without scripts."""

import re
from html import unescape

import pytest
from sqlalchemy import func
from sqlalchemy import select

from portal.archives import editor
from portal.db import db
from portal.uws.models import Job
from tests.support import lab
from tests.support import observatory

FORM = "/archives/observatory/query.observatory"
JSON = {"Accept": "application/json"}


@pytest.fixture
def plugins():
    return [("lab", lab), ("observatory", observatory)]


def text_of(response):
    return unescape(response.get_data(as_text=True))


def check(client, query, **values):
    response = client.post(f"{FORM}/check", data={"query": query, **values}, headers=JSON)
    assert response.status_code == 200
    return response.json["findings"]


def complete(client, query, **values):
    """Return what is offered at the bar in the query, and what it would replace."""
    before, _, after = query.partition("|")
    response = client.post(
        f"{FORM}/complete?offset={len(before)}", data={"query": before + after, **values}
    )
    assert response.status_code == 200
    found = response.json
    replaced = (before + after).replace("\r\n", "\n")[found["start"] : found["end"]]
    return replaced, [one["apply"] for one in found["options"]]


def test_a_form_with_adql_has_an_editor_around_its_text_field_and_another_form_has_none(client):
    page = text_of(client.get(FORM))
    assert re.search(r'<adql-editor>\s*<textarea name="query"', page)
    assert f'formaction="{FORM}/check"' in page
    other = text_of(client.get("/archives/lab/query.lab-stars"))
    assert "adql-editor" not in other and "/check" not in other


def test_nothing_is_found_in_a_query_that_is_right(client):
    assert check(client, "SELECT main_id, ra FROM sky.objects") == []


def test_a_misspelt_column_is_found_with_its_place_and_a_fix(client):
    (finding,) = check(client, "SELECT main_id,\r\n  redshft FROM sky.objects")
    assert (finding["line"], finding["column"]) == (2, 3)
    assert (finding["start"], finding["end"]) == (18, 25)
    assert "redshft" in finding["message"]
    assert finding["fixes"][0]["replacement"] == "redshift"


@pytest.mark.parametrize("service", ["unknown", "unread", "broken"])
def test_a_query_to_a_service_of_which_nothing_is_known_is_still_checked_and_completed(
    client, service
):
    assert check(client, "SELECT TOP 5 anything FROM anywhere", service=service) == []
    assert check(client, "SELECT ra FORM anywhere", service=service)
    assert complete(client, "SELECT dist|", service=service) == (
        "dist",
        ["DISTINCT", "DISTANCE("],
    )


def test_a_plugin_that_fails_is_noted(app, client):
    check(client, "SELECT ra FROM sky.objects", service="broken")
    assert "no metadata" in app.extensions["plugins"].guard.faults["observatory"]


@pytest.mark.parametrize(
    ("query", "replaced", "options"),
    [
        ("SELECT * FROM |", "", ["sky.objects", '"sky/plates"']),
        ("SELECT o.re| FROM sky.objects AS o", "re", ["redshift"]),
        ("SELECT\r\n  o.re| FROM sky.objects AS o", "re", ["redshift"]),
        ("SELECT B| FROM sky.objects", "B", ['"B-V"', "BOX("]),
        ("SELECT ivo| FROM sky.objects", "ivo", ["ivo_healpix_index("]),
    ],
)
def test_what_can_be_written_at_the_cursor_is_listed(client, query, replaced, options):
    if "\r\n" in query:  # places count as browsers count: an end of line is one character
        before, _, after = query.partition("|")
        offset = len(before.replace("\r\n", "\n"))
        response = client.post(f"{FORM}/complete?offset={offset}", data={"query": before + after})
        assert [one["apply"] for one in response.json["options"]] == options
    else:
        assert complete(client, query) == (replaced, options)


def test_a_plugin_is_not_asked_about_a_query_of_great_length(client):
    query = "SELECT TOP 5 redshft FROM sky.objects" + " " * editor.MOST_WITH_TABLES
    assert check(client, query) == []


def test_a_completion_says_what_is_known_of_a_column(client):
    response = client.post(
        f"{FORM}/complete?offset=9", data={"query": "SELECT ra FROM sky.objects"}
    )
    assert response.json["options"][0] == {
        "label": "ra",
        "kind": "column",
        "apply": "ra",
        "detail": "deg · pos.eq.ra;meta.main",
        "info": "Right ascension, ICRS. Column of sky.objects",
    }


@pytest.mark.parametrize("offset", ["", "?offset=many", "?offset=-5", "?offset=99999"])
def test_an_odd_offset_is_taken_for_a_place_in_the_text(client, offset):
    response = client.post(f"{FORM}/complete{offset}", data={"query": "SEL"})
    assert response.status_code == 200


@pytest.mark.parametrize("what", ["check", "complete", "format"])
def test_a_text_that_is_too_long_is_refused(client, what):
    response = client.post(f"{FORM}/{what}", data={"query": "x" * 100_001}, headers=JSON)
    assert response.status_code == 400
    assert "too long" in response.json["detail"]


@pytest.mark.parametrize("what", ["check", "complete", "format"])
def test_a_query_that_takes_no_adql_has_no_such_help(client, what):
    assert client.post(f"/archives/lab/query.lab-stars/{what}").status_code == 404
    assert client.post(f"/archives/observatory/query.none/{what}").status_code == 404


@pytest.mark.parametrize("what", ["check", "complete", "format"])
def test_help_makes_no_job_and_no_owner(app, client, what):
    client.post(f"{FORM}/{what}", data={"query": "SELECT 1 FROM sky.objects"})
    cookie = client.get_cookie("portal")
    assert cookie is None or "owner" not in (cookie.value or "")
    with app.app_context():
        assert db.session.scalar(select(func.count(Job.id))) == 0


@pytest.mark.parametrize("what", ["check", "complete", "format"])
def test_a_request_without_the_token_is_refused(app, client, what):
    app.config["WTF_CSRF_ENABLED"] = True
    client.get(FORM)
    assert client.post(f"{FORM}/{what}", data={"query": "SELECT 1"}).status_code == 403


def test_without_scripts_the_form_comes_back_with_what_was_found(client):
    response = client.post(
        f"{FORM}/check",
        data={
            "query": "SELECT redshft,\r\n  man_id FROM sky.objects",
            "service": "good",
            "maxrec": "7",
        },
    )
    page = text_of(response)
    assert response.status_code == 200
    assert "Line 1, column 8" in page and "Line 2, column 3" in page
    assert 'name="maxrec" value="7"' in page
    assert "SELECT redshft,\n  man_id FROM sky.objects</textarea>" in page
    assert 'name="adql.fix" value="7:14:redshift"' in page


def test_without_scripts_a_query_that_is_right_is_said_to_be(client):
    page = text_of(client.post(f"{FORM}/check", data={"query": "SELECT ra FROM sky.objects"}))
    assert "found nothing wrong" in page


def test_a_fix_is_made_and_the_query_is_checked_again(client):
    page = text_of(
        client.post(
            f"{FORM}/check",
            data={"query": "SELECT redshft\r\nFROM sky.objects", editor.FIX: "7:14:redshift"},
        )
    )
    assert "SELECT redshift\nFROM sky.objects</textarea>" in page
    assert "found nothing wrong" in page


@pytest.mark.parametrize("fix", ["", "7", "7:5:x", "7:9999:x", "-1:2:x", "a:b:c", "9" * 5000])
def test_a_fix_that_does_not_fit_is_refused(client, fix):
    response = client.post(f"{FORM}/check", data={"query": "SELECT ra", editor.FIX: fix})
    assert response.status_code == 400


def test_the_name_of_a_chosen_file_is_no_file(client):
    values = {"query": "SELECT ra FROM sky.objects", "table": "mine.csv"}
    assert "mine.csv" not in text_of(client.post(f"{FORM}/check", data=values))


def test_findings_are_shown_and_never_run(client):
    hostile = 'SELECT "</textarea><script>alert(1)</script>" FROM sky.objects'
    page = client.post(f"{FORM}/check", data={"query": hostile}).get_data(as_text=True)
    assert "<script>alert" not in page


def test_a_query_is_laid_out_anew(client):
    sent = {"query": "select ra from sky.objects where ra > 1"}
    response = client.post(f"{FORM}/format", data=sent, headers=JSON)
    assert response.json["text"].splitlines() == [
        "SELECT ra",
        "FROM sky.objects",
        "WHERE ra > 1",
    ]
    page = text_of(client.post(f"{FORM}/format", data=sent))
    assert "SELECT ra\nFROM sky.objects\nWHERE ra > 1" in page


def test_a_query_that_cannot_be_read_stays_as_it_is_when_it_is_laid_out(client):
    response = client.post(f"{FORM}/format", data={"query": "select from from"}, headers=JSON)
    assert response.json["text"] == "select from from"
