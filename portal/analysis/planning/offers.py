"""Offers are made, accepted once, rejected and cancelled; what is accepted becomes a launch."""

from collections.abc import Iterable
from datetime import datetime
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.sql.dml import Update

from portal.analysis.asking import find_states
from portal.analysis.launching import job_type_of
from portal.analysis.launching import PREFIX
from portal.analysis.models import FacilityState
from portal.analysis.planning.asking import FacilityAnswer
from portal.analysis.planning.data import fill_basket
from portal.analysis.planning.models import Decision
from portal.analysis.planning.models import Offer
from portal.analysis.planning.models import OfferSet
from portal.analysis.planning.states import LIVE
from portal.analysis.planning.states import look_at
from portal.analysis.planning.states import OfferState
from portal.analysis.planning.tasks import Task
from portal.analysis.sessions import find_session_of
from portal.analysis.sessions import stop_session
from portal.analysis.stopping import STOP
from portal.analysis.stopping import StopParameters
from portal.db import clock
from portal.db import db
from portal.parameters import Parameters
from portal.parameters import read_form
from portal.plugins.facilities import Mode
from portal.problems import NotFoundError
from portal.problems import PortalError
from portal.uws.models import Job
from portal.uws.models import new_id
from portal.uws.service import jobs

HOLDS = timedelta(minutes=5)
KEPT = timedelta(days=1)
MOST_OPEN_SETS = 20
MARK_LENGTH = 8
AT_ONCE = {"synchronize_session": False}
NO_SUCH_SET = "There is no such set of offers."
NO_SUCH_OFFER = "There is no such session."


class DecidedError(PortalError):
    """An offer is past the decision that was sent."""

    status = HTTPStatus.CONFLICT
    title = "This has been decided"


class TooManyOffersError(PortalError):
    """The owner has as many open offers as one may have."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "Too many offers"
    fatal = False
    headers = (("Retry-After", str(int(HOLDS.total_seconds()))),)


def make_offers(owner: str, task: Task, answers: Iterable[FacilityAnswer]) -> OfferSet:
    """Write down the offers of the facilities that the portal can launch at; commits.

    Raises TooManyOffersError.
    """
    now = clock()
    _check_count(owner, now)
    workflow = task.workflow
    whole = OfferSet(
        id=new_id(),
        owner=owner,
        title=workflow.title,
        repository=workflow.repository,
        ref=workflow.ref,
        path=workflow.path,
        cores=workflow.cores,
        memory=workflow.memory,
        messages=[["WARN", words] for words in task.warnings],
        data=[list(one) for one in task.data],
        creation_time=now,
        expires=now + HOLDS,
    )
    offers: list[Offer] = []
    if task.refusal:
        whole.messages.append(["ERROR", task.refusal])
    states = find_states()
    for said in () if task.refusal else answers:
        if refusal := _refusal(said, whole, states.get(said.facility.id)):
            whole.messages.append(["INFO", f"{said.facility.title}: {refusal}"])
        else:
            offers.append(_offer(whole, len(offers), said))
    db.session.add(whole)
    db.session.flush()
    db.session.add_all(offers)
    db.session.commit()
    return whole


def get_set(set_id: str, *, owner: str) -> tuple[OfferSet, list[OfferState]]:
    """Return the owner's set and its offers in their order; raises NotFoundError."""
    query = select(OfferSet).where(OfferSet.id == set_id, OfferSet.owner == owner)
    whole = db.session.scalar(query.execution_options(populate_existing=True))
    if whole is None:
        raise NotFoundError(NO_SUCH_SET)
    offers = select(Offer).where(Offer.set_id == set_id).order_by(Offer.position)
    fresh = offers.execution_options(populate_existing=True)
    return whole, look_at(whole, db.session.scalars(fresh), clock())


