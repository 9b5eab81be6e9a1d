"""Network failures in words: the one place where exceptions of libraries become ours."""

import socket
import ssl
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPException
from http.client import IncompleteRead

import requests
import urllib3

from portal.problems import PortalError
from portal.problems import ServiceError
from portal.problems import TransientError
from portal.problems import UsageError


class AbortedError(PortalError):
    """The job was aborted while it talked to a remote service."""

    status = HTTPStatus.CONFLICT
    title = "Aborted"


class DeadlineError(PortalError):
    """The time that the job may take is over."""

    status = HTTPStatus.GATEWAY_TIMEOUT
    title = "Out of time"


@contextmanager
def typed_failures(peer: str, *, silence: str, check: Callable[[], None]) -> Iterator[None]:
    """Turn what the network and its libraries raise into errors that name `peer`.

    `silence` says what a time-out means here ("does not answer within 10 s"). `check`
    raises when the job was aborted or is out of time, which then is the reason.
    """
    try:
        yield
    except (
        OSError,
        HTTPException,
        UnicodeError,
        urllib3.exceptions.HTTPError,
        requests.RequestException,
    ) as error:
        check()
        raise _typed(error, peer, silence) from error


def _typed(error: Exception, peer: str, silence: str) -> PortalError:
    causes = list(_causes(error))
    for kinds, problem, words in _WORDS:
        for cause in causes:
            if isinstance(cause, kinds):
                return problem(words.format(peer=peer, silence=silence, reason=_reason(cause)))
    return ServiceError(f"the exchange with {peer} failed ({type(error).__name__})")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it wraps, the outermost first."""
    yield error
    inner = [getattr(error, "reason", None), *error.args, error.__cause__, error.__context__]
    cause = next((one for one in inner if isinstance(one, BaseException)), None)
    if cause is not None:
        yield from _causes(cause)


def _reason(cause: BaseException) -> str:
    given = getattr(cause, "verify_message", "") or getattr(cause, "reason", "")
    return str(given) or "the secure connection failed"


# The first row that has the kind of the error, or of what it wraps, speaks.
_CUT = "{peer} broke the connection before its answer was complete"
_WORDS: tuple[tuple[tuple[type[BaseException], ...], type[PortalError], str], ...] = (
    ((socket.gaierror,), TransientError, "the name {peer} cannot be looked up at the moment"),
    ((ssl.SSLError,), ServiceError, "no safe connection to {peer} is possible: {reason}"),
    (
        (TimeoutError, urllib3.exceptions.TimeoutError, requests.Timeout),
        TransientError,
        "{peer} {silence}",
    ),
    ((ConnectionRefusedError,), TransientError, "{peer} refuses the connection"),
    ((requests.TooManyRedirects,), ServiceError, "{peer} redirects in circles"),
    (
        (urllib3.exceptions.DecodeError,),
        ServiceError,
        "{peer} sent compressed data that cannot be unpacked",
    ),
    (
        (requests.exceptions.InvalidSchema,),
        UsageError,
        "only addresses that start with http:// or https:// can be used",
    ),
    (
        (
            requests.exceptions.InvalidURL,
            requests.exceptions.MissingSchema,
            urllib3.exceptions.LocationValueError,
            UnicodeError,
        ),
        UsageError,
        "{peer} is not the address of a service",
    ),
    ((ConnectionError, IncompleteRead), TransientError, _CUT),
    (
        (HTTPException, urllib3.exceptions.InvalidHeader),
        ServiceError,
        "{peer} does not speak HTTP",
    ),
    ((urllib3.exceptions.ProtocolError,), TransientError, _CUT),
    ((OSError,), TransientError, "{peer} cannot be reached"),
)
