"""One commit of a repository, fetched without its history, and what is in it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.analysis.repository.git import Room
from portal.analysis.repository.git import run_git
from portal.analysis.repository.git import TooLargeError
from portal.analysis.repository.remote import Remote
from portal.analysis.repository.saying import said_of
from portal.plugins.http import GuardedSession
from portal.plugins.http.failures import DeadlineError
from portal.plugins.http.watch import Watch
from portal.problems import TransientError
from portal.problems import UsageError

SHA256_LENGTH = 64
MOST_BYTES = 1_000_000_000
MOST_SECONDS = 300.0
MOST_ENTRIES = 100_000
LINK = "120000"
SUBMODULE = "160000"
FOLDER = "040000"
EXECUTABLE = "100755"
NOT_CHECKED_OUT = frozenset({"", ".", "..", ".git"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file, link or submodule of a tree: `path` as git has it, relative to the root."""

    mode: str
    sha: str
    path: str

    @property
    def is_file(self) -> bool:
        """Say whether this is a file with content of its own."""
        return self.mode not in (LINK, SUBMODULE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """A commit in a bare repository of ours; nothing of it is laid out as files.

    Paths that are not UTF-8 are in `entries` as Python's file names are.
    """

    folder: Path
    commit: str
    entries: dict[str, Entry]
    watch: Watch

    def read(self, path: str, *, most: int) -> bytes:
        """Return the content of a file, or where a link leads; TooLargeError beyond `most`."""
        sha = self.entries[path].sha
        size = run_git(self.folder, "cat-file", "-s", sha, watch=self.watch)
        if int(size) > most:
            raise TooLargeError(f"{path!a} is larger than {most:,} bytes.")
        return run_git(self.folder, "cat-file", "blob", sha, watch=self.watch)


def fetch(
    remote: Remote,
    commit: str,
    folder: Path,
    http: GuardedSession,
    *,
    most_bytes: int = MOST_BYTES,
    seconds: float = MOST_SECONDS,
    contents: bool = True,
) -> Checkout:
    """Fetch one commit into an empty folder, without history, submodules and large files (LFS).

    Without `contents` only the names are fetched, where the server can do that; then nothing
    can be read. Raises UsageError for a commit that is not there and what is too large, and
    TransientError when it takes longer than `seconds`.
    """
    watch = http.watch
    shape = "sha256" if len(commit) == SHA256_LENGTH else "sha1"
    run_git(folder, "init", "--quiet", "--bare", f"--object-format={shape}", watch=watch)
    some = [] if contents else ["--filter=blob:none"]
    end = time.monotonic() + (watch.clamp(seconds) or seconds)
    patience = Watch(deadline=end, is_aborted=watch.is_aborted)
    with said_of(remote.url), _in_time(watch, remote.url, seconds):
        run_git(
            folder,
            "fetch",
            "--quiet",
            "--depth=1",
            "--no-tags",
            "--no-write-fetch-head",
            *some,
            "--",
            remote.url,
            commit,
            watch=patience,
            settings=remote.settings,
            room=Room(folder=most_bytes),
        )
        found = run_git(folder, "rev-parse", "--verify", f"{commit}^{{commit}}", watch=watch)
    exact = found.decode().strip()
    return Checkout(
        folder=folder, commit=exact, entries=list_entries(folder, exact, watch), watch=watch
    )


@contextmanager
def _in_time(watch: Watch, url: str, seconds: float) -> Iterator[None]:
    """Tell the time that a repository may take from the time that the job may."""
    try:
        yield
    except DeadlineError as error:
        watch.check()
        raise TransientError(
            f"The repository {url} was not fetched within {seconds:,.0f} s, the longest that "
            "this portal waits. Try again later."
        ) from error


def list_entries(folder: Path, commit: str, watch: Watch) -> dict[str, Entry]:
    """Return what is in the tree of a commit, by path; folders only stand in the paths.

    Raises UsageError for names that no git lays out as files, and for too many of them.
    """
    listed = run_git(folder, "ls-tree", "-r", "-z", "--full-tree", commit, watch=watch)
    lines = listed.split(b"\0")[:-1]
    if len(lines) > MOST_ENTRIES:
        raise UsageError(f"The repository has more than {MOST_ENTRIES:,} files.")
    entries = {}
    for line in lines:
        meta, _, name = line.partition(b"\t")
        mode, _, sha = meta.decode().split(" ")
        path = name.decode(errors="surrogateescape")
        if not NOT_CHECKED_OUT.isdisjoint(path.casefold().split("/")):
            raise UsageError(f"The repository has a file that git lays out nowhere: {path!a}.")
        entries[path] = Entry(mode=mode, sha=sha, path=path)
    return entries