def get_offer(offer_id: str, *, owner: str) -> tuple[OfferSet, OfferState]:
    """Return the owner's offer and the set that it is of; raises NotFoundError."""
    query = (
        select(OfferSet, Offer)
        .join(Offer, Offer.set_id == OfferSet.id)
        .where(Offer.id == offer_id, OfferSet.owner == owner)
    )
    found = db.session.execute(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFoundError(NO_SUCH_OFFER)
    whole, offer = found
    return whole, look_at(whole, [offer], clock())[0]


def decide(offer_id: str, decision: Decision, *, owner: str) -> None:
    """Accept, reject or cancel an offer; raises NotFoundError, and DecidedError when it is late."""
    whole, state = get_offer(offer_id, owner=owner)
    if decision is Decision.ACCEPTED:
        _accept(whole, state)
    elif decision is Decision.REJECTED:
        _reject(state)
    else:
        _cancel(whole, state)


def delete_old(now: datetime) -> None:
    """Delete offers that nobody accepted, and those whose launch is deleted; does not commit."""
    launched = (
        select(Offer.set_id)
        .join(Job, Job.id == Offer.job_id)
        .where(Offer.set_id == OfferSet.id)
        .correlate(OfferSet)
    )
    old = delete(OfferSet).where(OfferSet.expires < now - KEPT, ~exists(launched))
    db.session.execute(old.execution_options(**AT_ONCE))


def _check_count(owner: str, now: datetime) -> None:
    still = (OfferSet.owner == owner, OfferSet.accepted_id.is_(None), OfferSet.expires > now)
    if (db.session.scalar(select(func.count(OfferSet.id)).where(*still)) or 0) >= MOST_OPEN_SETS:
        raise TooManyOffersError(
            f"You have {MOST_OPEN_SETS} sets of offers. Accept one, or wait until they expire."
        )


def _refusal(said: FacilityAnswer, whole: OfferSet, state: FacilityState | None) -> str:
    """Say why there is no offer of a facility."""
    if not said.answer.accepts:
        return said.answer.reason
    if state is not None and state.is_full:
        return "It had no room for another session when it was last asked."
    if said.answer.mode is not Mode.LAUNCH:
        return f"The portal starts nothing there; use it in a browser at {said.facility.url}"
    try:
        _parameters(job_type_of(said.facility), whole)
    except PortalError as error:
        return error.message
    return ""


def _offer(whole: OfferSet, position: int, said: FacilityAnswer) -> Offer:
    return Offer(
        id=new_id(),
        set_id=whole.id,
        position=position,
        facility_id=said.facility.id,
        title=said.facility.title,
        warning=said.answer.warning,
        decision=Decision.OFFERED,
    )


def _accept(whole: OfferSet, state: OfferState) -> None:
    """Make the launch, once: who wins, the launch's id and its row are one transaction."""
    job_id = new_id()
    _win(whole, state.offer, job_id)
    _launch(whole, state.offer, job_id)


def _win(whole: OfferSet, offer: Offer, job_id: str) -> None:
    first = update(OfferSet).where(
        OfferSet.id == whole.id,
        OfferSet.owner == whole.owner,
        OfferSet.accepted_id.is_(None),
        OfferSet.expires > clock(),
    )
    is_first = _write(first.values(accepted_id=offer.id))
    mine = update(Offer).where(Offer.id == offer.id, Offer.decision == Decision.OFFERED)
    if not is_first or not _write(mine.values(decision=Decision.ACCEPTED, job_id=job_id)):
        db.session.rollback()
        raise DecidedError("This offer has expired, or it or one beside it has been decided on.")
    others = update(Offer).where(Offer.set_id == whole.id, Offer.decision == Decision.OFFERED)
    _write(others.values(decision=Decision.REJECTED))


def _launch(whole: OfferSet, offer: Offer, job_id: str) -> None:
    """Make the job as if its owner had done so in a browser; the decision is committed with it."""
    type_name = PREFIX + offer.facility_id
    try:
        data = [(name, url) for name, url in whole.data]
        basket_id = fill_basket(whole.owner, whole.title, data, mark=whole.id[:MARK_LENGTH])
        parameters = _parameters(type_name, whole, basket_id)
        jobs().create_job(type_name, parameters, owner=whole.owner, run=True, job_id=job_id)
    except PortalError:
        db.session.rollback()  # nothing was accepted then
        raise


def _parameters(type_name: str, whole: OfferSet, basket_id: str | None = None) -> Parameters:
    """Return what a launch is given; raises InvalidParametersError, and NotFoundError."""
    values = {
        "repository": whole.repository,
        "ref": whole.ref,
        "path": whole.path,
        "title": whole.title,
        "basket_id": basket_id,
    }
    sent = [(name, value) for name, value in values.items() if value is not None]
    return read_form(jobs().types[type_name].parameters, sent)


def _reject(state: OfferState) -> None:
    late = clock()
    in_time = exists().where(OfferSet.id == Offer.set_id, OfferSet.expires > late)
    mine = update(Offer).where(
        Offer.id == state.offer.id, Offer.decision == Decision.OFFERED, in_time
    )
    if not _write(mine.values(decision=Decision.REJECTED)):
        db.session.rollback()
        raise DecidedError("This offer has expired or has been decided on.")
    db.session.commit()


def _cancel(whole: OfferSet, state: OfferState) -> None:
    """Abort the launch, or have the session ended; whoever asks again does no harm."""
    if state.phase not in LIVE:
        raise DecidedError(f"What is {state.phase} cannot be cancelled.")
    offer = state.offer
    taken = (Decision.ACCEPTED, Decision.CANCELLED)
    mine = update(Offer).where(Offer.id == offer.id, Offer.decision.in_(taken))
    _write(mine.values(decision=Decision.CANCELLED))
    db.session.commit()
    if offer.job_id is not None and not jobs().abort_job(offer.job_id, owner=whole.owner):
        _end_session(offer.job_id, whole.owner)


def _end_session(job_id: str, owner: str) -> None:
    """End the session of a launch that is over, as its owner does on the page of sessions."""
    session = find_session_of(job_id, owner=owner)
    if session is not None and stop_session(session.id, owner=owner):
        parameters = StopParameters(session=session.id, maxrec=None)
        jobs().create_job(STOP, parameters, owner=owner, run=True)


def _write(statement: Update) -> bool:
    """Say whether a row was there to be changed."""
    done: Any = db.session.execute(statement.execution_options(**AT_ONCE))
    return bool(done.rowcount)
