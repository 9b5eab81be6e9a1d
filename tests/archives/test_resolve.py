"""Where an object is, asked from a form, a page and a program."""

import threading
import time
from types import ModuleType

import pytest

from portal.archives import resolve as pages
from portal.plugins import DeadlineError
from portal.plugins import hookimpl
from portal.plugins import NameResolver
from portal.plugins import ResolvedPosition
from portal.plugins import ServiceError
from portal.plugins import TransientError
from tests.support import lab
from tests.support.pages import text_of

HTMX = {"HX-Request": "true"}
JSON = {"Accept": "application/json"}
ODD = "<img src=x onerror=alert(1)>"


class Book(NameResolver):
    id = "book"
    title = "the book"
    local = True

    def resolve(self, name, http):
        if name == "crash":
            raise KeyError("no")
        if name not in ("M 31", "odd"):
            return None
        return ResolvedPosition(ra=10.684708, dec=41.26875, resolver=self.title, name=ODD)

    def suggest(self, name):
        return ["Andromeda Galaxy"] if name.startswith("And") else []


class Far(NameResolver):
    id = "far"
    title = "the far one"
    told = threading.Event()

    def __init__(self):
        self.asked = []

    def resolve(self, name, http):
        self.asked.append(name)
        if name == "slow":
            self.told.wait(5)
        if name == "late":
            raise DeadlineError("the time that the job may take is over")
        if name == "down":
            raise TransientError("it is closed")
        if name == "lying":
            raise ServiceError("nonsense")
        if name != "3C 273":
            return None
        return ResolvedPosition(ra=187.27792, dec=2.05239, resolver="the far one", name="3C 273")


FAR = Far()


def resolvers():
    module = ModuleType("books")

    @hookimpl
    def portal_register_resolvers():
        return [Book(), FAR]

    module.portal_register_resolvers = portal_register_resolvers
    return module


@pytest.fixture
def plugins():
    FAR.asked.clear()
    FAR.told.clear()
    return [("lab", lab), ("books", resolvers())]


def ask(client, name, headers=JSON, **more):
    return client.get("/resolve", query_string={"name": name, **more}, headers=headers)


def test_a_name_of_the_lists_is_answered_at_once(client):
    answer = ask(client, " M  31 ")

    assert answer.json == {
        "name": "M 31",
        "ra": 10.684708,
        "dec": 41.26875,
        "sexagesimal": "00:42:44.33 +41:16:07.5",
        "resolver": "the book",
        "known_as": ODD,
    }
    assert FAR.asked == []


@pytest.mark.parametrize(
    ("text", "sexagesimal"),
    [
        ("0 0", "00:00:00.00 +00:00:00.0"),
        ("359.9999999 -89.9999999", "00:00:00.00 -90:00:00.0"),
        ("12:30:49.42 -00:00:01", "12:30:49.42 -00:00:01.0"),
        ("l=0 b=90", "12:51:26.27 +27:07:41.7"),
    ],
)
def test_coordinates_are_read_back(client, text, sexagesimal):
    answer = ask(client, text).json

    assert answer["sexagesimal"] == sexagesimal
    assert answer["resolver"] == "coordinates"


def test_others_are_asked_only_when_that_is_wanted(client):
    first = ask(client, "3C 273")
    assert (first.status_code, first.json["not_asked"]) == (404, ["the far one"])
    assert FAR.asked == []

    assert ask(client, "3C 273", remote="1").json["ra"] == 187.27792


def test_an_unknown_name_is_told_with_what_is_like_it(client):
    answer = ask(client, "Andromdea", remote="1")

    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert "asked: the far one" in answer.json["detail"]
    assert answer.json["suggestions"] == ["Andromeda Galaxy"]


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("", 400, "Give a name"),
        ("x" * 201, 400, "at most 200 characters"),
        ("400 10", 400, "right ascension runs from 0 to 360"),
        ("crash", 404, "none of the lists"),
        ("down", 503, "the far one could not be asked"),
        ("lying", 503, "the far one could not be asked"),
        ("late", 504, "Nobody answered in time"),
    ],
)
def test_what_cannot_be_answered_says_why(client, name, status, words):
    remote = {"remote": "1"} if status > 500 else {}
    answer = ask(client, name, **remote)

    assert answer.status_code == status
    assert words in answer.json["detail"]


@pytest.mark.slow
def test_nobody_waits_for_a_slow_one(client, monkeypatch):
    monkeypatch.setattr(pages, "REMOTE_SECONDS", 0.1)
    began = time.monotonic()

    answer = ask(client, "slow", remote="1")
    FAR.told.set()

    assert answer.status_code == 504
    assert "A job asks again" in answer.json["detail"]
    assert time.monotonic() - began < 2


def test_a_form_gets_a_fragment_and_sends_the_name_of_its_field(client):
    answer = client.get("/resolve?field=target&target=M+31", headers=HTMX)
    text = answer.get_data(as_text=True)

    assert text.startswith('<div id="field-target-place-said"')
    assert "10.684708 +41.268750" in text
    assert "00:42:44.33 +41:16:07.5" in text
    assert "the book" in text
    assert ODD not in text
    assert "HX-Request" in answer.headers["Vary"]
    assert "Accept" in answer.headers["Vary"]


def test_a_fragment_offers_to_ask_the_others(client):
    text = text_of(client.get("/resolve?field=target&target=3C+273", headers=HTMX))

    assert "none of the lists" in text
    assert "/resolve?name=3C+273&field=target&remote=1" in text


def test_an_empty_field_says_nothing(client):
    text = client.get("/resolve?field=target&target=", headers=HTMX).get_data(as_text=True)

    assert "<p>" not in text


@pytest.mark.parametrize("field", ['x"><script>', "a" * 65, "", "a b"])
def test_a_field_of_another_name_is_none(client, field):
    answer = client.get("/resolve", query_string={"field": field, "name": "M 31"}, headers=HTMX)

    assert b'id="field-name-place-said"' in answer.data
    assert b"<script>" not in answer.data


def test_names_are_shown_as_text(client):
    for headers in (HTMX, {}):
        answer = ask(client, f"odd{ODD}".replace("<", "‹"), headers, remote="1")
        assert b"<img" not in answer.data
    answer = ask(client, ODD, {})
    assert b"<img src" not in answer.data


def test_it_is_a_page_without_javascript(client):
    assert "Name or coordinates" in text_of(client.get("/resolve"))
    page = text_of(ask(client, "M 31", {}))

    assert "00:42:44.33 +41:16:07.5" in page
    assert '<input type="search" id="resolve-name" name="name" value="M 31"' in page


@pytest.mark.parametrize(("name", "status"), [("M 31", 200), ("a" * 300, 400), ("400 20", 400)])
def test_a_page_that_cannot_say_where_something_is_has_the_status_of_the_answer(
    client, name, status
):
    page = client.get("/resolve", query_string={"name": name}, headers={"Accept": "text/html"})
    fragment = client.get("/resolve", query_string={"name": name}, headers={"HX-Request": "true"})

    assert page.status_code == status
    assert fragment.status_code == 200
