"""Event streams (`text/event-stream`) whose events are JSON objects, as those of the hubs."""

import json
from collections.abc import Iterator
from typing import Any

import requests

from portal.plugins.http import open_body
from portal.plugins.http.peers import name_peer_of
from portal.problems import ServiceError

CHUNK = 65_536
LONGEST_EVENT = 1_000_000


def read_events(response: requests.Response) -> Iterator[dict[str, Any]]:
    """Yield the events of an open answer; comments, such as those that keep it open, are skipped.

    Raises ServiceError for what is no such event. The stream may go on for ever after the
    event that ends the story: stop asking for more, and close the response. A last event that
    is whole counts also without the blank line after it.
    """
    peer = name_peer_of(response.url)
    data: list[bytes] = []
    length = 0
    for line in _lines(response, peer):
        if line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))
            length += len(line)
            if length > LONGEST_EVENT:
                raise ServiceError(f"{peer} sent an event that is too long")
        elif not line and data:
            event = _event(data)
            if event is None:
                raise ServiceError(f"{peer} sent an event that cannot be read")
            yield event
            data, length = [], 0
    if (last := _event(data)) is not None:
        yield last


def _lines(response: requests.Response, peer: str) -> Iterator[bytes]:
    """Yield whole lines, however they were cut on the way."""
    rest = b""
    with open_body(response) as body:
        while chunk := body.read(CHUNK):
            *whole, rest = (rest + chunk).split(b"\n")
            yield from (line.removesuffix(b"\r") for line in whole)
            if len(rest) > LONGEST_EVENT:
                raise ServiceError(f"{peer} sent an event that is too long")
    if rest:
        yield rest


def _event(data: list[bytes]) -> dict[str, Any] | None:
    try:
        event = json.loads(b"\n".join(data))
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
