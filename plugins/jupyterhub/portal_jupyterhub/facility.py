"""One JupyterHub as a facility: a named server for each session."""

import re
from collections.abc import Mapping
from typing import Any
from typing import Literal
from urllib.parse import quote
from urllib.parse import urlsplit

from pydantic import create_model

from portal.plugins import BasketSummary
from portal.plugins import FacilityContext
from portal.plugins import FacilityHealth
from portal.plugins import forget_token
from portal.plugins import Handle
from portal.plugins import JupyterServer
from portal.plugins import LaunchContext
from portal.plugins import NoOptions
from portal.plugins import NotebookFacility
from portal.plugins import own_token
from portal.plugins import parameter
from portal.plugins import Parameters
from portal.plugins import Prepared
from portal.plugins import read_jupyter_time
from portal.plugins import ServiceError
from portal.plugins import Session
from portal.plugins import SessionState
from portal.plugins import SessionStatus
from portal.plugins import Staging
from portal.plugins import stored_token
from portal.plugins import UsageError
from portal_jupyterhub.hub import HubApi
from portal_jupyterhub.hub import OneServerError
from portal_jupyterhub.hub import Place
from portal_jupyterhub.hub import RefusedError
from portal_jupyterhub.repository import fetching_code
from portal_jupyterhub.settings import HubSettings

OWN, MADE, FILLED = "own", "made", "filled"
YES = "yes"
NO_NAME = ""
NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")


