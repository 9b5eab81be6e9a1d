"""One BinderHub as a facility: sessions in images that it builds of repositories."""

import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from urllib.parse import urlsplit

import requests

from portal.plugins import BasketSummary
from portal.plugins import binder_link
from portal.plugins import FacilityContext
from portal.plugins import FacilityHealth
from portal.plugins import forget_token
from portal.plugins import Handle
from portal.plugins import JupyterServer
from portal.plugins import LaunchContext
from portal.plugins import Mode
from portal.plugins import NotebookFacility
from portal.plugins import open_body
from portal.plugins import open_lingering
from portal.plugins import Prepared
from portal.plugins import ServiceError
from portal.plugins import Session
from portal.plugins import SessionState
from portal.plugins import SessionStatus
from portal.plugins import stored_token
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal_binderhub.building import BuildRequest
from portal_binderhub.building import lost_words
from portal_binderhub.building import RefusedError
from portal_binderhub.settings import BinderSettings

ASKED, LAUNCHING, READY, FILLED = "asked", "launching", "ready", "filled"
MAX_ANSWER = 100_000
LINGER_SECONDS = 120.0  # what is starting can be ended once its address is known, not before


class BinderHub(NotebookFacility):
    """A BinderHub, to which browsers are sent, or where the portal starts sessions.

    A handle has the stage of the launch and, once it is known, the address and the token of
    the session.
    """

    def __init__(self, settings: BinderSettings) -> None:
        super().__init__(settings)
        self.mode = Mode(settings.mode)
        self.staging = settings.staging
        self._login = settings.login

    def link(self, repository: str, ref: str, path: str | None) -> str:
        """Return where BinderHub builds the repository and takes one to the session."""
        return binder_link(self.url, repository, ref, path)

    def launch(self, prepared: Prepared, context: LaunchContext) -> Session:
        """Build and launch; a second attempt goes on where the session's address is known."""
        handle = dict(context.handle or {})
        if handle.get("stage") == LAUNCHING:
            raise ServiceError(lost_words(self.title, None))
        if "url" not in handle:
            handle = self._start(prepared, context)
        self._fill(prepared, handle, context)
        return self._session(prepared, handle)

    def status(self, handle: Handle, context: FacilityContext) -> SessionStatus:
        """Ask the session itself; one whose address never became known cannot be found."""
        if "url" not in handle:
            return SessionStatus(state=SessionState.GONE, message="It was never ready.")
        activity = self._server(handle, context).activity()
        if activity is None:
            return SessionStatus(state=SessionState.GONE, message=f"{self.title} has ended it.")
        return SessionStatus(state=SessionState.RUNNING, last_activity=activity.last_activity)

    def stop(self, handle: Handle, context: FacilityContext) -> None:
        """End the Jupyter server; the hub then removes what it made for it."""
        if "url" in handle:
            server = self._server(handle, context)
            if server.activity() is not None:
                server.shut_down()

    def health(self, context: FacilityContext) -> FacilityHealth:
        """Ask for its checks, which old ones have not: these have a front page at least."""
        status, checks = self._ask(context.http, "health")
        if "ok" not in checks:
            status, _ = self._ask(context.http, "")
            if status != HTTPStatus.OK:
                raise TransientError(f"{self.title} answers with status {status}.")
        elif not checks["ok"]:
            failed = [str(one.get("service")) for one in _services(checks) if not one.get("ok")]
            raise TransientError(f"{self.title} says that it cannot work: {', '.join(failed)}.")
        _, versions = self._ask(context.http, "versions")
        version = versions.get("binderhub")
        message = f"BinderHub {version}" if version else ""
        capacity, is_full = _room(checks)
        return FacilityHealth(message=message, capacity=capacity, is_full=is_full)

    def _start(self, prepared: Prepared, context: LaunchContext) -> dict[str, str]:
        """Build and launch; the handle says how far that is before anything else happens."""
        token = self._hub_token(context)
        known = {"repository": prepared.repository, "commit": prepared.commit}
        context.save({**known, "stage": ASKED})
        request = BuildRequest(
            root=self.url,
            title=self.title,
            repository=prepared.repository,
            commit=prepared.commit,
            headers={"Authorization": f"token {token}"} if token else {},
        )
        held_until = 0.0

        def on_launch() -> None:
            nonlocal held_until
            held_until = time.monotonic() + LINGER_SECONDS
            context.linger(LINGER_SECONDS)
            context.save({**known, "stage": LAUNCHING})

        try:
            with open_lingering(
                context.http, is_held=lambda: time.monotonic() < held_until
            ) as http:
                started = request.follow(
                    http,
                    on_launch=on_launch,
                    report=context.report,
                    log=self.log_of(prepared, context),
                )
        except RefusedError:
            if token:
                forget_token(context, self.url)
            raise
        handle = {**known, "stage": READY, "url": started.url, "token": token or started.token}
        context.save(handle)
        context.linger(0)
        return handle

    def _fill(self, prepared: Prepared, handle: dict[str, str], context: LaunchContext) -> None:
        """Put the files into the session, and fetch the data there, once."""
        server = self._server(handle, context)
        if server.activity() is None:
            raise ServiceError(f"The session at {self.title} ended before it could be used.")
        if handle["stage"] == FILLED:
            return
        if "url" in (context.handle or {}):  # an attempt before this one was there
            server.end_kernels()
        if prepared.files:
            context.report(0.75, "Putting files into the session")
            server.put_files("", prepared.files)
        if prepared.setup:
            context.report(0.8, "Fetching the data")
            server.run(prepared.setup, log=self.log_of(prepared, context))
        handle["stage"] = FILLED
        context.save(handle)

    def _session(self, prepared: Prepared, handle: Handle) -> Session:
        page = f"lab/tree/{quote(prepared.path)}" if prepared.path else "lab"
        address = f"{handle['url']}{page}"
        if self._login:
            return Session(url=address, notice=f"{self.title} asks you to log in there.")
        return Session(url=f"{address}?token={quote(handle['token'])}")

    def _hub_token(self, context: LaunchContext) -> str | None:
        if not self._login:
            return None
        token = stored_token(context, self.url)
        if token is None:
            raise UsageError(
                f"{self.title} wants to know who you are: make a token there, and store it in your "
                f"account for {urlsplit(self.url).hostname}, without a user name."
            )
        return token

    def _warning(self, basket: BasketSummary) -> str:
        words = super()._warning(basket)
        if self._login and self.mode is Mode.LAUNCH:
            host = urlsplit(self.url).hostname
            words = f"You need a token of {host} in your account. {words}".strip()
        return words

    def _server(self, handle: Handle, context: FacilityContext) -> JupyterServer:
        return JupyterServer(context.http, handle["url"], handle["token"])

    def _ask(self, http: requests.Session, path: str) -> tuple[int, Mapping[str, Any]]:
        """Return the status and, where the answer is a JSON object, that."""
        with http.get(f"{self.url}{path}") as answer, open_body(answer) as body:
            text = body.read(MAX_ANSWER)
            try:
                said = json.loads(text)
            except ValueError:
                said = None
            return answer.status_code, said if isinstance(said, dict) else {}


def _services(checks: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = checks.get("checks")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _room(checks: Mapping[str, Any]) -> tuple[dict[str, str], bool]:
    """Return how many sessions run of how many that may, and whether that is all.

    Current BinderHubs say so. A quota of 0 is one: there it starts nothing, for maintenance.
    """
    for one in _services(checks):
        running, quota = one.get("user_pods"), one.get("quota")
        if isinstance(running, int):
            if not isinstance(quota, int):
                return {"Sessions": str(running)}, False
            return {"Sessions": f"{running} of {quota}"}, running >= quota
    return {}, False
