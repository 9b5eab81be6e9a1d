"""What git says of a repository elsewhere, as errors that the user understands."""

from collections.abc import Iterator
from contextlib import contextmanager

from portal.analysis.repository.git import GitError
from portal.problems import PortalError
from portal.problems import ServiceError
from portal.problems import TransientError
from portal.problems import UsageError


@contextmanager
def said_of(url: str) -> Iterator[None]:
    """Turn what git says of a repository elsewhere into errors that the user understands."""
    try:
        yield
    except GitError as error:
        words = error.words.casefold()
        for pieces, problem, sentence in _SENTENCES:
            if any(piece in words for piece in pieces):
                raise problem(sentence.format(url=url)) from error
        raise ServiceError(
            f"The repository {url} cannot be read. git says: {error.words}"
        ) from error


# The first row that has a piece of what git said, speaks.
_SENTENCES: tuple[tuple[tuple[str, ...], type[PortalError], str], ...] = (
    (
        ("could not read username", "authentication failed", "returned error: 403"),
        UsageError,
        "The repository {url} can only be read after logging in: it has to be public.",
    ),
    (
        ("not our ref", "remote ref does not exist", "couldn't find remote ref", "no such ref"),
        UsageError,
        "The repository {url} has no such commit: check the branch, the tag or the commit.",
    ),
    (
        ("unadvertised object",),
        UsageError,
        "The host of {url} gives commits only at which a branch or a tag ends: take one.",
    ),
    (("not found",), UsageError, "There is no repository at {url}: check the address."),
    (
        ("mismatched algorithms", "invalid path", "invalid tree", "malformed", "fsck"),
        UsageError,
        "The repository {url} has something in it that git refuses to read.",
    ),
    (
        (
            "timed out",
            "timeout",
            "operation too slow",
            "couldn't connect",
            "failed to connect",
            "could not resolve host",
            "connection reset",
            "returned error: 429",
            "returned error: 5",
            "early eof",
            "hung up",
            "disconnect",
            "rpc failed",
        ),
        TransientError,
        "The repository {url} cannot be fetched at the moment: its host fails. Try again later.",
    ),
)
