"""A Python script that downloads the files of a basket, to run anywhere without the portal."""

import json
import posixpath
import re
from collections.abc import Sequence
from importlib.resources import files
from urllib.parse import unquote
from urllib.parse import urlsplit

from portal.basket.models import BasketItem
from portal.links import safe_href

TEMPLATE = files("portal.basket") / "download_script.txt"
PLACE = "__FILES__"
HOST = "__PORTAL__"
NAME_LENGTH = 100
ENDINGS = (".part", ".tag")  # of files beside the file, while it comes
TAKEN = frozenset({"sha256sums", "sha256sums.part"})
NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._+-]+")


def write_script(items: Sequence[BasketItem], *, portal: str) -> str:
    """Return a script that downloads what the items link to.

    Each link is JSON in ASCII inside of a literal in ASCII: no title, name or address in it can
    end the literal or mean anything to a shell. The token of the portal stands in no
    script; a program reads it from PORTAL_TOKEN, and sends it to the portal's own address only.
    """
    lines = [f"    {json.dumps(json.dumps(one))}," for one in _files(items)]
    template = TEMPLATE.read_text(encoding="ascii")
    return template.replace(HOST, json.dumps(portal)).replace(PLACE, "\n".join(["", *lines, ""]))


def _files(items: Sequence[BasketItem]) -> list[dict[str, str]]:
    """Return address and file name of each link, every name once whatever the disk's case."""
    used = set(TAKEN)
    found = []
    for number, item in enumerate(items, start=1):
        url = safe_href(item.access_url)
        if url is None:
            continue
        name = _file_name(url, item)
        while used & _taken_by(name):
            name = f"{number:05d}_{name}"
        used |= _taken_by(name)
        found.append({"url": url, "name": name})
    return found


def _taken_by(name: str) -> set[str]:
    return {name.casefold(), *(name.casefold() + ending for ending in ENDINGS)}


def _file_name(url: str, item: BasketItem) -> str:
    """Return a plain name: the last part of the address where it says something, or the title."""
    last = posixpath.basename(unquote(urlsplit(url).path))
    text = last if "." in last else f"{item.title}"
    plain = NOT_IN_NAMES.sub("_", text).strip("._-")
    return plain[-NAME_LENGTH:].lstrip("._-") or "file"
