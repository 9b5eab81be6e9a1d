"""One Execution Broker as a facility: it is asked for offers, and one is accepted."""

from urllib.parse import urlsplit

from portal.plugins import BasketSummary
from portal.plugins import FacilityContext
from portal.plugins import FacilityHealth
from portal.plugins import forget_token
from portal.plugins import growing_pauses
from portal.plugins import Handle
from portal.plugins import LaunchContext
from portal.plugins import NotebookFacility
from portal.plugins import own_token
from portal.plugins import Patience
from portal.plugins import Prepared
from portal.plugins import ServiceError
from portal.plugins import Session
from portal.plugins import SessionState
from portal.plugins import SessionStatus
from portal.plugins import stored_token
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal_broker.connector import BrokerApi
from portal_broker.connector import DecidedError
from portal_broker.connector import RefusedError
from portal_broker.documents import choose_offer
from portal_broker.documents import Document
from portal_broker.documents import Phase
from portal_broker.documents import read_entrance
from portal_broker.documents import read_messages
from portal_broker.documents import read_name
from portal_broker.documents import read_phase
from portal_broker.documents import read_uuid
from portal_broker.documents import write_request
from portal_broker.settings import BrokerSettings

SESSION, OWN = "session", "own"
YES = "yes"
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 15.0
LATE = "The session was not ready in the time that the launch may take."
STATES = {
    Phase.OFFERED: SessionState.GONE,
    Phase.LAPSED: SessionState.GONE,
    Phase.STARTING: SessionState.STARTING,
    Phase.READY: SessionState.RUNNING,
    Phase.RELEASING: SessionState.STOPPING,
    Phase.ENDED: SessionState.GONE,
}


