"""The root of every error that the portal raises on purpose."""

import errno
from http import HTTPStatus
from typing import Any

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})  # of an OSError: the disk is full


def problem(status: HTTPStatus, title: str, detail: str) -> dict[str, Any]:
    """Return a problem document (RFC 9457)."""
    return {"type": "about:blank", "title": title, "status": int(status), "detail": detail}


class PortalError(Exception):
    """An error whose message is written for the person who reads it.

    `status` is the HTTP status that a web answer gets, `title` the heading above the
    message, and `fatal` says whether asking again unchanged is pointless: it becomes the
    UWS error summary's type, "fatal" or "transient" (UWS 1.1, 2.1.3). `headers` go with the
    web answer; a name may come several times.
    """

    status: HTTPStatus = HTTPStatus.INTERNAL_SERVER_ERROR
    title: str = "Something went wrong"
    fatal: bool = True
    headers: tuple[tuple[str, str], ...] = ()

    def __init__(self, message: str, *, detail: str = "") -> None:
        """Keep the message for the user and an optional longer `detail`."""
        super().__init__(message)
        self.message = message
        self.detail = detail

    def problem(self) -> dict[str, Any]:
        """Return the error as a problem document (RFC 9457)."""
        return problem(self.status, self.title, self.message)


class NotFoundError(PortalError):
    """What was asked for does not exist, or belongs to somebody else: both look alike."""

    status = HTTPStatus.NOT_FOUND
    title = "Not found"


class UsageError(PortalError):
    """The user can fix it: the message says what and how."""

    status = HTTPStatus.BAD_REQUEST
    title = "This cannot be done as asked"


class TransientError(PortalError):
    """The same request may succeed later."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "Not available at the moment"
    fatal = False


class ServiceError(PortalError):
    """A remote service failed; the message carries that service's own words."""

    status = HTTPStatus.BAD_GATEWAY
    title = "The remote service failed"
