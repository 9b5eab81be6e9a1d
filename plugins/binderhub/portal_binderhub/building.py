"""How a BinderHub builds and launches a repository: its stream of events, up to the last one."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from urllib.parse import urljoin
from urllib.parse import urlsplit

import requests

from portal.plugins import PortalError
from portal.plugins import read_events
from portal.plugins import ServiceError
from portal.plugins import TransientError

SHOWN = {
    "waiting": (0.0, "Waiting for the build"),
    "fetching": (0.05, "Fetching the repository"),
    "building": (0.1, "Building the environment"),
    "pushing": (0.4, "Storing the environment"),
    "built": (0.5, "The environment is built"),
    "launching": (0.5, "Starting the session"),
    "ready": (0.7, "The session runs, and gets its files"),
}
FAILED = ("failed", "failure")
DENIED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
LONGEST_WORDS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What BinderHub started: the root of a Jupyter server, and the token that opens it."""

    url: str
    token: str = field(repr=False)


class RefusedError(ServiceError):
    """BinderHub does not let the portal in, or not with this token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """One request to build and launch. `headers` may carry a hub's token."""

    root: str
    title: str
    repository: str
    commit: str
    headers: Mapping[str, str] = field(repr=False)

    def follow(
        self,
        http: requests.Session,
        *,
        on_launch: Callable[[], None],
        report: Callable[[float | None, str], None],
        log: Callable[[str], None],
    ) -> Started:
        """Ask, and follow the events until the session is ready; `on_launch` is called once.

        The stream is never asked for again, since that would start another session. Raises
        ServiceError with BinderHub's own words; TransientError only as long as nothing was
        started.
        """
        asked = f"{self.root}build/git/{quote(self.repository, safe='')}/{self.commit}"
        headers = {"Accept": "text/event-stream", **self.headers}
        is_launching = False
        try:
            with http.get(asked, headers=headers) as answer:
                self._check(answer)
                for event in read_events(answer):
                    phase = str(event.get("phase", ""))
                    if phase == "launching" and not is_launching:
                        is_launching = True
                        on_launch()
                    started = self._take(phase, event, report, log)
                    if started is not None:
                        return started
        except TransientError as error:
            if is_launching:
                raise ServiceError(lost_words(self.title, error)) from error
            raise
        end = f"{self.title} ended its answer before the session was ready."
        raise ServiceError(lost_words(self.title, None)) if is_launching else TransientError(end)

    def _check(self, answer: requests.Response) -> None:
        if answer.status_code in DENIED:
            raise RefusedError(f"{self.title} lets nobody in without a login.")
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise TransientError(f"{self.title} answers with status {answer.status_code}.")
        kind = answer.headers.get("Content-Type", "")
        if not answer.ok or not kind.startswith("text/event-stream"):
            raise ServiceError(
                f"{self.title} does not answer as a BinderHub does (status {answer.status_code})."
            )

    def _take(
        self,
        phase: str,
        event: Mapping[str, Any],
        report: Callable[[float | None, str], None],
        log: Callable[[str], None],
    ) -> Started | None:
        """Show an event; return what it says was started, raise when it says that this failed."""
        words = str(event.get("message") or "").strip()[-LONGEST_WORDS:]
        if phase in FAILED:
            raise self._failure(event, words)
        if phase in SHOWN:
            report(*SHOWN[phase])
        if phase == "ready":
            return self._started(event)
        for line in words.splitlines():
            log(line)
        return None

    def _started(self, event: Mapping[str, Any]) -> Started:
        url, token = urljoin(self.root, str(event.get("url") or "")), event.get("token")
        if "url" not in event or urlsplit(url).scheme not in {"http", "https"} or not token:
            raise ServiceError(f"{self.title} does not say where the session is.")
        return Started(url=f"{url.rstrip('/')}/", token=str(token))

    def _failure(self, event: Mapping[str, Any], words: str) -> PortalError:
        said = f"{self.title} says: {words or 'it failed'}"
        status = event.get("status_code")
        if status in DENIED:
            return RefusedError(said)
        return (
            TransientError(said) if status == HTTPStatus.TOO_MANY_REQUESTS else ServiceError(said)
        )


def lost_words(title: str, error: PortalError | None) -> str:
    """Say that a session may run of which the portal does not know the address."""
    cause = f" ({error.message})" if error else ""
    return (
        f"The connection to {title} was lost while it started the session{cause}. What it started "
        "cannot be found again, and ends there by itself when nobody uses it. Launch again."
    )
