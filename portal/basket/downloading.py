"""What every script that downloads has in common: plain file names, and how a file is fetched."""

import posixpath
import re
from importlib.resources import files
from urllib.parse import unquote
from urllib.parse import urlsplit

CODE = files("portal.basket") / "downloading.txt"
DOWNLOADING = "__DOWNLOADING__"  # the place of that code in a script
NAME_LENGTH = 100
ENDINGS = (".part", ".tag")  # of files beside the file, while it comes
TAKEN = frozenset({"sha256sums", "sha256sums.part"})
NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._+-]+")


def downloading_code() -> str:
    """Return functions in Python that need BLOCK, PART and modules of the standard library."""
    return CODE.read_text(encoding="ascii")


class FileNames:
    """Gives plain file names, every one once whatever the disk's case."""

    def __init__(self, *reserved: str) -> None:
        """Give none of those that are reserved."""
        self._used = set(TAKEN).union(*map(_taken_by, reserved))

    def take(self, url: str, title: str, number: int) -> str:
        """Return a name for what is at an address; `number` tells it from others of that name."""
        name = _file_name(url, title)
        while self._used & _taken_by(name):
            name = f"{number:05d}_{name}"
        self._used |= _taken_by(name)
        return name


def _taken_by(name: str) -> set[str]:
    return {name.casefold(), *(name.casefold() + ending for ending in ENDINGS)}


def _file_name(url: str, title: str) -> str:
    """Return a plain name: the last part of the address where it says something, or the title."""
    last = posixpath.basename(unquote(urlsplit(url).path))
    text = last if "." in last else title
    plain = NOT_IN_NAMES.sub("_", text).strip("._-")
    return plain[-NAME_LENGTH:].lstrip("._-") or "file"
