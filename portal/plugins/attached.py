"""Files that a query leaves beside its table."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedFile:
    """A file that was attached: its name among the job's results, and what it is."""

    name: str
    path: Path
    media_type: str
    title: str


class AttachFile(Protocol):
    """Keeps a file with the job's results, where its owner looks at it or takes it away."""

    def __call__(self, name: str, path: Path, *, media_type: str, title: str) -> None:
        """Take over a file in the `data_dir` of the job.

        `name` is unique in the job: small letters, digits, `-` and `_`; `title` is what users
        read, or hear instead of an image. Raises UsageError when all files of the job are
        larger than a result may be, and ValueError for a name or a path that cannot be.
        """
