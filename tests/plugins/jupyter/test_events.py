"""Event streams as they may arrive."""

import io

import pytest
import requests
from urllib3 import HTTPResponse

from portal.plugins import read_events
from portal.plugins import ServiceError
from portal.plugins import TransientError


class Drip(io.RawIOBase):
    """Gives its parts one by one, whatever was asked for."""

    def __init__(self, *parts):
        self._parts = [part.encode() for part in parts]

    def read1(self, _size=-1):
        return self._parts.pop(0) if self._parts else b""


class Endless(Drip):
    """Fails when somebody reads on after the end of the story."""

    def read1(self, _size=-1):
        assert self._parts, "somebody waits for more"
        return super().read1()


def stream(body):
    response = requests.Response()
    response.url = "https://binder.example.org/build/git/x"
    response.raw = HTTPResponse(body=body, preload_content=False)
    return response


def test_events_are_read_whatever_the_pieces_they_come_in():
    parts = [
        "da",
        'ta: {"phase": "wai',
        'ting"}\n',
        "\n:keep",
        "alive\n\ndata:",
        ' {"a": "é"}\r\n\r\n',
    ]

    assert list(read_events(stream(Drip(*parts)))) == [{"phase": "waiting"}, {"a": "é"}]


def test_an_event_may_have_several_lines_and_names():
    parts = ['event: message\nid: 1\ndata: {"a":\ndata: 1}\n\n']

    assert list(read_events(stream(Drip(*parts)))) == [{"a": 1}]


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_the_last_event_counts_where_it_is_whole(end):
    whole = stream(Drip('data: {"a": 1}\n\n', 'data: {"phase": "ready"}' + end))
    cut = stream(Drip('data: {"a": 1}\n\n', 'data: {"phase": "rea' + end))

    assert list(read_events(whole)) == [{"a": 1}, {"phase": "ready"}]
    assert list(read_events(cut)) == [{"a": 1}]


def test_who_has_the_last_event_waits_for_no_other():
    events = read_events(stream(Endless('data: {"phase": "failed"}\n\n')))

    assert next(events) == {"phase": "failed"}


@pytest.mark.parametrize("text", ["no json", "[1]", '"text"', '{"a": '])
def test_what_is_no_event_is_told(text):
    with pytest.raises(ServiceError, match="sent an event that cannot be read"):
        list(read_events(stream(Drip(f"data: {text}\n\n"))))


def test_an_event_without_end_is_not_collected():
    with pytest.raises(ServiceError, match="too long"):
        list(read_events(stream(Drip("data: ", *["x" * 50_000] * 30))))
    with pytest.raises(ServiceError, match="too long"):
        list(read_events(stream(Drip(*["data: " + "x" * 50_000 + "\n"] * 30))))


def test_a_connection_that_breaks_may_work_later():
    class Broken(Drip):
        def read1(self, _size=-1):
            raise ConnectionResetError

    with pytest.raises(TransientError):
        list(read_events(stream(Broken())))
