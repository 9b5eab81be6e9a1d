"""Repositories elsewhere: their address checked, their branches and tags, one ref's commit."""

import ipaddress
import re
from dataclasses import dataclass
from dataclasses import field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import certifi
import requests

from portal.analysis.repository.address import check_address
from portal.analysis.repository.git import check_version
from portal.analysis.repository.git import Room
from portal.analysis.repository.git import run_git
from portal.analysis.repository.saying import said_of
from portal.plugins.http import GuardedSession
from portal.plugins.http import open_body
from portal.plugins.http.addresses import permitted_endpoints
from portal.plugins.http.failures import typed_failures
from portal.plugins.http.peers import name_peer
from portal.problems import ServiceError
from portal.problems import TransientError
from portal.problems import UsageError

ADVERTISEMENT = "/info/refs?service=git-upload-pack"
MEDIA_TYPE = "application/x-git-upload-pack-advertisement"
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
BEGINNING = re.compile(r"[0-9a-f]{7,63}")
REF_LENGTH = 250
NOT_IN_REFS = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|^-")
HEADS = "refs/heads/"
TAGS = "refs/tags/"
PEELED = "^{}"
SILENT_SECONDS = 60
LIST_ROOM = Room(output=32_000_000)
TRY_LATER = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT})
NEEDS_LOGIN = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A repository that answers, at an address that may be contacted.

    `settings` have git connect to the very addresses that were checked, and follow nothing.
    """

    url: str
    settings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refs:
    """The commits that a repository names; `default` is the branch of HEAD, where it says so."""

    head: str | None = None
    default: str | None = None
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)


def open_remote(address: str, http: GuardedSession) -> Remote:
    """Return the repository at an address of http or https, where redirects have led to.

    Raises UsageError, TransientError and ServiceError with sentences for the user.
    """
    check_version()
    checked = check_address(address)
    with http.get(
        checked + ADVERTISEMENT,
        headers={"Git-Protocol": "version=2", "Accept": "*/*", "User-Agent": _agent(http)},
    ) as answer:
        _check_answer(answer, checked)
        led_to = str(answer.url)
    if not led_to.endswith(ADVERTISEMENT):
        raise UsageError(f"{checked} leads to {led_to}, which is no git repository.")
    url = check_address(led_to.removesuffix(ADVERTISEMENT))
    return Remote(url=url, settings=_settings(url, http))


def list_refs(remote: Remote, http: GuardedSession) -> Refs:
    """Return what a repository's branches and tags are."""
    with said_of(remote.url):
        answer = run_git(
            Path("/"),
            "ls-remote",
            "--symref",
            "--",
            remote.url,
            watch=http.watch,
            settings=remote.settings,
            room=LIST_ROOM,
        )
    return _read_refs(answer.decode(errors="replace"))


def resolve(address: str, ref: str, http: GuardedSession) -> str:
    """Return the whole commit that a ref of a repository is at the moment.

    A whole commit is returned as it is, without asking: whether it is there shows when it is
    fetched. Raises UsageError for a ref that is not there.
    """
    name = check_ref(ref)
    if COMMIT.fullmatch(name):
        check_address(address)
        return name
    remote = open_remote(address, http)
    return find_commit(list_refs(remote, http), name, remote.url)


def check_ref(ref: str) -> str:
    """Return a branch, a tag or a commit without the blanks around it; raises UsageError."""
    name = ref.strip()
    if not name or len(name) > REF_LENGTH or NOT_IN_REFS.search(name):
        raise UsageError("This is neither a branch nor a tag nor a commit: check how it is spelt.")
    return name.lower() if COMMIT.fullmatch(name.lower()) else name


