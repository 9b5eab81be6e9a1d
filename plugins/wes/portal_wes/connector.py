"""The API of a Workflow Execution Service (GA4GH WES 1.0 and 1.1)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import requests

from portal.plugins import open_body
from portal.plugins import ServiceError
from portal.plugins import TransientError

DENIED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
BUSY = (
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.NOT_FOUND,  # which is a proxy's: the service's own is JSON
)
MAX_ANSWER = 20_000_000
LONGEST_WORDS = 1_000
MOST_RUNS = 500
Document = Mapping[str, Any]


class RefusedError(ServiceError):
    """The service wants to know who asks, or refuses the token."""


class BusyError(TransientError):
    """The service answers, and does nothing of what it was asked for at the moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One run as it is handed in: fields of a form, and files by their relative paths."""

    fields: Mapping[str, str]
    attachments: Mapping[str, str]


class WesApi:
    """What is asked of one service with one token, or with none."""

    def __init__(self, http: requests.Session, *, root: str, title: str, token: str | None) -> None:
        self._http = http
        self._root = f"{root}ga4gh/wes/v1/"
        self._title = title
        self._token = token

    def info(self) -> Document:
        """Return what the service says of itself."""
        return self._ask("GET", "service-info") or {}

    def submit(self, submission: Submission) -> str:
        """Hand in a run, and return its id."""
        files = [
            ("workflow_attachment", (path, text.encode(), "application/octet-stream"))
            for path, text in submission.attachments.items()
        ]
        said = self._ask("POST", "runs", data=dict(submission.fields), files=files) or {}
        run_id = said.get("run_id")
        if not isinstance(run_id, str) or not run_id:
            raise ServiceError(f"{self._title} took the run, but does not say how it is called.")
        return run_id

    def find(self, tag: str, value: str) -> str | None:
        """Return the id of the run that was handed in with this tag, or None.

        Services list runs without their tags before version 1.1, so that each has to be looked
        at. That many are, and no more.
        """
        left = MOST_RUNS
        query: dict[str, str] = {}
        while left > 0:
            page = self._ask("GET", "runs", params=query) or {}
            runs = _list(page.get("runs") or page.get("workflows"))  # the latter before 1.0
            for run in runs[:left]:
                told = run if "tags" in run else self.log(run["run_id"]).get("request")
                if _has_tag(told, tag, value):
                    return str(run["run_id"])
            left -= max(len(runs), 1)
            query = {"page_token": str(page.get("next_page_token") or "")}
            if not query["page_token"]:
                break
        return None

    def state(self, run_id: str) -> str | None:
        """Return the state of a run in the words of WES; None for one that nobody knows."""
        said = self._ask("GET", f"{_run(run_id)}/status")
        return None if said is None else str(said.get("state", "UNKNOWN"))

    def log(self, run_id: str) -> Document:
        """Return all that is known of a run, with its outputs."""
        return self._ask("GET", _run(run_id)) or {}

    def cancel(self, run_id: str) -> None:
        """Have a run ended; one that nobody knows is."""
        self._ask("POST", f"{_run(run_id)}/cancel")

    def _ask(self, method: str, path: str, **options: Any) -> Document | None:
        """Return the answer, or None for what the service itself does not find."""
        with self._http.request(
            method, self._root + path, headers=self._headers, allow_redirects=False, **options
        ) as response:
            status, said = response.status_code, _read(response)
        if status < HTTPStatus.MULTIPLE_CHOICES:
            return said
        if status == HTTPStatus.NOT_FOUND and said:
            return None
        words = f"{self._title} says: {_words(status, said)}"
        if status in DENIED:
            raise RefusedError(words)
        if status in BUSY:
            raise BusyError(words)
        is_lost = status >= HTTPStatus.BAD_GATEWAY  # it may have been done, whatever it was
        raise TransientError(words) if is_lost else ServiceError(words)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}


def _list(value: object) -> list[Document]:
    found = value if isinstance(value, list) else []
    return [one for one in found if isinstance(one, dict) and isinstance(one.get("run_id"), str)]


def _has_tag(document: object, tag: str, value: str) -> bool:
    tags = document.get("tags") if isinstance(document, dict) else None
    return isinstance(tags, dict) and tags.get(tag) == value


def _run(run_id: str) -> str:
    return f"runs/{quote(run_id, safe='')}"


def _read(response: requests.Response) -> Document:
    text = b""
    with open_body(response) as body:
        while more := body.read(MAX_ANSWER):
            text += more
            if len(text) > MAX_ANSWER:
                raise ServiceError("a workflow service sent more than anybody asked for")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _words(status: int, said: Document) -> str:
    words = str(said.get("msg") or said.get("detail") or said.get("title") or "")
    return " ".join(words.split())[:LONGEST_WORDS] or f"status {status}"
