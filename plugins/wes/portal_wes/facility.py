"""One Workflow Execution Service as a facility: runs are handed in, followed and cancelled."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from portal.plugins import Answer
from portal.plugins import BasketSummary
from portal.plugins import Facility
from portal.plugins import FacilityContext
from portal.plugins import FacilityHealth
from portal.plugins import forget_token
from portal.plugins import growing_pauses
from portal.plugins import Handle
from portal.plugins import LaunchContext
from portal.plugins import Mode
from portal.plugins import own_token
from portal.plugins import Patience
from portal.plugins import Prepared
from portal.plugins import RunOutput
from portal.plugins import ServiceError
from portal.plugins import SessionState
from portal.plugins import SessionStatus
from portal.plugins import Staging
from portal.plugins import stored_token
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal.plugins import Workflow
from portal.plugins import WorkflowType
from portal_wes.connector import BusyError
from portal_wes.connector import RefusedError
from portal_wes.connector import WesApi
from portal_wes.documents import CWL
from portal_wes.documents import NEXTFLOW
from portal_wes.documents import Phase
from portal_wes.documents import phase_of
from portal_wes.documents import read_end
from portal_wes.documents import read_outputs
from portal_wes.documents import read_versions
from portal_wes.documents import RunOptions
from portal_wes.documents import SESSION
from portal_wes.documents import write_run
from portal_wes.settings import ServiceSettings

RUN, ASKED, OWN = "run", "asked", "own"
YES = "yes"
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
MOST_FAILURES = 5  # questions in a row that may go unanswered while a run goes on
STATES = {
    Phase.WAITING: SessionState.STARTING,
    Phase.RUNNING: SessionState.RUNNING,
    Phase.ENDING: SessionState.STOPPING,
}


class ExecutionService(Facility):
    """A service. It lets nobody name a run, so that one is found again by a tag.

    A handle says for which session the service was `asked` before it knows the id of the `run`,
    and whether the token was the user's (`own`).
    """

    Options = RunOptions

    def __init__(self, settings: ServiceSettings) -> None:
        self.id = settings.id
        self.title = settings.title
        self.description = settings.description
        self.url = settings.root
        self.documentation_url = settings.documentation_url
        self.order = settings.order
        self._settings = settings

    def accepts(self, workflow: Workflow, basket: BasketSummary) -> Answer:
        """Take software for the command line that is defined in CWL or Nextflow."""
        reason = ""
        if workflow.type is not WorkflowType.CLI:
            reason = f"{self.title} runs software for the command line, and nobody works in it."
        elif not (workflow.definition or "").endswith((CWL, NEXTFLOW)):
            reason = "It names no batch workflow: a file of CWL (.cwl) or Nextflow (.nf)."
        return Answer(accepts=not reason, reason=reason, mode=Mode.BATCH, staging=Staging.SESSION)

    def run(self, prepared: Prepared, context: LaunchContext) -> Sequence[RunOutput]:
        """Hand the run in, or find that of an earlier attempt, and wait until it has ended."""
        handle = dict(context.handle or {})
        if ASKED in handle:
            handle = self._find_again(handle, context)
        elif RUN not in handle:
            handle = self._submit(prepared, context)
        api = self._api(handle, context)
        phase = self._follow(api, handle[RUN], context)
        log = api.log(handle[RUN])
        if phase is not Phase.DONE:
            raise self._failure(phase, read_end(log, prepared.inputs), context)
        return read_outputs(log)

    def status(self, handle: Handle, context: FacilityContext) -> SessionStatus:
        """Ask the service; a run that has ended is GONE."""
        api = self._api(handle, context)
        run_id = _find_run(api, handle)
        state = None if run_id is None else api.state(run_id)
        phase = None if state is None else phase_of(state)
        return SessionStatus(
            state=STATES.get(phase, SessionState.GONE) if phase else SessionState.GONE
        )

    def stop(self, handle: Handle, context: FacilityContext) -> None:
        """Cancel the run, unless it is over."""
        api = self._api(handle, context)
        run_id = _find_run(api, handle)
        state = None if run_id is None else api.state(run_id)
        if run_id and state and phase_of(state) in (Phase.WAITING, Phase.RUNNING):
            api.cancel(run_id)

    def health(self, context: FacilityContext) -> FacilityHealth:
        """Ask the service what it is."""
        try:
            version, types = read_versions(self._api({}, context).info())
        except RefusedError:
            if self._settings.has_token:
                raise
            return FacilityHealth(message="")  # and wants to know who asks
        return FacilityHealth(message=f"WES {version}", capacity=types)

    def _find_again(self, handle: Handle, context: LaunchContext) -> dict[str, str]:
        """Return the handle of a run whose id was lost; nothing is handed in a second time.

        One that is not found may be on its way yet.
        """
        run_id = _find_run(self._api(handle, context), handle)
        if run_id is None:
            raise ServiceError(
                f"{self.title} was asked for a run, its answer was lost, and no run there has the "
                "tag of this launch. Nothing is run twice: look there for a run that goes on, and "
                "launch anew."
            )
        found = {name: value for name, value in handle.items() if name != ASKED} | {RUN: run_id}
        context.save(found)
        context.log(f"{self.title} calls the run {run_id}.")
        return found

    def _submit(self, prepared: Prepared, context: LaunchContext) -> dict[str, str]:
        """Hand in a run, to a service that is there, and return its handle."""
        submission = write_run(prepared)
        handle = {} if stored_token(context, self.url) is None else {OWN: YES}
        api = self._api(handle, context)
        try:
            api.info()
            context.save(handle | {ASKED: prepared.id})
            handle[RUN] = api.submit(submission)
        except BusyError:
            context.save(handle)
            raise
        except RefusedError as error:
            host = urlsplit(self.url).hostname
            if handle.get(OWN) == YES:
                forget_token(context, self.url)
                raise UsageError(
                    f"{error.message} Your token for {host} was deleted from your account: "
                    "make a new one, and store it."
                ) from error
            if self._settings.has_token:
                raise
            raise UsageError(
                f"{self.title} wants to know who you are: store a token for {host} in your "
                "account, without a user name."
            ) from error
        context.save(handle)
        context.log(f"{self.title} calls the run {handle[RUN]}.")
        return handle

    def _follow(self, api: WesApi, run_id: str, context: LaunchContext) -> Phase:
        """Wait until the run has ended; a service may fail to answer for a while."""
        patience = Patience(context)
        last = None
        failures = 0
        for pause in growing_pauses(FIRST_PAUSE, LONGEST_PAUSE):
            try:
                state = api.state(run_id)
            except TransientError:
                failures += 1
                if failures == MOST_FAILURES:
                    raise
            else:
                failures = 0
                if state is None:
                    raise ServiceError(f"{self.title} knows nothing of the run any more.")
                phase = phase_of(state)
                if phase not in STATES:
                    return phase
                if state != last:
                    context.report(None, f"{self.title} says: {state.lower()}")
                    context.log(f"The run is {state}.")
                last = state
            patience.wait(pause, out_of_time=lambda: "The run took longer than the job may.")
        raise AssertionError

    def _failure(self, phase: Phase, end: str, context: LaunchContext) -> ServiceError:
        if phase is Phase.CANCELED:
            return ServiceError(f"The run was cancelled at {self.title}.")
        for line in end.splitlines():
            context.log(line)
        return ServiceError(f"The run failed at {self.title}.", detail=end)

    def _api(self, handle: Handle, context: FacilityContext) -> WesApi:
        """Return the service, with the token that the run began with."""
        try:
            is_own = handle.get(OWN) == YES
            token = (
                own_token(context, self.url, self.title) if is_own else self._settings.read_token()
            )
        except ValueError as error:
            raise ServiceError(f"{self.title} cannot be used: {error}.") from error
        return WesApi(context.http, root=self.url, title=self.title, token=token)


def _find_run(api: WesApi, handle: Handle) -> str | None:
    """Return the id of a session's run; None where nobody knows of one."""
    if RUN in handle:
        return handle[RUN]
    return api.find(SESSION, handle[ASKED]) if ASKED in handle else None
