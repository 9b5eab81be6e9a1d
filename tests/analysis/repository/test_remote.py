import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal.analysis.repository.address import check_address
from portal.analysis.repository.fetching import fetch
from portal.analysis.repository.git import GitError
from portal.analysis.repository.remote import check_ref
from portal.analysis.repository.remote import find_commit
from portal.analysis.repository.remote import open_remote
from portal.analysis.repository.remote import Refs
from portal.analysis.repository.remote import resolve
from portal.analysis.repository.saying import said_of
from portal.plugins.http import AbortedError
from portal.plugins.http import DeadlineError
from portal.plugins.http import HttpPolicy
from portal.plugins.http import open_session
from portal.problems import PortalError
from portal.problems import ServiceError
from portal.problems import TransientError
from portal.problems import UsageError
from tests.support.git_server import git
from tests.support.git_server import Link
from tests.support.git_server import Submodule

FILES = {"a.txt": "hello", "dir/b.txt": "there"}
HEADS = {"main": "a" * 40, "v1": "b" * 40}


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc",
        "ssh://git@host/x",
        "git://host/x.git",
        "ext::sh -c id",
        "--upload-pack=touch /tmp/x",
        "host:x.git",
        "/srv/repositories/x.git",
        "https://user:secret@host/x.git",
        "https://host/x y.git?a=b",
        "https://host/x.git?service=git-receive-pack",
        "https://host/x.git#main",
        "https://[::1",
        "https://",
        "https://host\\@other/x.git",
        "https://" + "a" * 3000,
        "https://-oProxyCommand=id/x",
    ],
)
def test_only_plain_addresses_of_the_web_are_repositories(address):
    with pytest.raises(UsageError):
        check_address(address)


def test_an_address_has_one_spelling():
    assert check_address(" HTTPS://Example.org/a b.git/ ") == "https://example.org/a%20b.git"


@pytest.mark.parametrize("ref", ["", "-x", "--upload-pack=id", "a b", "a..b", "x^{tree}", "a:b"])
def test_what_can_be_no_ref_is_refused(ref):
    with pytest.raises(UsageError):
        check_ref(ref)


@pytest.mark.parametrize(
    ("name", "commit"),
    [
        ("HEAD", "c" * 40),
        ("main", "a" * 40),
        ("v1", "b" * 40),
        ("refs/tags/v1", "d" * 40),
        ("tags/v1", "d" * 40),
        ("refs/pull/1/head", "e" * 40),
        ("pull/1/head", "e" * 40),
        ("eeeeeee", None),
        ("aaaaaaa", "a" * 40),
    ],
)
def test_a_ref_is_found_as_a_branch_then_as_a_tag_then_as_the_beginning_of_a_commit(name, commit):
    refs = Refs(
        head="c" * 40,
        branches=HEADS,
        tags={"v1": "d" * 40},
        others={"refs/pull/1/head": "e" * 40},
    )
    if commit is None:
        with pytest.raises(UsageError, match=r"commit named eeeeeee\. Give the whole commit"):
            find_commit(refs, name, "https://host/x")
    else:
        assert find_commit(refs, name, "https://host/x") == commit


def test_a_host_that_gives_no_single_commits_is_told():
    words = "fatal: remote error: Server does not allow request for unadvertised object 1f2e"
    with pytest.raises(UsageError, match="at which a branch or a tag ends"), said_of("https://x"):
        raise GitError(words)


@pytest.mark.slow
def test_refs_are_resolved_and_tags_lead_to_their_commit(server, http):
    commit = server.make("refs", FILES)
    git(server.folder / "refs.git", "tag", "-a", "v1", "-m", "a release", commit)
    for ref in ("HEAD", "main", "refs/heads/main", "v1", commit[:10]):
        assert resolve(server.address("refs"), ref, http) == commit
    assert resolve("https://host/never.git", "B" * 40, http) == "b" * 40
    with pytest.raises(UsageError, match="no branch, tag or commit named nothing"):
        resolve(server.address("refs"), "nothing", http)


def test_private_addresses_are_refused_until_the_operator_allows_them(server):
    with pytest.raises(UsageError, match="private network"):
        resolve(server.address("x"), "main", open_session(HttpPolicy()))


def test_redirects_are_followed_to_where_they_lead_and_checked(server, http):
    commit = server.make("moved", FILES)
    server.routes["/old.git/info/refs"] = _redirect(
        f"{server.address('moved')}/info/refs?service=git-upload-pack"
    )
    server.routes["/inside.git/info/refs"] = _redirect(
        "http://127.0.0.2:1/x.git/info/refs?service=git-upload-pack"
    )
    assert resolve(server.address("old"), "main", http) == commit
    with pytest.raises(UsageError, match="private network"):
        resolve(server.address("inside"), "main", http)


def test_git_itself_follows_no_redirect(server, http, tmp_path):
    commit = server.make("turning", FILES)
    remote = open_remote(server.address("turning"), http)
    address = "/turning.git/info/refs"
    server.routes[address] = _redirect("http://127.0.0.2:1/info/refs?service=git-upload-pack")
    with pytest.raises(PortalError):
        fetch(remote, commit, tmp_path, http)


def test_git_connects_to_the_address_that_was_checked(server, http, monkeypatch):
    monkeypatch.setattr(
        "portal.plugins.http.addresses.socket.getaddrinfo", _everything_is("93.184.216.34")
    )
    monkeypatch.setattr(
        "portal.analysis.repository.remote.GuardedSession.get", _answer_of_a_repository
    )
    remote = open_remote("https://git.example.org/x.git", http)
    assert ("http.curloptResolve", "git.example.org:443:93.184.216.34") in remote.settings
    assert ("http.followRedirects", "false") in remote.settings


