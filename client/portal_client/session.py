"""A session that the portal launched: its basket, and the files that came along."""

import json
import os
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from astropy.table import Table

from portal_client.basket import Basket
from portal_client.basket import CURRENT
from portal_client.connection import Connection
from portal_client.errors import PortalError
from portal_client.results import read_table

FILES = ("portal.json", ".portal/session.json")
FOLDERS = ("data", "basket-data")
MANIFEST = "manifest.json"
ENDED = (
    "It came with this session, and ends when the session should: the page Sessions of the "
    "portal keeps one for longer. The files that came along stay."
)


@dataclass(frozen=True, slots=True)
class _Known:
    """What somebody wrote down: a token goes to the address beside it and nowhere else."""

    url: str
    token: str
    basket: str
    root: Path
    refused: str = ""


class Session:
    """The basket that a session was launched with, to be read; nothing of it can be changed."""

    def __init__(self, known: _Known) -> None:
        """Take address and token; asks the portal nothing yet. Raises ValueError."""
        self._connection = Connection(known.url, known.token, refused=known.refused)
        self._root = known.root
        self.basket = Basket(self._connection, known.basket)

    @property
    def url(self) -> str:
        """The address of the portal, with a slash at the end."""
        return self._connection.url

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What became of each file, as it was written when they were fetched; empty before."""
        for name in FOLDERS:
            found = _read_manifest(self._root / name / MANIFEST)
            if found and self.basket.ref in (CURRENT, found["basket"]["id"]):
                return found
        return {"files": []}

    @property
    def files(self) -> dict[str, Path]:
        """The files that are there, by name."""
        return {
            one["name"]: self._root / one["path"] for one in self.manifest["files"] if one["path"]
        }

    def table(self, item: Mapping[str, Any]) -> Table:
        """Return what an item of the basket stands for: its row of a result, or all rows."""
        if not item["job"]:
            raise PortalError("This item is an address; it is no row of a result of the portal.")
        found = read_table(self._connection, item["job"], item["result"])
        return found if item["row"] is None else found[item["row"] : item["row"] + 1]

    def __repr__(self) -> str:
        """Write what names it, and no secret."""
        return f"<Session {self.basket.ref} of {self.url}>"


def open_session(folder: str | Path | None = None) -> Session:
    """Return the session that this program runs in.

    `PORTAL_URL` and `PORTAL_TOKEN` come first, with the basket of `PORTAL_BASKET` or the current
    one; then `portal.json`, which the portal puts into the sessions it launches, in
    this folder or one above it. Raises PortalError where there is neither.
    """
    start = Path(folder or Path.cwd()).resolve()
    known = _of_environment(start)
    if known is None:
        known = next(_of_folders(start), None)
    if known is None:
        raise PortalError(
            "This is no session of a portal: there is no portal.json in this folder or above it."
        )
    return Session(known)


def _read_manifest(path: Path) -> dict[str, Any] | None:
    """Return a manifest; None for another file of that name, which the workflow may have."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        found["files"], found["basket"]["id"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found


def _of_environment(root: Path) -> _Known | None:
    url, token = os.environ.get("PORTAL_URL"), os.environ.get("PORTAL_TOKEN")
    if not url or not token:
        return None
    return _Known(url, token, os.environ.get("PORTAL_BASKET") or CURRENT, root)


def _of_folders(start: Path) -> Iterator[_Known]:
    for folder in (start, *start.parents):
        for name in FILES:
            path = folder / name
            if path.is_file():
                yield _read(path, folder)


def _read(path: Path, root: Path) -> _Known:
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
        return _Known(written["url"], written["token"], written["basket"], root, ENDED)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PortalError(f"{path} is not what a portal writes there.") from error
