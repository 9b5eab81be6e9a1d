"""The repository of the example, made of its files when somebody first clones it."""

import tempfile
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from portal.analysis.repository.git import run_git
from portal.analysis.repository.tree import BRANCH
from portal.analysis.repository.tree import first_commit
from portal.plugins.http.watch import NO_WATCH

EXAMPLE = "first-look"  # in its address
FOLDER = "examples"  # in the instance folder
FILES = Path(__file__).parents[1] / "example"
DIGITS = 16


def example_repository(root: Path) -> Path:
    """Return a bare repository with one commit of the example, the same on every host.

    Several may make it at once: it is put into its place whole, and one of them wins.
    """
    content = {path.name: path.read_bytes() for path in FILES.iterdir() if path.is_file()}
    folder = root / f"{_digest(content)}.git"
    if folder.is_dir():
        return folder
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix="new-") as name:
        new = Path(name) / "new.git"
        new.mkdir()
        run_git(new, "init", "--quiet", "--bare", watch=NO_WATCH)
        feed = first_commit(content, "The example of the archive portal\n")
        run_git(new, "fast-import", "--quiet", "--done", watch=NO_WATCH, feed=feed)
        run_git(new, "symbolic-ref", "HEAD", BRANCH, watch=NO_WATCH)
        with suppress(OSError):  # somebody else was faster
            new.rename(folder)
    return folder


def _digest(content: Mapping[str, bytes]) -> str:
    parts = [part for name, data in sorted(content.items()) for part in (name.encode(), data)]
    return sha256(b"\0".join(parts)).hexdigest()[:DIGITS]
