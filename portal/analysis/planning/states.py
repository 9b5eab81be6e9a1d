"""How far an offer is, in the broker's phases: from the decision, the job and the session."""

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from portal.analysis.models import AnalysisSession
from portal.analysis.models import Stage
from portal.analysis.planning.models import Decision
from portal.analysis.planning.models import Offer
from portal.analysis.planning.models import OfferSet
from portal.db import db
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase

MESSAGE_LENGTH = 500


class Phase(StrEnum):
    """Phases of a session in the Execution Broker."""

    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    WAITING = "WAITING"
    PREPARING = "PREPARING"
    AVAILABLE = "AVAILABLE"
    RUNNING = "RUNNING"
    RELEASING = "RELEASING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


STARTING = frozenset({Phase.ACCEPTED, Phase.WAITING, Phase.PREPARING})
ENTERED = frozenset({Phase.AVAILABLE, Phase.RUNNING})
LIVE = STARTING | ENTERED | {Phase.RELEASING}
OF_JOBS: Mapping[str, Phase] = {
    ExecutionPhase.PENDING: Phase.WAITING,
    ExecutionPhase.QUEUED: Phase.WAITING,
    ExecutionPhase.HELD: Phase.WAITING,
    ExecutionPhase.SUSPENDED: Phase.WAITING,
    ExecutionPhase.EXECUTING: Phase.PREPARING,
    ExecutionPhase.UNKNOWN: Phase.PREPARING,
    ExecutionPhase.COMPLETED: Phase.COMPLETED,
    ExecutionPhase.ERROR: Phase.FAILED,
    ExecutionPhase.ABORTED: Phase.CANCELLED,
    ExecutionPhase.ARCHIVED: Phase.COMPLETED,
}
OF_SESSIONS: Mapping[str, Phase] = {
    Stage.READY: Phase.AVAILABLE,
    Stage.STOPPING: Phase.RELEASING,
    Stage.ENDED: Phase.COMPLETED,
    Stage.FAILED: Phase.FAILED,
}
ENDED_ON_REQUEST = frozenset({Phase.COMPLETED, Phase.FAILED, Phase.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferState:
    """An offer and how far it is; `session_id` is the portal's session, once there is one."""

    offer: Offer
    phase: Phase
    message: str = ""
    session_id: str | None = None

    @property
    def choices(self) -> tuple[Decision, ...]:
        """What its owner may decide now."""
        if self.phase is Phase.OFFERED:
            return (Decision.ACCEPTED, Decision.REJECTED)
        return (Decision.CANCELLED,) if self.phase in LIVE else ()


def look_at(whole: OfferSet, offers: Iterable[Offer], now: datetime) -> list[OfferState]:
    """Return how far the offers of a set are."""
    found = list(offers)
    ids = [one.job_id for one in found if one.job_id]
    jobs: dict[str, Job] = {}
    sessions: dict[str, AnalysisSession] = {}
    if ids:
        mine = select(Job).where(Job.id.in_(ids), Job.owner == whole.owner)
        jobs = {job.id: job for job in db.session.scalars(mine)}
        theirs = select(AnalysisSession).where(
            AnalysisSession.job_id.in_(ids), AnalysisSession.owner == whole.owner
        )
        sessions = {one.job_id: one for one in db.session.scalars(theirs)}
    over = whole.expires <= now
    return [
        _undecided(one, Phase.EXPIRED if over else Phase.OFFERED)
        if one.decision == Decision.OFFERED
        else _decided(one, jobs.get(one.job_id or ""), sessions.get(one.job_id or ""))
        for one in found
    ]


def _undecided(offer: Offer, phase: Phase) -> OfferState:
    return OfferState(offer=offer, phase=phase)


def _decided(offer: Offer, job: Job | None, session: AnalysisSession | None) -> OfferState:
    if offer.decision == Decision.REJECTED:
        return OfferState(offer=offer, phase=Phase.REJECTED)
    phase = _phase(job, session, has_job=offer.job_id is not None)
    if offer.decision == Decision.CANCELLED and phase in ENDED_ON_REQUEST:
        phase = Phase.CANCELLED
    return OfferState(
        offer=offer,
        phase=phase,
        message=_message(job, session)[:MESSAGE_LENGTH],
        session_id=session.id if session else None,
    )


def _phase(job: Job | None, session: AnalysisSession | None, *, has_job: bool) -> Phase:
    if session is not None and (phase := OF_SESSIONS.get(session.stage)) is not None:
        is_used = session.last_activity and session.last_activity > (
            session.ready_time or session.creation_time
        )
        return Phase.RUNNING if phase is Phase.AVAILABLE and is_used else phase
    if job is not None:
        is_left = session is not None and job.phase == ExecutionPhase.ABORTED
        return Phase.RELEASING if is_left else OF_JOBS[job.phase]
    return Phase.COMPLETED if has_job else Phase.ACCEPTED


def _message(job: Job | None, session: AnalysisSession | None) -> str:
    if job is not None and job.error_message:
        return job.error_message
    if session is not None and session.message:
        return session.message
    return (job.message or "") if job is not None else ""
