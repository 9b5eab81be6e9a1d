"""A kernel of a running Jupyter server, in the wire protocol that its WebSocket speaks."""

import json
import re
import uuid
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import requests

from portal.plugins.http.websocket import open_websocket
from portal.plugins.http.websocket import WebSocket
from portal.problems import ServiceError

PROTOCOL_VERSION = "5.3"
SILENCE_SECONDS = 120.0  # servers send a ping at least every half minute
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
LONGEST_LINE = 2_000


class Kernel:
    """A connection to a kernel that nobody else uses."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    @classmethod
    def connect(cls, http: requests.Session, url: str, *, headers: Mapping[str, str]) -> "Kernel":
        """Connect to the channels of a kernel."""
        return cls(open_websocket(http, url, headers=headers, silence=SILENCE_SECONDS))

    def close(self) -> None:
        """Drop the connection; the kernel goes on."""
        self._socket.close()

    def run(self, code: str, log: Callable[[str], None]) -> None:
        """Run code until it ends; `log` gets each line that it prints.

        Raises ServiceError with the exception that the code raised, or when its kernel died.
        """
        request = _execute_request(code)
        self._socket.send(json.dumps(request))
        wanted = request["header"]["msg_id"]
        lines = _Lines(log)
        reply: dict[str, Any] | None = None
        is_idle = False
        while reply is None or not is_idle:
            message = self._receive()
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "status" and content.get("execution_state") in {"dead", "restarting"}:
                raise ServiceError("the kernel that prepared the session died")
            if message["parent_header"].get("msg_id") != wanted:
                continue
            if kind == "stream":
                lines.add(str(content.get("text", "")))
            elif kind == "execute_reply":
                reply = content
            elif kind == "status":
                is_idle = content.get("execution_state") == "idle"
        lines.end()
        if reply.get("status") != "ok":
            raise ServiceError(f"preparing the session failed: {_words(reply)}")

    def _receive(self) -> dict[str, Any]:
        try:
            message = json.loads(self._socket.receive())
            parts = {name: dict(message[name]) for name in ("header", "parent_header", "content")}
            parts["header"]["msg_type"]  # every message has one
        except (ValueError, TypeError, KeyError) as error:
            raise ServiceError("a kernel sent a message that cannot be read") from error
        return parts


class _Lines:
    """Cuts what a program prints into lines, as they become whole."""

    def __init__(self, log: Callable[[str], None]) -> None:
        self._log = log
        self._rest = ""

    def add(self, text: str) -> None:
        """Pass on the lines that have ended; carriage returns end one, as those of progress."""
        *whole, self._rest = re.split(r"\r\n|\r|\n", self._rest + ANSI.sub("", text))
        for line in whole:
            self._pass_on(line)
        self._rest = self._rest[-LONGEST_LINE:]

    def end(self) -> None:
        """Pass on what was left without an end."""
        self._pass_on(self._rest)
        self._rest = ""

    def _pass_on(self, line: str) -> None:
        if line.strip():
            self._log(line[:LONGEST_LINE])


def _words(reply: Mapping[str, Any]) -> str:
    """Return what an exception says; a RuntimeError has words for people."""
    name, value = str(reply.get("ename", "error")), str(reply.get("evalue", ""))
    return value if name == "RuntimeError" and value else f"{name}: {value}"


def _execute_request(code: str) -> dict[str, Any]:
    return {
        "channel": "shell",
        "header": {
            "msg_id": uuid.uuid4().hex,
            "session": uuid.uuid4().hex,
            "username": "portal",
            "msg_type": "execute_request",
            "version": PROTOCOL_VERSION,
        },
        "parent_header": {},
        "metadata": {},
        "content": {
            "code": code,
            "silent": False,
            "store_history": False,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        },
    }
