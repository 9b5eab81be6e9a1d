"""The page of notices and the number in the head of every page, without JavaScript."""

import re

import pytest

from portal.db import db
from portal.notifications import Event
from portal.notifications import tell
from tests.notifications.conftest import BROWSER


@pytest.fixture
def mine(client):
    """Return the owner that the client is."""
    with client.session_transaction() as session:
        session["owner"] = BROWSER
    return BROWSER


def forms(client, word):
    return re.findall(rf'action="(/notices/[^"]*{word})"', client.get("/notices").text)


def badge(text):
    return re.search(r'id="notice-count".*?</span>', text, re.DOTALL)[0]


def test_a_browser_that_is_new_here_sees_no_notices_and_asks_for_none(client):
    assert "notice-count" not in client.get("/").text
    assert "No notices" in client.get("/notices").text


def test_every_page_says_how_many_are_unread(client, mine, told):
    told(mine, 2)

    text = client.get("/jobs").text
    assert 'data-notices="2"' in badge(text)
    assert 'hx-get="/notices/count"' in badge(text)
    assert client.get("/notices/count").text.count("data-notices") == 1


def test_opening_a_notice_leads_to_what_it_is_about_and_counts_it_as_read(client, mine, told):
    told(mine, 2)
    address, _ = forms(client, "/open")

    answer = client.post(address)

    assert (answer.status_code, answer.location) == (303, "/jobs/1")
    assert 'data-notices="1"' in badge(client.get("/jobs").text)
    assert client.get("/notices").text.count('class="unread"') == 1


def test_all_that_were_shown_are_read_at_once_and_later_ones_stay_unread(client, mine, told):
    told(mine, 2)
    until = re.search(r'name="until" value="([^"]+)"', client.get("/notices").text)[1]
    told(mine)

    client.post("/notices/read", data={"until": until})

    assert 'data-notices="1"' in badge(client.get("/jobs").text)


@pytest.mark.parametrize("until", ["", "soon", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_is_none_is_refused(client, mine, until):
    assert client.post("/notices/read", data={"until": until}).status_code == 400


def test_titles_are_text(client, mine, in_app):
    tell(mine, Event.FAILED, "<img src=x onerror=alert(1)>", link="/jobs", text="<b>bold</b>")
    db.session.commit()

    text = client.get("/notices").text
    assert "<img src=x" not in text and "<b>bold" not in text
    assert "&lt;img" in badge(client.get("/jobs").text)


def test_somebody_elses_notice_looks_like_none(app, client, mine, told):
    told(mine)
    [address] = forms(client, "/open")

    stranger = app.test_client()
    assert stranger.post(address).status_code == 404
    assert 'class="unread"' in client.get("/notices").text


def test_many_notices_come_on_pages(client, mine, told):
    told(mine, 60)

    first, second = client.get("/notices").text, client.get("/notices?page=2").text
    assert "Page 1 of 2" in first and first.count('class="unread"') == 50
    assert second.count('class="unread"') == 10
