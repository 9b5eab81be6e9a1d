"""Who calls the UWS service, as far as the service needs to know."""

from dataclasses import dataclass
from http import HTTPStatus

from portal.problems import PortalError

NOBODY = ""
SCHEDULER = "scheduler"  # owns the jobs that come round; no browser and no token is this owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The owner of what the caller makes, and the name that documents may show.

    An `owner` of NOBODY makes jobs that belong to whoever knows their ids, and has no list.
    `address` is the caller's network address, to count such jobs.
    """

    owner: str
    name: str | None = None
    address: str | None = None


class UnauthorizedError(PortalError):
    """Credentials are missing, or are not known here; the answer says which are accepted."""

    status = HTTPStatus.UNAUTHORIZED
    title = "Please say who you are"
    headers = (
        ("WWW-Authenticate", 'Basic realm="portal", charset="UTF-8"'),
        ("WWW-Authenticate", 'Bearer realm="portal"'),
    )


class ForbiddenError(PortalError):
    """The credentials do not suffice, or the phase of the job forbids it."""

    status = HTTPStatus.FORBIDDEN
    title = "This is not allowed"
