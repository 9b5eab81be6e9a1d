"""People: found by issuer and subject, made at their first sign-in, brought up to date."""

import uuid

from sqlalchemy import select

from portal.accounts.identity.provider import Arrival
from portal.accounts.models import Identity
from portal.accounts.models import Person
from portal.accounts.tokens import NAMED
from portal.db import clock
from portal.db import db


def owner_of(person_id: str) -> str:
    """Return the owner that a person is, for as long as the person is known here."""
    return NAMED + person_id


def find_identity(issuer: str, subject: str) -> Identity | None:
    """Return what is known of an issuer's subject."""
    known = (Identity.issuer == issuer, Identity.subject == subject)
    return db.session.scalar(select(Identity).where(*known))


def find_person(owner: str) -> Person | None:
    """Return the person that an owner is; None for browsers, and for names of the operator's."""
    if not owner.startswith(NAMED):
        return None
    return db.session.get(Person, owner.removeprefix(NAMED))


def groups_of(owner: str) -> tuple[str, ...]:
    """Return the groups of the person that an owner is; none for all other owners."""
    if not owner.startswith(NAMED):
        return ()
    query = select(Person.groups).where(Person.id == owner.removeprefix(NAMED))
    return tuple(db.session.scalar(query) or ())


def bring_up_to_date(arrival: Arrival) -> Identity:
    """Return the identity of an arrival, new if need be; its person is as the provider says.

    Does not commit. Two first arrivals at the same moment: one raises IntegrityError.
    """
    now = clock()
    identity = find_identity(arrival.issuer, arrival.subject)
    if identity is None:
        person = Person(id=uuid.uuid4().hex, creation_time=now, last_sign_in=now)
        identity = Identity(
            id=uuid.uuid4().hex,
            person_id=person.id,
            issuer=arrival.issuer,
            subject=arrival.subject,
        )
        db.session.add(person)
        db.session.flush()
        db.session.add(identity)
    else:
        person = db.session.get_one(Person, identity.person_id)
    person.name = arrival.name
    person.email = arrival.email
    person.roles = arrival.roles
    person.groups = arrival.groups
    db.session.flush()
    return identity
