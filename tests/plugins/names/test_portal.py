"""The plugin in a portal: names from the lists, from Sesame, and while Sesame is away."""

import time

import pytest

import portal_names
from portal import config
from tests.support.sesame import found

JSON = {"Accept": "application/json"}


@pytest.fixture
def plugins():
    return [("names", portal_names)]


@pytest.fixture
def settings(tmp_path, server, service):
    return config.load(
        instance=tmp_path / "instance",
        remote_allow=(server.host,),
        plugins={"names": {"sesame_url": service.url, "sesame_mirror_url": None}},
    )


def ask(client, name, **more):
    return client.get("/resolve", query_string={"name": name, **more}, headers=JSON)


def test_a_name_of_the_lists_leaves_no_trace_elsewhere(client, service):
    answer = ask(client, "Crab Nebula", remote="1").json

    assert (answer["ra"], answer["known_as"]) == (83.63321, "M 1")
    assert service.asked == []


def test_sesame_is_asked_when_that_is_wanted_and_once(client, service):
    service.known["3C 273"] = found("187.27791594", "+2.05238823", "3C 273")

    assert ask(client, "3C 273").status_code == 404
    assert service.asked == []
    for _ in range(2):
        answer = ask(client, "3C 273", remote="1").json
        assert answer["ra"] == 187.27791594
        assert answer["resolver"] == "Sesame (CDS): Simbad"
    assert service.asked == ["3C 273"]


def test_a_name_that_sesame_does_not_know_is_unknown(client, service):
    answer = ask(client, "Andromdea", remote="1")

    assert answer.status_code == 404
    assert answer.json["suggestions"] == ["Andromeda Galaxy"]


@pytest.mark.slow
def test_a_sesame_that_hangs_keeps_nobody_longer_than_five_seconds(client, server, service):
    server.routes[f"{service.path}/-oxp/SNV"] = lambda exchange: exchange.hang()
    began = time.monotonic()

    answer = ask(client, "3C 273", remote="1")

    assert answer.status_code in (503, 504)
    assert time.monotonic() - began < 5.5


def test_an_address_that_is_not_allowed_is_not_asked(client, app, service):
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"remote_allow": ()})

    assert ask(client, "3C 273", remote="1").status_code == 503
    assert service.asked == []
