"""Queries saved under a name, opened by their links, and what was asked before."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from portal.archives import saving
from portal.archives.models import SavedQuery
from portal.db import db
from tests.support import lab
from tests.support import observatory

FORM = "/archives/observatory/query.observatory"
QUERY = "SELECT TOP 3 ra\r\nFROM sky.objects"


@pytest.fixture
def plugins():
    return [("lab", lab), ("observatory", observatory)]


def text_of(response):
    return unescape(response.get_data(as_text=True))


def save(client, name="Mine", **values):
    return client.post(f"{FORM}/save", data={"query": QUERY, "saved.name": name, **values})


def saved_ids(app):
    with app.app_context():
        return list(db.session.scalars(select(SavedQuery.id)))


def test_a_saved_query_opens_as_the_filled_in_form(client):
    response = save(client, maxrec="12", service="unread")
    assert response.status_code == 303
    assert re.fullmatch(r"/queries/[0-9a-f]{32}", response.location)
    page = text_of(client.get(response.location))
    assert 'name="maxrec" value="12"' in page
    assert "FROM sky.objects</textarea>" in page
    assert "Saved query: Mine" in page
    assert f'action="{FORM}"' in page


def test_a_saved_query_that_is_opened_can_be_sent(client):
    save(client)
    data = {"query": QUERY, "saved.name": "Mine", "service": "good"}
    assert client.post(FORM, data=data).status_code == 303


def test_whoever_has_the_link_opens_it_and_nobody_else_sees_it(app, client):
    link = save(client).location
    stranger = app.test_client()
    assert "Somebody shared" in text_of(stranger.get(link))
    assert "Mine" not in text_of(stranger.get("/queries"))
    assert stranger.get(link).headers["X-Robots-Tag"] == "noindex"
    assert stranger.get("/queries/" + "0" * 32).status_code == 404


def test_saving_under_the_same_name_replaces_and_the_link_stays(app, client):
    first = save(client, maxrec="1").location
    second = save(client, maxrec="2").location
    assert first == second
    assert 'name="maxrec" value="2"' in text_of(client.get(first))
    assert len(saved_ids(app)) == 1


def test_the_form_and_the_list_lead_to_what_was_saved(client):
    link = save(client).location
    assert f'href="{link}"' in text_of(client.get(FORM))
    assert f'href="{link}"' in text_of(client.get("/queries"))
    assert link not in text_of(client.get("/archives/lab/query.lab-stars"))


def test_what_is_saved_may_be_half_written_and_has_no_files(client):
    page = text_of(client.get(save(client, maxrec="many", table="mine.csv").location))
    assert 'value="many"' in page
    assert "mine.csv" not in page


@pytest.mark.parametrize("name", ["", "  \x01 ", "x" * 101])
def test_without_a_usable_name_nothing_is_saved_and_nothing_is_lost(app, client, name):
    response = save(client, name)
    assert response.status_code == 422
    assert "FROM sky.objects</textarea>" in text_of(response)
    assert saved_ids(app) == []


def test_there_is_an_end_to_what_one_owner_saves(app, client, monkeypatch):
    monkeypatch.setattr(saving, "MOST_SAVED", 2)
    assert [save(client, name).status_code for name in "abca"] == [303, 303, 422, 303]
    assert save(app.test_client(), "c").status_code == 303


def test_a_query_that_is_too_long_is_not_saved(app, client, monkeypatch):
    monkeypatch.setattr(saving, "MOST_CHARACTERS", 20)
    assert save(client).status_code == 422
    assert saved_ids(app) == []


def test_a_saved_query_is_renamed(app, client):
    save(client)
    (saved_id,) = saved_ids(app)
    assert client.post(f"/queries/{saved_id}/rename", data={"name": "Ours"}).status_code == 303
    assert "Ours" in text_of(client.get("/queries"))


def test_a_name_that_is_taken_is_refused(app, client):
    save(client, "a")
    save(client, "b")
    statuses = [
        client.post(f"/queries/{one}/rename", data={"name": "b"}).status_code
        for one in saved_ids(app)
    ]
    assert sorted(statuses) == [303, 400]


def test_a_saved_query_is_deleted_after_a_question(app, client):
    link = save(client).location
    (saved_id,) = saved_ids(app)
    assert "Delete Mine?" in text_of(client.get(f"/queries/{saved_id}/delete"))
    assert client.post(f"/queries/{saved_id}/delete").status_code == 303
    assert client.get(link).status_code == 404


@pytest.mark.parametrize("what", ["rename", "delete"])
def test_nobody_changes_what_somebody_else_saved(app, client, what):
    save(client)
    (saved_id,) = saved_ids(app)
    stranger = app.test_client()
    save(stranger, "Theirs")
    for visitor in (stranger, app.test_client()):
        response = visitor.post(f"/queries/{saved_id}/{what}", data={"name": "x"})
        assert response.status_code == 404
        assert visitor.get(f"/queries/{saved_id}/delete").status_code == 404
    assert "Mine" in text_of(client.get("/queries"))


def test_a_saved_query_whose_archive_is_gone_is_listed_and_opens_nothing(app, client):
    link = save(client).location
    with app.app_context():
        db.session.execute(SavedQuery.__table__.update().values(query_id="query.gone"))
        db.session.commit()
    assert "not installed any more" in text_of(client.get("/queries"))
    assert client.get(link).status_code == 404


def test_names_are_shown_and_never_run(client):
    link = save(client, "<script>alert(1)</script>").location
    for address in (link, FORM, "/queries"):
        assert "<script>alert" not in client.get(address).get_data(as_text=True)


def test_earlier_questions_are_listed_once_each_and_lead_to_the_filled_in_form(client):
    for query in (QUERY, QUERY, "SELECT TOP 1 dec FROM sky.objects"):
        client.post(FORM, data={"query": query, "maxrec": "5"})
    page = text_of(client.get(FORM))
    links = re.findall(rf'href="({FORM}/asked/[0-9a-f]{{32}})"', page)
    assert len(links) == 2
    form = text_of(client.get(links[1]))
    assert "FROM sky.objects</textarea>" in form
    assert 'name="maxrec" value="5"' in form


def test_nobody_sees_what_somebody_else_asked(app, client):
    client.post(FORM, data={"query": QUERY})
    assert "/asked/" not in text_of(app.test_client().get(FORM))
    (link,) = re.findall(rf'href="({FORM}/asked/[0-9a-f]{{32}})"', text_of(client.get(FORM)))
    assert app.test_client().get(link).status_code == 404
    other_form = link.replace("observatory/query.observatory", "lab/query.lab-stars")
    assert client.get(other_form).status_code == 404
