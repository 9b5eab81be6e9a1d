"""The no-op of the peer in `job_start`, in a module that imports nothing of ours."""

import time
from pathlib import Path


def note_start(path: str) -> None:
    """Write down when it started."""
    Path(path).write_text(str(time.time()), encoding="ascii")
