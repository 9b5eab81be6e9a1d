import time

import pytest

from portal.plugins import AbortedError
from portal.plugins import DeadlineError
from portal.plugins import HttpPolicy
from portal.plugins import NameResolver
from portal.plugins import open_session
from portal.plugins import ResolvedPosition
from portal.plugins import resolving
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal.plugins.resolving import resolve
from portal.plugins.resolving import UnansweredNameError
from portal.plugins.resolving import UnknownNameError
from tests.support.loopback import loopback


class Book(NameResolver):
    """Knows what it is told; an exception instead of a position is raised."""

    def __init__(self, title="the book", similar=(), **known):
        self.id = self.title = title
        self.known = known
        self.similar = similar
        self.asked = []

    def resolve(self, name, http):
        self.asked.append(name)
        found = self.known.get(name.replace(" ", ""))
        if isinstance(found, BaseException):
            raise found
        if callable(found):
            return found(http)
        return found and ResolvedPosition(ra=found[0], dec=found[1], resolver=self.title, name=name)

    def suggest(self, name):
        if isinstance(self.similar, BaseException):
            raise self.similar
        return self.similar


def sessions(until):
    return open_session(HttpPolicy(allow=frozenset(["127.0.0.1"])), deadline=until)


def ask(text, *books, tell=lambda line: None):
    return resolve(text, books, open_session=sessions, tell=tell)


def test_coordinates_need_nobody():
    book = Book()

    found = ask("00:42:44.3 +41:16:08", book)

    assert (found.ra, found.dec) == pytest.approx((10.68458, 41.26889), abs=1e-5)
    assert found.resolver == "coordinates"
    assert book.asked == []


def test_wrong_coordinates_are_the_users():
    with pytest.raises(UsageError, match="right ascension runs from 0 to 360"):
        ask("400 10")


def test_the_first_who_knows_answers():
    first, second, third = Book("a"), Book("b", M31=(10.5, 41)), Book("c", M31=(0, 0))

    found = ask(" M  31", first, second, third)

    assert (found.ra, found.dec, found.resolver) == (10.5, 41, "b")
    assert (first.asked, third.asked) == (["M 31"], [])


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (TransientError("it is down"), "it is down"),
        (ServiceError("it is broken"), "it is broken"),
        (UsageError("no such place"), "no such place"),
        (KeyError("a mistake"), "it failed (KeyError)"),
        ((float("nan"), 1), "no position on the sky"),
        ((10, 91), "no position on the sky"),
        ((-1, 0), "no position on the sky"),
    ],
)
def test_one_that_fails_is_skipped_and_told(fault, words):
    lines = []

    found = ask("X", Book("bad", X=fault), Book("good", X=(1, 2)), tell=lines.append)

    assert found.resolver == "good"
    assert lines == [
        f"bad could not be asked for X: {words}".replace(words, lines[0].split(": ")[1])
    ]
    assert words in lines[0]


def test_nobody_knows_and_who_was_asked_is_said():
    with pytest.raises(UnknownNameError) as error:
        ask("Andromdea", Book("the list", similar=["Andromeda Galaxy"]), Book("Sesame"))

    assert error.value.message == (
        "Nobody knows where Andromdea is (asked: the list, Sesame). Did you mean Andromeda Galaxy?"
    )


def test_a_name_that_not_all_could_be_asked_for_may_be_known_later():
    with pytest.raises(UnansweredNameError, match=r"Sesame could not be asked\. Did you mean M 31"):
        ask("X", Book("a list", similar=["M 31"]), Book("Sesame", X=TransientError("down")))


def test_suggestions_that_fail_are_none():
    with pytest.raises(UnknownNameError, match="asked: a"):
        ask("X", Book("a", similar=ValueError("no")))


def test_without_resolvers_it_is_said_that_there_is_nobody():
    with pytest.raises(UnknownNameError, match="nobody to ask"):
        ask("X")


def test_an_abort_ends_it():
    with pytest.raises(AbortedError):
        ask("X", Book("a", X=AbortedError("stop")), Book("b", X=(1, 2)))


@pytest.mark.slow
def test_one_that_hangs_is_left_for_the_next(monkeypatch):
    monkeypatch.setattr(resolving, "RESOLVER_SECONDS", 0.3)
    lines = []
    with loopback() as server:
        server.routes["/"] = lambda exchange: exchange.hang()
        slow = Book("slow", X=lambda http: http.get(server.url))
        began = time.monotonic()
        found = ask("X", slow, Book("b", X=(1, 2)), tell=lines.append)

    assert found.resolver == "b"
    assert time.monotonic() - began < 2
    assert "slow could not be asked" in lines[0]


def test_the_end_of_the_jobs_own_time_is_its_end():
    with loopback() as server:
        server.routes["/"] = lambda exchange: exchange.hang()
        slow = Book("slow", X=lambda http: http.get(server.url))
        with pytest.raises(DeadlineError):
            resolve(
                "X",
                [slow, Book("b", X=(1, 2))],
                open_session=lambda _until: sessions(time.monotonic() + 0.2),
            )
