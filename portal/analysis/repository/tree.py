"""A changed copy of a commit, written into its repository without laying out any file."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from portal.analysis.repository.fetching import Checkout
from portal.analysis.repository.fetching import Entry
from portal.analysis.repository.fetching import EXECUTABLE
from portal.analysis.repository.git import run_git

PLAIN = "100644"
AUTHOR = "Archive Portal"
EMAIL = "portal@localhost"
BRANCH = "refs/heads/main"
SECONDS = re.compile(r"[0-9]{1,10}")


@dataclass(slots=True)
class Edits:
    """What is to be different: new content by path, and entries that move or go."""

    written: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    moved: dict[str, Entry] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)

    def write(self, path: str, content: str | bytes, *, executable: bool = False) -> None:
        """Put a file there, in place of the one that is."""
        data = content.encode() if isinstance(content, str) else content
        self.written[path] = (data, EXECUTABLE if executable else PLAIN)

    def move(self, entry: Entry, path: str) -> None:
        """Give a file or a link another name in its folder; a file can be run there."""
        mode = EXECUTABLE if entry.is_file else entry.mode
        self.removed.add(entry.path)
        self.moved[path] = Entry(mode=mode, sha=entry.sha, path=path)


def commit_edits(checkout: Checkout, edits: Edits, message: str) -> str:
    """Return a commit with the changes, the child of the one that was fetched.

    Its author and time are always the same for that one, so that equal contents are the same
    commit. It becomes the branch that a clone gets.
    """
    said = _run(checkout, "show", "-s", "--format=%ct", checkout.commit)
    signature = f"{AUTHOR} <{EMAIL}> {said if SECONDS.fullmatch(said) else '0'} +0000\n"
    stream = [
        f"commit {BRANCH}\nauthor {signature}committer {signature}".encode(),
        _data(message.encode()),
        f"from {checkout.commit}\n".encode(),
        *(b"D " + _quoted(path) + b"\n" for path in sorted(edits.removed)),
        *(_placed(one.mode, one.sha, path) for path, one in sorted(edits.moved.items())),
    ]
    for path, (content, mode) in sorted(edits.written.items()):
        stream += [_placed(mode, "inline", path), _data(content)]
    _run(checkout, "fast-import", "--quiet", "--done", feed=b"".join([*stream, b"done\n"]))
    return _run(checkout, "rev-parse", "--verify", BRANCH)


def first_commit(content: Mapping[str, bytes], message: str) -> bytes:
    """Return what fast-import reads to make one commit of these files, by path, on the branch."""
    signature = f"{AUTHOR} <{EMAIL}> 0 +0000\n"
    stream = [
        f"commit {BRANCH}\nauthor {signature}committer {signature}".encode(),
        _data(message.encode()),
    ]
    for path, data in sorted(content.items()):
        stream += [_placed(PLAIN, "inline", path), _data(data)]
    return b"".join([*stream, b"done\n"])


def publish_branch(checkout: Checkout, commit: str) -> None:
    """Make a commit what a clone of the repository gets."""
    _run(checkout, "update-ref", BRANCH, commit)


def _placed(mode: str, what: str, path: str) -> bytes:
    return f"M {mode} {what} ".encode() + _quoted(path) + b"\n"


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


def _quoted(path: str) -> bytes:
    """Return a path as fast-import reads it, whatever is in it."""
    return b'"' + b"".join(b"\\%03o" % byte for byte in os.fsencode(path)) + b'"'


def _run(checkout: Checkout, verb: str, *arguments: str, feed: bytes = b"") -> str:
    output = run_git(checkout.folder, verb, *arguments, watch=checkout.watch, feed=feed)
    return output.decode().strip()
