"""The guarded way out: every remote byte of every plugin comes through this session."""

from portal.plugins.http.body import open_body
from portal.plugins.http.failures import AbortedError
from portal.plugins.http.failures import DeadlineError
from portal.plugins.http.policy import HttpPolicy
from portal.plugins.http.session import GuardedSession
from portal.plugins.http.session import open_farewell
from portal.plugins.http.session import open_lingering
from portal.plugins.http.session import open_session

__all__ = [
    "AbortedError",
    "DeadlineError",
    "GuardedSession",
    "HttpPolicy",
    "open_body",
    "open_farewell",
    "open_lingering",
    "open_session",
]
