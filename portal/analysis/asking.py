"""Asking facilities how they are, and what each of them said last."""

from datetime import timedelta

from sqlalchemy import select

from portal.analysis.book import SessionBook
from portal.analysis.faults import faults_of
from portal.analysis.models import FacilityState
from portal.db import clock
from portal.db import db
from portal.plugins.facilities import Facility
from portal.plugins.facilities import FacilityContext
from portal.plugins.facilities import FacilityHealth
from portal.plugins.http import open_farewell
from portal.plugins.registry import PluginRegistry
from portal.plugins.types import JobContext
from portal.problems import PortalError

ASK_AGAIN = timedelta(minutes=10)
ASK_SECONDS = 15.0


def find_states() -> dict[str, FacilityState]:
    """Return what each facility said last."""
    return {state.id: state for state in db.session.scalars(select(FacilityState))}


def ask_facilities(registry: PluginRegistry, book: SessionBook, context: JobContext) -> None:
    """Ask those that were not asked for a while, or were full, and write down what they say."""
    with book.page():
        recent = FacilityState.checked_time > clock() - ASK_AGAIN, ~FacilityState.is_full
        asked = set(db.session.scalars(select(FacilityState.id).where(*recent)))
    for facility in registry.facilities:
        if facility.id not in asked:
            state = _ask(facility, context)
            with book.page():
                state.checked_time = clock()
                db.session.merge(state)
                db.session.commit()


def _ask(facility: Facility, context: JobContext) -> FacilityState:
    is_up = True
    with open_farewell(context.http, seconds=ASK_SECONDS) as http:
        try:
            with faults_of(facility.id):
                health = facility.health(FacilityContext(http=http, log=context.log))
        except PortalError as error:
            is_up, health = False, FacilityHealth(message=error.message)
    return FacilityState(
        id=facility.id,
        is_up=is_up,
        is_full=health.is_full,
        message=health.message,
        capacity=dict(health.capacity),
    )
