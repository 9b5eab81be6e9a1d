"""Where a result lives, and which names may lead there."""

import re
from dataclasses import dataclass
from pathlib import Path

from portal.problems import NotFoundError

UUID_HEX = re.compile(r"[0-9a-f]{32}")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class ResultKey:
    """The address of a result: `job_id` and the attempt's `token` are UUIDs in hex.

    A key of any other form raises NotFoundError: nothing can be stored there.
    """

    job_id: str
    token: str
    name: str

    def __post_init__(self) -> None:
        """Refuse what is no key."""
        require_uuid_hex(self.job_id)
        require_uuid_hex(self.token)
        if NAME.fullmatch(self.name) is None:
            raise NotFoundError("There is no result of that name.")

    def directory(self, root: Path) -> Path:
        """Return the folder of this result below `root`."""
        return root / self.job_id / self.token / self.name


def require_uuid_hex(text: str) -> None:
    """Raise NotFoundError unless `text` is a UUID as 32 lower-case hexadecimal digits."""
    if UUID_HEX.fullmatch(text) is None:
        raise NotFoundError("There is no such result.")


def require_real(path: Path, root: Path) -> None:
    """Raise NotFoundError when a symbolic link lies between `root` and `path`, or at `path`."""
    if path.resolve() != root.resolve() / path.relative_to(root):
        raise NotFoundError("There is no such result.")
