"""What the UWS service asks of the application in which it is mounted."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app
from werkzeug.wrappers import Response

from portal.uws.callers import Caller
from portal.uws.models import Job
from portal.uws.models import Result

EXTENSION = "uws_surroundings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Who calls, how a stored result is sent, and where the page for a browser is.

    `caller` raises UnauthorizedError when credentials are missing or wrong. `page_href` gets
    a job's id, or None for the list of jobs; `types_href` the name of a job type, or None for
    all of them. Without it browsers get what programs get.
    """

    caller: Callable[[], Caller]
    send_result: Callable[[Job, Result], Response]
    page_href: Callable[[str | None], str]
    types_href: Callable[[str | None], str] | None = None


def surroundings() -> Surroundings:
    """Return those of the current app."""
    found: Surroundings = current_app.extensions[EXTENSION]
    return found
