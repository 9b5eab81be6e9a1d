"""What goes wrong with identity providers, in our own words: theirs may be anybody's."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from authlib.common.errors import AuthlibBaseError
from joserfc.errors import JoseError

from portal.problems import PortalError
from portal.problems import TransientError
from portal.problems import UsageError
from portal.uws.callers import ForbiddenError

CODE = re.compile(r"[a-z_]{1,40}")
UNREADABLE = (AuthlibBaseError, JoseError, LookupError, TypeError, ValueError, AttributeError)

log = logging.getLogger(__name__)


class SignInRefusedError(UsageError):
    """What came back from the provider cannot be believed, or says no."""

    title = "You are not signed in"


class ProviderAwayError(TransientError):
    """The provider cannot be asked; the rest of the portal does not mind."""

    title = "Signing in is not possible at the moment"


@contextmanager
def told_in_our_words(title: str) -> Iterator[None]:
    """Turn what the network, Authlib and unexpected answers raise into our two errors.

    The log has the kind of the failure, and never what the provider wrote.
    """
    try:
        yield
    except (SignInRefusedError, ProviderAwayError, ForbiddenError):
        raise
    except (PortalError, requests.RequestException) as error:
        log.warning("%s cannot be asked: %s", title, type(error).__name__)
        raise ProviderAwayError(
            f"{title} does not answer as it should. Try again later; everything that needs no "
            "sign-in goes on."
        ) from error
    except (*UNREADABLE, RuntimeError) as error:
        log.warning("a sign-in at %s was refused: %s", title, _kind(error))
        raise SignInRefusedError(
            f"The sign-in at {title} was not completed: it was cancelled, took too long, was "
            "opened a second time, or its answer could not be verified. Please sign in again."
        ) from error


def _kind(error: Exception) -> str:
    code = str(getattr(error, "error", "") or "")
    return f"{type(error).__name__} {code if CODE.fullmatch(code) else ''}".strip()