def find_commit(refs: Refs, name: str, url: str) -> str:
    """Return the commit of HEAD, a branch, a tag, any other ref or the beginning of a commit."""
    if name == "HEAD":
        if refs.head is None:
            raise UsageError(f"The repository {url} is empty.")
        return refs.head
    plain = name.removeprefix("refs/").removeprefix("heads/").removeprefix("tags/")
    places = (
        (refs.branches, name.removeprefix("refs/").removeprefix("heads/")),
        (refs.tags, name.removeprefix("refs/").removeprefix("tags/")),
        (refs.others, name),
        (refs.others, f"refs/{name}"),
    )
    found = next((known[one] for known, one in places if one in known), None)
    if found is None and BEGINNING.fullmatch(plain):
        found = _begun_by(refs, plain, url)
    if found is None:
        is_beginning = BEGINNING.fullmatch(plain)
        more = " Give the whole commit, if it is the beginning of one." if is_beginning else ""
        raise UsageError(f"The repository {url} has no branch, tag or commit named {name}.{more}")
    return found


def _begun_by(refs: Refs, beginning: str, url: str) -> str | None:
    known = {refs.head, *refs.branches.values(), *refs.tags.values()} - {None}
    found = sorted(one for one in known if one and one.startswith(beginning))
    if len(found) > 1:
        raise UsageError(f"Several commits of {url} begin with {beginning}: give the whole of it.")
    return found[0] if found else None


def _check_answer(answer: requests.Response, url: str) -> None:
    status = answer.status_code
    if status in NEEDS_LOGIN:
        raise UsageError(
            f"There is no repository at {url}, or it can only be read after logging in: "
            "it has to be public."
        )
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise UsageError(f"There is no repository at {url}: check the address.")
    if status in TRY_LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise TransientError(f"The host of {url} answers with HTTP status {status} at the moment.")
    if status != HTTPStatus.OK:
        raise ServiceError(f"The host of {url} answers with HTTP status {status}.")
    if answer.headers.get("Content-Type", "").partition(";")[0].strip() == MEDIA_TYPE:
        return
    if COMMIT.match(open_body(answer).read(64).decode(errors="replace")):
        raise UsageError(
            f"The repository at {url} is served as plain files, which this portal cannot fetch: "
            "its host has to speak git's smart protocol."
        )
    raise UsageError(f"There is something else than a git repository at {url}.")


def _settings(url: str, http: GuardedSession) -> tuple[tuple[str, str], ...]:
    parts = urlsplit(url)
    host = str(parts.hostname)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    settings = [
        (f"protocol.{parts.scheme}.allow", "always"),
        ("http.followRedirects", "false"),
        ("http.proxy", ""),
        ("http.sslVerify", "true"),
        ("http.sslCAInfo", certifi.where()),
        ("http.lowSpeedLimit", "1"),
        ("http.lowSpeedTime", str(SILENT_SECONDS)),
        ("http.userAgent", _agent(http)),
    ]
    with typed_failures(name_peer(host, port), silence="does not answer", check=http.watch.check):
        endpoints = permitted_endpoints(host, port, http.policy.allow)
    if not _is_number(host):
        numbers = ",".join(_written(endpoint.address) for endpoint in endpoints)
        settings.append(("http.curloptResolve", f"{host}:{port}:{numbers}"))
    return tuple(settings)


def _agent(http: GuardedSession) -> str:
    """Return who asks; some hosts show git another page than browsers."""
    return f"git/2 {http.policy.user_agent}"


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _written(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _read_refs(answer: str) -> Refs:
    refs: dict[str, str] = {}
    default = None
    for line in answer.splitlines():
        value, _, name = line.partition("\t")
        if value.startswith("ref: ") and name == "HEAD":
            default = value.removeprefix("ref: ").removeprefix(HEADS)
        elif COMMIT.fullmatch(value):
            refs[name] = value
    commits = {name: refs.get(name + PEELED, value) for name, value in refs.items()}
    plain = {name: value for name, value in commits.items() if not name.endswith(PEELED)}
    return Refs(
        head=plain.get("HEAD"),
        default=default,
        branches=_below(plain, HEADS),
        tags=_below(plain, TAGS),
        others=plain,
    )


def _below(refs: dict[str, str], folder: str) -> dict[str, str]:
    return {name[len(folder) :]: value for name, value in refs.items() if name.startswith(folder)}