@pytest.mark.parametrize(
    ("status", "problem", "words"),
    [
        (401, UsageError, "after logging in"),
        (403, UsageError, "after logging in"),
        (404, UsageError, "no repository at"),
        (429, TransientError, "429"),
        (503, TransientError, "503"),
        (418, ServiceError, "418"),
    ],
)
def test_what_a_host_answers_is_said_in_words(server, http, status, problem, words):
    server.routes["/said.git/info/refs"] = _status(status)
    with pytest.raises(problem, match=words):
        resolve(server.address("said"), "main", http)


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [("text/html", b"<html>", "something else"), ("text/plain", b"a" * 40 + b"\trefs", "plain")],
)
def test_pages_and_plain_files_are_no_repository(server, http, kind, body, words):
    server.routes["/page.git/info/refs"] = _status(200, kind, body)
    with pytest.raises(UsageError, match=words):
        resolve(server.address("page"), "main", http)


@pytest.mark.slow
def test_one_commit_is_fetched_and_nothing_is_laid_out(fetched, tmp_path):
    files = {**FILES, "out": Link("/etc/passwd"), "sub": Submodule(), "-x/$(id)\n.py": "1"}
    checkout = fetched(files)
    assert sorted(checkout.entries) == sorted(files)
    assert checkout.read("a.txt", most=100) == b"hello"
    assert not list(checkout.folder.rglob("a.txt"))
    assert git(checkout.folder, "rev-list", "--count", checkout.commit) == "1"


@pytest.mark.slow
@pytest.mark.parametrize("name", [".git", "..", ".GIT", "a/../../b"])
def test_names_that_git_lays_out_nowhere_are_refused(server, http, tmp_path, name):
    server.make("odd", FILES)
    folder = server.folder / "odd.git"
    blob = git(folder, "hash-object", "-w", "--stdin", feed="x")
    tree = (f"100644 {name}\0").encode() + bytes.fromhex(blob)
    sha = git(folder, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", feed=tree)
    commit = git(folder, "commit-tree", sha, "-m", "odd")
    git(folder, "update-ref", "refs/heads/odd", commit)
    with pytest.raises(UsageError):
        fetch(open_remote(server.address("odd"), http), commit, tmp_path, http)


@pytest.mark.slow
def test_names_are_fetched_without_contents(fetched):
    checkout = fetched(FILES, contents=False)
    assert sorted(checkout.entries) == sorted(FILES)


@pytest.mark.slow
def test_a_commit_that_is_not_there_is_said(server, http, tmp_path):
    server.make("without", FILES)
    with pytest.raises(UsageError, match="no such commit"):
        fetch(open_remote(server.address("without"), http), "1" * 40, tmp_path, http)


@pytest.mark.slow
def test_what_is_too_large_is_not_fetched(server, http, tmp_path):
    commit = server.make("huge", {"huge.bin": os.urandom(3_000_000), "more": "x"})
    with pytest.raises(UsageError, match="larger than"):
        fetch(
            open_remote(server.address("huge"), http), commit, tmp_path, http, most_bytes=1_000_000
        )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "seconds", "problem"),
    [
        ({"is_aborted": lambda: True}, 60, AbortedError),
        ({"deadline": 0.0}, 60, DeadlineError),
        ({}, 0.1, TransientError),
    ],
)
def test_git_ends_when_it_has_to(server, http, tmp_path, options, seconds, problem):
    commit = server.make("stuck", FILES)
    remote = open_remote(server.address("stuck"), http)
    server.routes["/stuck.git/git-upload-pack"] = lambda _handler: server.stopping.wait(10)
    late = open_session(http.policy, **options)
    begun = time.monotonic()
    with pytest.raises(problem):
        fetch(remote, commit, tmp_path, late, seconds=seconds)
    assert time.monotonic() - begun < 3


@pytest.mark.slow
def test_git_ends_with_the_process_that_runs_it(server, http, tmp_path):
    commit = server.make("left", FILES)
    remote = open_remote(server.address("left"), http)
    server.routes["/left.git/git-upload-pack"] = lambda _handler: server.stopping.wait(10)
    program = (
        "from pathlib import Path\n"
        "from portal.analysis.repository.fetching import fetch\n"
        "from portal.analysis.repository.remote import Remote\n"
        "from portal.plugins.http import HttpPolicy, open_session\n"
        f"fetch(Remote(url={remote.url!r}, settings={remote.settings!r}), {commit!r}, "
        f"Path({str(tmp_path)!r}), open_session(HttpPolicy()))\n"
    )
    with subprocess.Popen([sys.executable, "-c", program]) as process:
        _until(lambda: ("POST", "/left.git/git-upload-pack") in server.requests)
        process.send_signal(signal.SIGKILL)
        process.wait()
        _until(lambda: not _running(remote.url))


def _running(url):
    """Return the processes of git that know an address."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if url.encode() in words and b"git" in words.split(b"\0")[0]:
            found.append(folder.name)
    return found


def _until(is_so):
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def _redirect(target):
    def answer(handler):
        handler.send_response(301)
        handler.send_header("Location", target)
        handler.end_headers()

    return answer


def _status(status, kind="text/plain", body=b"no"):
    def answer(handler):
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def _everything_is(address):
    return lambda _host, port, **_options: [(2, 1, 6, "", (address, port))]


def _answer_of_a_repository(_session, url, **_options):
    class Answer:
        status_code = 200

        def __init__(self):
            self.url = url
            self.headers = {"Content-Type": "application/x-git-upload-pack-advertisement"}

        def __enter__(self):
            return self

        def __exit__(self, *_error):
            pass

    return Answer()