class ExecutionBroker(NotebookFacility):
    """A broker. It speaks for places that the portal does not know, and says which one it is.

    A handle has the id of the session there, which is that of the offer, and whether the
    token was the user's (`own`).
    """

    def __init__(self, settings: BrokerSettings) -> None:
        super().__init__(settings)
        self._settings = settings

    def launch(self, prepared: Prepared, context: LaunchContext) -> Session:
        """Accept the best offer and wait for its session; a second attempt finds the first's."""
        if prepared.setup is not None:
            raise UsageError(
                "This repository cannot fetch the data as it is built, and "
                f"{self.title} lets nothing be put into a session. Launch it without a basket."
            )
        if prepared.files:
            context.log(
                f"{self.title} lets no files be put there: it knows no token of the portal."
            )
        handle = dict(context.handle or {})
        is_new = SESSION not in handle
        if is_new and stored_token(context, self.url) is not None:
            handle[OWN] = YES
        api = self._api(handle, context)
        session = self._offer(api, prepared, handle, context) if is_new else self._find(api, handle)
        if read_phase(session) is Phase.LAPSED:  # nothing was ever started for it
            session = self._offer(api, prepared, handle, context)
        if read_phase(session) is Phase.OFFERED:
            session = self._accept(api, handle)
        return self._follow(api, session, handle, context)

    def status(self, handle: Handle, context: FacilityContext) -> SessionStatus:
        """Ask the broker."""
        session = self._api(handle, context).session(handle[SESSION]) if SESSION in handle else None
        if session is None:
            return SessionStatus(state=SessionState.GONE, message=f"{self.title} has ended it.")
        phase = read_phase(session)
        state = STATES[phase] if phase else SessionState.STARTING
        return SessionStatus(state=state, message=read_messages(session))

    def stop(self, handle: Handle, context: FacilityContext) -> None:
        """Cancel the session, or turn the offer down."""
        if SESSION not in handle:
            return
        api = self._api(handle, context)
        session = api.session(handle[SESSION])
        phase = read_phase(session) if session else None
        if session is None or phase in (Phase.LAPSED, Phase.ENDED):
            return
        try:
            api.decide(handle[SESSION], "REJECTED" if phase is Phase.OFFERED else "CANCELLED")
        except DecidedError:
            after = api.session(handle[SESSION])
            if after and read_phase(after) not in (Phase.LAPSED, Phase.RELEASING, Phase.ENDED):
                raise

    def health(self, context: FacilityContext) -> FacilityHealth:
        """Ask for a session that nobody has: a broker that answers says so."""
        token = self._settings.read_token()
        api = BrokerApi(context.http, root=self.url, title=self.title, token=token)
        try:
            is_there = api.is_there()
        except RefusedError:
            if self._settings.has_token:
                raise
            is_there = True  # it wants to know who asks, and users have tokens of their own
        if not is_there:
            raise ServiceError(f"{self.title} does not answer as a broker does.")
        return FacilityHealth(message="")

    def _offer(
        self, api: BrokerApi, prepared: Prepared, handle: dict[str, str], context: LaunchContext
    ) -> Document:
        """Return the best offer, whose id is saved before it can be accepted."""
        context.report(None, f"asking {self.title} for offers")
        try:
            answer = api.request(write_request(prepared))
        except RefusedError:
            if handle.get(OWN) == YES:
                forget_token(context, self.url)
            raise
        offer = choose_offer(answer)
        if offer is None:
            words = read_messages(answer) or "it gave no reason."
            raise ServiceError(f"{self.title} makes no offer: {words}")
        context.log(f"{self.title} offers {read_name(offer)}.")
        handle[SESSION] = read_uuid(offer) or ""
        context.save(handle)
        return offer

    def _find(self, api: BrokerApi, handle: Handle) -> Document:
        session = api.session(handle[SESSION])
        if session is None:
            raise ServiceError(f"{self.title} knows nothing of the session any more.")
        return session

    def _accept(self, api: BrokerApi, handle: Handle) -> Document:
        try:
            session = api.decide(handle[SESSION], "ACCEPTED")
        except DecidedError as error:
            session = api.session(handle[SESSION])
            if session is None or read_phase(session) in (Phase.OFFERED, Phase.LAPSED):
                raise TransientError(f"The offer of {self.title} has expired.") from error
        if session is None:
            raise TransientError(f"The offer of {self.title} has expired.")
        return session

    def _follow(
        self, api: BrokerApi, session: Document, handle: Handle, context: LaunchContext
    ) -> Session:
        """Wait until the session is ready and has an address."""
        patience = Patience(context)
        pauses = growing_pauses(FIRST_PAUSE, LONGEST_PAUSE)
        while True:
            phase, entrance = read_phase(session), read_entrance(session)
            if phase is Phase.READY and entrance is not None:
                return Session(url=entrance, notice=self._notice())
            if phase in (Phase.LAPSED, Phase.RELEASING, Phase.ENDED):
                words = read_messages(session) or f"its session is {session.get('phase')}."
                raise ServiceError(f"{self.title} says: {words}")
            context.report(None, read_messages(session) or str(session.get("phase")).lower())
            pause = next(pauses) if api.pause is None else max(api.pause, FIRST_PAUSE)
            patience.wait(pause, out_of_time=lambda: LATE)
            session = self._find(api, handle)

    def _notice(self) -> str:
        whose = "of the portal" if self._settings.has_token else "that you stored here"
        return f"You enter through {self.title}, which may ask you to log in: the token is {whose}."

    def _warning(self, basket: BasketSummary) -> str:
        words = f"{self.title} is asked for offers at the launch only. {super()._warning(basket)}"
        if not self._settings.has_token:
            words = f"You need a token of {urlsplit(self.url).hostname} in your account. {words}"
        return words.strip()

    def _api(self, handle: Handle, context: FacilityContext) -> BrokerApi:
        """Return the broker, with the token that the launch began with."""
        try:
            is_own = handle.get(OWN) == YES
            token = (
                own_token(context, self.url, self.title) if is_own else self._settings.read_token()
            )
        except ValueError as error:
            raise ServiceError(f"{self.title} cannot be used: {error}.") from error
        if token is None:
            raise UsageError(
                f"{self.title} wants to know who you are: make a token there, and store it in your "
                f"account for {urlsplit(self.url).hostname}, without a user name."
            )
        return BrokerApi(context.http, root=self.url, title=self.title, token=token)
