"""What the UWS service asks of the application in which it is mounted."""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from werkzeug.wrappers import Response

from portal.uws.callers import Caller
from portal.uws.models import Job
from portal.uws.models import Result

EXTENSION = "uws_surroundings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Who calls, how a stored result is sent, and where the pages for browsers are.

    `caller` raises UnauthorizedError when credentials are missing or wrong; `takes_anybody`
    says whether it takes callers without. `page_href` gets a job's id. `list_href` gets the
    name of a type, or None, the phases and the instant that are asked for. `types_href` gets
    the name of a job type, or None for all of them; without it browsers get what programs get.
    """

    caller: Callable[[], Caller]
    send_result: Callable[[Job, Result], Response]
    page_href: Callable[[str], str]
    list_href: Callable[[str | None, Sequence[str], datetime | None], str]
    types_href: Callable[[str | None], str] | None = None
    takes_anybody: bool = True


def surroundings() -> Surroundings:
    """Return those of the current app."""
    found: Surroundings = current_app.extensions[EXTENSION]
    return found
