"""Where a git repository is, read from the address of a page that shows it or a file of it."""

import re
from dataclasses import dataclass
from urllib.parse import unquote
from urllib.parse import urlsplit

from portal.links import safe_href
from portal.problems import UsageError

MOST_CHARACTERS = 2_000
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# A name after which no git and no other program looks for options, ranges or wildcards
# (git-check-ref-format).
REF = re.compile(
    r"(?!.*(?:\.\.|@\{|//|/\.))[^\s~^:?*\[\\\x00-\x20\x7f./-][^\s~^:?*\[\\\x00-\x20\x7f]*"
)
LONGEST_REF = 200
# What a page of a repository looks like: GitLab writes "/-/", Gitea names what the ref is,
# GitHub does neither.
PAGES = (
    re.compile(
        r"(?P<repository>/.+?)/-/(?:blob|tree|raw|blame|tags)/(?P<ref>[^/]+)(?:/(?P<path>.*))?"
    ),
    re.compile(r"(?P<repository>/.+?)/src/(?:branch|tag|commit)/(?P<ref>[^/]+)(?:/(?P<path>.*))?"),
    re.compile(
        r"(?P<repository>/[^/]+/[^/]+)/(?:blob|tree|raw|blame|releases/tag)/(?P<ref>[^/]+)"
        r"(?:/(?P<path>.*))?"
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryAddress:
    """A repository that git can clone, and what of it an address named beside it."""

    repository: str
    ref: str | None = None
    path: str | None = None


def read_repository(address: str) -> RepositoryAddress:
    """Read the address of a repository, or of a page about a branch, tag or file of one.

    A ref with a slash in it cannot be told from a folder here: its first part counts as the ref.
    Raises UsageError for what git could not clone by http or https.
    """
    address = address.strip()
    if len(address) > MOST_CHARACTERS or safe_href(address) != address:
        raise UsageError(
            "Give the address of a git repository, starting with https:// or http://, without a "
            "user name."
        )
    parts = urlsplit(address)
    path = re.sub(r"/+$", "", parts.path)
    if not path:
        raise UsageError("The address names a site, and no repository there.")
    site = f"{parts.scheme}://{parts.netloc}"
    for page in PAGES:
        if match := page.fullmatch(path):
            inside = unquote(match["path"] or "")
            return RepositoryAddress(
                repository=site + match["repository"],
                ref=check_ref(unquote(match["ref"])),
                path=check_path(inside) if inside else None,
            )
    return RepositoryAddress(repository=site + path)


def check_ref(ref: str) -> str:
    """Return the name of a branch, a tag or a commit; raises UsageError when it cannot be one."""
    if len(ref) > LONGEST_REF or not REF.fullmatch(ref) or ref.endswith((".", "/", ".lock")):
        raise UsageError("This cannot be a branch, a tag or a commit.")
    return ref


def check_path(path: str) -> str:
    """Return a path inside a repository; raises UsageError for one that may lead out of it."""
    parts = path.split("/")
    if (
        len(path) > MOST_CHARACTERS
        or CONTROL.search(path)
        or "\\" in path
        or not all(parts)
        or {".", "..", ".git"}.intersection(one.casefold() for one in parts)
    ):
        raise UsageError("A path is relative to the root of the repository, such as demo/a.ipynb.")
    return path