class JupyterHub(NotebookFacility):
    """A JupyterHub. Sessions run as users that the portal made, or as who stored a token.

    A handle has the user and the name of the server, whose token was used (`own`), whether the
    user is one of the portal's (`made`), the token that opens the server and the `note` by which
    the hub lists it, and whether everything is in place there (`filled`).
    """

    staging = Staging.SESSION

    def __init__(self, settings: HubSettings) -> None:
        super().__init__(settings)
        self.Options = _options(settings)
        self._settings = settings
        self._profiles = {one.id: one.user_options for one in settings.profiles}

    def launch(self, prepared: Prepared, context: LaunchContext) -> Session:
        """Start the server that is named after the session, or go on with it."""
        handle = dict(context.handle or self._begin(prepared, context))
        api = self._api(handle, context)
        if FILLED not in handle:
            handle = self._start(api, prepared, handle, context)
        place = _place(handle)
        url = api.follow(place, context.report)
        if "token" not in handle:
            handle["token"] = api.make_token(place, note=handle["note"])
            handle["url"] = url
            context.save(handle)
        server = JupyterServer(context.http, handle["url"], handle["token"])
        folder = _folder(prepared)
        session = self._session(server, prepared, folder, handle)
        self._fill(server, prepared, folder, handle, context)
        return session

    def status(self, handle: Handle, context: FacilityContext) -> SessionStatus:
        """Ask the hub."""
        said = self._api(handle, context).server(_place(handle))
        if said is None or (said.get("stopped") and not said.get("pending")):
            return SessionStatus(state=SessionState.GONE, message=f"{self.title} has ended it.")
        return SessionStatus(
            state=_state(said), last_activity=read_jupyter_time(said.get("last_activity"))
        )

    def stop(self, handle: Handle, context: FacilityContext) -> None:
        """Remove the server, its tokens, and a user who was made for it and has no other."""
        api = self._api(handle, context)
        api.stop(_place(handle))
        if "note" in handle:  # sessions have one since they are told by it
            api.revoke_tokens(handle["user"], note=handle["note"])
        if handle.get(MADE) == YES:
            api.remove_idle_user(handle["user"], after=handle["server"])

    def health(self, context: FacilityContext) -> FacilityHealth:
        """Ask the hub for its version, and how busy it is; it tells its limit to nobody."""
        api = HubApi(context.http, root=self.url, title=self.title, token="")
        version = api.version()
        if not version:
            raise ServiceError(f"{self.title} does not answer as a JupyterHub does.")
        users = self._as_service(context).count_active() if self._settings.has_token else None
        capacity = {} if users is None else {"Users at work": str(users)}
        return FacilityHealth(message=f"JupyterHub {version}", capacity=capacity)

    def _begin(self, prepared: Prepared, context: LaunchContext) -> dict[str, str]:
        """Find out who the user is; the handle is saved before he or anything else is made."""
        own = stored_token(context, self.url)
        handle = {"server": prepared.id, "note": f"{prepared.title} ({prepared.id})"}
        if own is not None:
            handle |= {"user": self._own_name(own, context), OWN: YES}
        else:
            self._as_service(context).check_access(prepared.user)
            handle |= {"user": prepared.user, MADE: YES}
        context.save(handle)
        return handle

    def _own_name(self, token: str, context: LaunchContext) -> str:
        api = HubApi(context.http, root=self.url, title=self.title, token=token)
        try:
            return api.name()
        except RefusedError as error:
            forget_token(context, self.url)
            raise UsageError(
                f"{error.message} It was deleted from your account: make a new one, and store it."
            ) from error

    def _start(
        self, api: HubApi, prepared: Prepared, handle: dict[str, str], context: LaunchContext
    ) -> dict[str, str]:
        """Have the server started; returns the handle, another one where servers have no names."""
        try:
            self._ask_for_server(api, prepared, handle)
        except OneServerError:
            handle = self._without_name(api, prepared, handle)
            context.save(handle)
            self._ask_for_server(api, prepared, handle)
        return handle

    def _ask_for_server(self, api: HubApi, prepared: Prepared, handle: Handle) -> None:
        if handle.get(MADE) == YES:
            api.make_user(handle["user"])
        profile = getattr(prepared.options, "profile", "")
        options = self._profiles.get(profile, {})
        api.start(_place(handle), title=prepared.title, options=options)

    def _without_name(
        self, api: HubApi, prepared: Prepared, handle: dict[str, str]
    ) -> dict[str, str]:
        """Return the handle of the only server of a user: of one for this session, or of oneself.

        Raises UsageError where that is in use.
        """
        if handle.get(MADE) == YES:
            api.remove_idle_user(handle["user"], after=handle["server"])
            return {**handle, "user": prepared.id, "server": NO_NAME}
        if api.server(Place(user=handle["user"], server=NO_NAME)) is not None:
            raise UsageError(
                f"{self.title} lets you have one server, and it is running. End it there, and "
                "launch again."
            )
        return {**handle, "server": NO_NAME}

    def _fill(
        self,
        server: JupyterServer,
        prepared: Prepared,
        folder: str,
        handle: dict[str, str],
        context: LaunchContext,
    ) -> None:
        """Put repository, files and data into the session, once."""
        if FILLED in handle:
            return
        if "url" in (context.handle or {}):  # an attempt before this one was there
            server.end_kernels()
        log = self.log_of(prepared, context)
        context.report(0.6, "Fetching the repository")
        code = fetching_code(folder, prepared.repository, prepared.commit)
        server.run(code, log=log)
        if prepared.files:
            context.report(0.75, "Putting files into the session")
            server.put_files(folder, prepared.files)
        if prepared.setup:
            context.report(0.8, "Fetching the data")
            server.run(prepared.setup, folder=folder, log=log)
        handle[FILLED] = YES
        context.save(handle)

    def _session(
        self, server: JupyterServer, prepared: Prepared, folder: str, handle: Handle
    ) -> Session:
        inside = f"{folder}/{prepared.path}" if prepared.path else folder
        address = f"{handle['url']}lab/tree/{quote(inside)}"
        if self._settings.token_in_url and server.opens_by_address():
            return Session(url=f"{address}?token={quote(handle['token'])}")
        if handle.get(MADE) == YES:
            raise ServiceError(
                f"{self.title} lets nobody in by an address with a token in it: its operator has "
                "to set JUPYTERHUB_ALLOW_TOKEN_IN_URL for its servers."
            )
        return Session(url=address, notice=f"You log in at {self.title} as {handle['user']}.")

    def _warning(self, basket: BasketSummary) -> str:
        words = super()._warning(basket)
        if not self._settings.has_token:
            host = urlsplit(self.url).hostname
            words = f"You need a token of {host} in your account. {words}".strip()
        return words

    def _api(self, handle: Handle, context: FacilityContext) -> HubApi:
        """Return the API, with the token that the launch began with.

        A service of the hub may go on with sessions of those who have stored none any more.
        """
        is_own = handle.get(OWN) == YES
        if not is_own or (self._settings.has_token and stored_token(context, self.url) is None):
            return self._as_service(context)
        token = own_token(context, self.url, self.title)
        return HubApi(context.http, root=self.url, title=self.title, token=token)

    def _as_service(self, context: FacilityContext) -> HubApi:
        try:
            token = self._settings.read_token()
        except ValueError as error:
            raise ServiceError(f"{self.title} cannot be used: {error}.") from error
        if token is None:
            raise UsageError(
                f"{self.title} wants to know who you are: make a token there, and store it in your "
                f"account for {urlsplit(self.url).hostname}, without a user name."
            )
        return HubApi(context.http, root=self.url, title=self.title, token=token)


def _options(settings: HubSettings) -> type[Parameters]:
    """Return the form on which one chooses a profile, if there is more than none."""
    names = tuple(one.id for one in settings.profiles)
    if not names:
        return NoOptions
    field: Any = (Literal[names], parameter(names[0], title="Profile"))
    return create_model("JupyterHubOptions", __base__=Parameters, profile=field)


def _place(handle: Handle) -> Place:
    return Place(user=handle["user"], server=handle["server"])


def _folder(prepared: Prepared) -> str:
    """Return the folder of a session in its user's home, which may have those of others."""
    name = (
        urlsplit(prepared.workflow.repository)
        .path.rstrip("/")
        .rpartition("/")[2]
        .removesuffix(".git")
    )
    return f"{NOT_IN_NAMES.sub('-', name).strip('-') or 'workflow'}-{prepared.id[:8]}"


def _state(said: Mapping[str, Any]) -> SessionState:
    if said.get("pending") == "stop":
        return SessionState.STOPPING
    return SessionState.RUNNING if said.get("ready") else SessionState.STARTING
