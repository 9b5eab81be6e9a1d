"""Where something is: coordinates as they are, names by asking one resolver after the other."""

import logging
import math
import time
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence

import requests

from portal.parameters import find_coordinates
from portal.parameters import normalised_name
from portal.plugins.http import AbortedError
from portal.plugins.http import DeadlineError
from portal.plugins.resolvers import NameResolver
from portal.plugins.resolvers import ResolvedPosition
from portal.problems import PortalError
from portal.problems import ServiceError
from portal.problems import TransientError
from portal.problems import UsageError

COORDINATES = "coordinates"
RESOLVED = "resolved "  # and the name of a parameter: what a checkpoint with its position is called
RESOLVER_SECONDS = 20.0
FULL_CIRCLE = 360
POLE = 90
MOST_SUGGESTIONS = 3

log = logging.getLogger(__name__)


class UnknownNameError(UsageError):
    """Nobody who was asked knows the name; `suggestions` are names that are known."""

    title = "Not found"

    def __init__(self, name: str, asked: Sequence[str], suggestions: Sequence[str]) -> None:
        said = f"asked: {', '.join(asked)}" if asked else "there is nobody to ask"
        super().__init__(f"Nobody knows where {name} is ({said}).{_hint(suggestions)}")
        self.suggestions = tuple(suggestions)


class UnansweredNameError(TransientError):
    """Nobody knows the name, but not all could be asked."""

    def __init__(self, name: str, failed: Sequence[str], suggestions: Sequence[str]) -> None:
        said = f"{' and '.join(failed)} could not be asked"
        super().__init__(f"Nobody here knows where {name} is, and {said}.{_hint(suggestions)}")
        self.suggestions = tuple(suggestions)


def read_coordinates(text: str) -> ResolvedPosition | None:
    """Return the position that coordinates are; None for a name, UsageError when they are wrong."""
    try:
        found = find_coordinates(text)
    except ValueError as error:
        raise UsageError(f"{text}: {error}") from error
    return None if found is None else _as_given(*found)


def resolve(
    text: str,
    resolvers: Iterable[NameResolver],
    *,
    open_session: Callable[[float], requests.Session],
    tell: Callable[[str], None] = lambda _line: None,
) -> ResolvedPosition:
    """Return where coordinates or a named object are.

    The resolvers are asked in order; one that fails is skipped, and `tell` gets a line about
    it. `open_session` makes the session of one resolver, which has until the
    `time.monotonic()` instant it is given. Raises UnknownNameError, a UsageError, when all
    were asked in vain, and UnansweredNameError, a TransientError, when one that may know
    could not be asked.
    """
    position = read_coordinates(text)
    if position is not None:
        return position
    name = normalised_name(text)
    asked: list[NameResolver] = []
    failed: list[str] = []
    for resolver in resolvers:
        try:
            found = ask(resolver, name, open_session)
        except (TransientError, ServiceError) as error:
            failed.append(resolver.title)
            tell(f"{resolver.title} could not be asked for {name}: {error.message}")
            continue
        asked.append(resolver)
        if found is not None:
            return found
    similar = suggestions(name, asked)
    if failed:
        raise UnansweredNameError(name, failed, similar)
    raise UnknownNameError(name, [one.title for one in asked], similar)


def _as_given(ra: float, dec: float) -> ResolvedPosition:
    return ResolvedPosition(ra=ra, dec=dec, resolver=COORDINATES)


def _hint(suggestions: Sequence[str]) -> str:
    return f" Did you mean {' or '.join(suggestions)}?" if suggestions else ""


def suggestions(name: str, resolvers: Iterable[NameResolver]) -> list[str]:
    """Return a few names like this one that somebody knows."""
    found: dict[str, None] = {}
    for resolver in resolvers:
        try:
            found |= dict.fromkeys(map(str, resolver.suggest(name)))
        except Exception:  # a plugin's fault is no reason to hide that the name is unknown
            log.exception("the resolver %s failed", resolver.id)
    return list(found)[:MOST_SUGGESTIONS]


def ask(
    resolver: NameResolver, name: str, open_session: Callable[[float], requests.Session]
) -> ResolvedPosition | None:
    """Ask one resolver; whatever is wrong with it is a ServiceError or a TransientError.

    `name` is a normalised one. AbortedError and DeadlineError are the job's own end.
    """
    until = time.monotonic() + RESOLVER_SECONDS
    try:
        with open_session(until) as session:
            found = resolver.resolve(name, session)
    except AbortedError:
        raise
    except DeadlineError as error:
        if time.monotonic() < until:
            raise  # the job's own time is over
        raise TransientError("it did not answer in time") from error
    except PortalError as error:
        if isinstance(error, TransientError):
            raise
        raise ServiceError(error.message) from error
    except Exception as error:
        log.exception("the resolver %s failed", resolver.id)
        raise ServiceError(f"it failed ({type(error).__name__})") from error
    if found is not None and not _is_on_the_sky(found):
        raise ServiceError("its answer is no position on the sky")
    return found


def _is_on_the_sky(position: ResolvedPosition) -> bool:
    numbers = (position.ra, position.dec)
    return (
        all(isinstance(one, float | int) and math.isfinite(one) for one in numbers)
        and 0 <= position.ra <= FULL_CIRCLE
        and -POLE <= position.dec <= POLE
    )
