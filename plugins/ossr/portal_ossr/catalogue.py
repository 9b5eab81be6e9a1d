"""The copy of the community: a file of the plugin's own, and the workflows in it."""

import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import ValidationError

from portal.plugins import Workflow
from portal.plugins import WorkflowSource
from portal_ossr.entry import Entry

FORMAT = 1
NAME = f"software-{FORMAT}.json"
UNFINISHED = f"unfinished-{FORMAT}.json"


class Copy(BaseModel):
    """What was harvested of which community, and when."""

    model_config = ConfigDict(frozen=True)

    harvested: datetime
    site: str
    community: str
    entries: tuple[Entry, ...]

    def is_of(self, site: str, community: str) -> bool:
        """Say whether it is of this community."""
        return (self.site, self.community) == (site, community)

    def is_younger(self, age: timedelta, now: datetime) -> bool:
        """Say whether it was made in the last so many hours."""
        return now - self.harvested < age


class CatalogueFile:
    """The file; processes that read it see the old copy or the new one, never a part."""

    def __init__(self, folder: Path, name: str = NAME) -> None:
        """Keep where it is; it need not be there."""
        self._path = folder / name

    @property
    def unfinished(self) -> "CatalogueFile":
        """What a harvest has read that has not ended yet, beside this one."""
        return CatalogueFile(self._path.parent, UNFINISHED)

    def remove(self) -> None:
        """Forget the copy, if there is one."""
        self._path.unlink(missing_ok=True)

    def stamp(self) -> tuple[int, int] | None:
        """Return what changes with the file; None while there is none."""
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino

    def read(self) -> Copy | None:
        """Return the copy; None when there is none that can be used."""
        try:
            return Copy.model_validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            return None

    def write(self, copy: Copy) -> None:
        """Put a copy in place of the one before."""
        new = self._path.with_name(f"{self._path.name}.{os.getpid()}.{threading.get_ident()}")
        try:
            with new.open("wb") as file:
                file.write(copy.model_dump_json().encode())
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
        finally:
            with suppress(OSError):
                new.unlink()


class Ossr(WorkflowSource):
    """The software of the community, as it was harvested last."""

    id = "ossr"
    title = "ESCAPE software repository"

    def __init__(self, url: str, file: CatalogueFile) -> None:
        """Read nothing yet."""
        self.url = url
        self._file = file
        self._stamp: tuple[int, int] | None = None
        self._read: tuple[Sequence[Workflow], datetime | None] = ((), None)

    def workflows(self) -> Sequence[Workflow]:
        """Return what is in the copy; the file is read again when it has changed."""
        return self._current()[0]

    def harvested(self) -> datetime | None:
        """Return when the copy was made."""
        return self._current()[1]

    def _current(self) -> tuple[Sequence[Workflow], datetime | None]:
        stamp = self._file.stamp()
        if stamp != self._stamp:
            copy = self._file.read() if stamp else None
            entries = copy.entries if copy else ()
            workflows = tuple(one.workflow() for one in entries)
            self._read = (workflows, copy.harvested if copy else None)
            self._stamp = stamp
        return self._read
