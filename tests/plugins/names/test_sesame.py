import time

import pytest

from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal_names.sesame import read_answer
from portal_names.sesame import Sesame
from portal_names.settings import NamesSettings
from tests.support.sesame import answer
from tests.support.sesame import found
from tests.support.sesame import NED
from tests.support.sesame import silent
from tests.support.sesame import VIZIER


def test_a_name_becomes_a_position(sesame, service, http):
    service.known["M 31"] = found("010.68470833", "+41.26875000", "M  31")

    place = sesame.resolve("M 31", http)

    assert (place.ra, place.dec) == (10.68470833, 41.26875)
    assert place.name == "M 31"
    assert place.resolver == "Sesame (CDS): Simbad"


@pytest.mark.parametrize("name", ["NAME 2+2=5 & more?#/%", "α Cen", "[KW97] 1-2", "a+b"])
def test_every_name_arrives_as_it_is(sesame, service, http, name):
    service.known[name] = found(1, 2, "X")

    assert sesame.resolve(name, http).ra == 1
    assert service.asked == [name]


def test_the_first_resolver_that_has_a_position_counts():
    two = "\n".join([silent(), found("1.5", "-2.5", "B", NED), found("3", "4", "C", VIZIER)])

    place = read_answer(answer(two).encode())

    assert (place.ra, place.dec, place.resolver) == (1.5, -2.5, "Sesame (CDS): NED")


def test_positions_off_the_sky_are_passed_over():
    two = "\n".join([found("999", "0", "bad"), found("nan", "0", "bad"), found("3", "4", "good")])

    assert read_answer(answer(two).encode()).name == "good"


def test_nothing_found_by_anybody_is_an_unknown_name(sesame, service, http):
    assert sesame.resolve("no such thing", http) is None
    assert service.asked == ["no such thing"]


def test_an_answer_is_asked_for_once(sesame, service, http):
    service.known["X"] = found(1, 2, "X")
    for _ in range(3):
        assert sesame.resolve("X", http).ra == 1
        assert sesame.resolve("unknown", http) is None

    assert service.asked == ["X", "unknown"]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("", "no XML"),
        ("%J 10.68 +41.26 = 00:42:44", "no XML"),
        ("<html><body>Service down", "no XML"),
        ("<html><body>Service down</body></html>", "nothing readable"),
        (answer(""), "nothing readable"),
        (answer(silent(words="Simbad is not available")), "Simbad is not available"),
        (answer(silent() + silent(NED, "connection refused")), "connection refused"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><Sesame>&b;</Sesame>', "entities"),
        ('<!DOCTYPE a SYSTEM "x" [ ]><Sesame/>', "entities"),
    ],
)
def test_a_broken_answer_is_no_answer(sesame, service, mirror, http, document, words):
    service.server.routes[f"{mirror.path}/-oxp/SNV"] = lambda one: one.answer("", status=503)
    service.server.routes[f"{service.path}/-oxp/SNV"] = lambda one: one.answer(document)

    with pytest.raises(ServiceError, match=words):
        read_answer(document.encode())
    with pytest.raises(TransientError, match="503"):
        sesame.resolve("X", http)


def test_failures_are_not_remembered(sesame, service, mirror, http):
    paths = [f"{one.path}/-oxp/SNV" for one in (service, mirror)]
    for path in paths:
        service.server.routes[path] = lambda one: one.answer("", status=500)
    with pytest.raises(TransientError):
        sesame.resolve("X", http)

    service.known["X"] = found(1, 2, "X")
    service.server.routes[paths[0]] = service.reply

    assert sesame.resolve("X", http).ra == 1


@pytest.mark.slow
@pytest.mark.parametrize("how", ["hang", "refuse", "flood"])
def test_the_mirror_is_asked_when_the_first_does_not_answer(sesame, service, mirror, http, how):
    def fail(exchange):
        if how == "refuse":
            exchange.answer("busy", status=503)
        elif how == "hang":
            exchange.hang()
        else:
            exchange.head()
            exchange.flood(b"<Sesame>")

    service.server.routes[f"{service.path}/-oxp/SNV"] = fail
    mirror.known["X"] = found(1, 2, "X")
    began = time.monotonic()

    assert sesame.resolve("X", http).ra == 1
    assert time.monotonic() - began < 3


def test_without_a_mirror_the_failure_is_told(service, http, tmp_path):
    service.server.routes[f"{service.path}/-oxp/SNV"] = lambda one: one.answer("", status=502)
    settings = NamesSettings(sesame_url=service.url, sesame_mirror_url=None)

    with pytest.raises(TransientError, match="502"):
        Sesame(settings, tmp_path).resolve("X", http)
