"""Files that go along with a job."""

from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO


@contextmanager
def opened(files: Mapping[str, str | Path | BinaryIO]) -> Iterator[dict[str, BinaryIO]]:
    """Open the files that are given by their paths, and close these again.

    Raises OSError for one that cannot be read.
    """
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(Path(one).open("rb")) if isinstance(one, str | Path) else one
            for name, one in files.items()
        }
