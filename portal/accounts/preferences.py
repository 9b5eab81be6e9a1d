"""What an owner wants to see first, and how positions are written for him."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from typing import TypeVar

from sqlalchemy import select

from portal.accounts.models import Preference
from portal.db import db
from portal.uws.callers import NOBODY

SEXAGESIMAL = "sexagesimal"
DEGREES = "degrees"


class _Named(Protocol):
    @property
    def id(self) -> str: ...


Thing = TypeVar("Thing", bound=_Named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What an owner prefers; ids may be of things that are gone."""

    archives: Sequence[str] = ()
    facilities: Sequence[str] = ()
    coordinates: str = DEGREES

    @property
    def wants_sexagesimal(self) -> bool:
        """Whether positions are written in hours, minutes and seconds."""
        return self.coordinates == SEXAGESIMAL


NONE = Preferences()


def preferences_of(owner: str) -> Preferences:
    """Return what an owner prefers; nothing for one who never said."""
    if owner == NOBODY:
        return NONE
    columns = (Preference.archives, Preference.facilities, Preference.coordinates)
    row = db.session.execute(select(*columns).where(Preference.owner == owner)).one_or_none()
    if row is None:
        return NONE
    return Preferences(archives=row[0], facilities=row[1], coordinates=row[2])


def prefer(owner: str, preferences: Preferences) -> None:
    """Keep what an owner prefers."""
    row = Preference(
        owner=owner,
        archives=list(preferences.archives),
        facilities=list(preferences.facilities),
        coordinates=preferences.coordinates,
    )
    db.session.merge(row)
    db.session.commit()


def preferred_first(things: Iterable[Thing], ids: Sequence[str]) -> list[Thing]:
    """Return archives or facilities with the preferred ones first, else in their order."""
    return sorted(things, key=lambda thing: thing.id not in ids)
