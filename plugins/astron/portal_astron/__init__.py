"""ASTRON's archives, which are described in TOML beside this file."""

from collections.abc import Iterable
from pathlib import Path

from portal.plugins import hookimpl


@hookimpl
def portal_register_archive_files() -> Iterable[Path]:
    """Return the descriptions of the ASTRON VO and of LOFAR's surveys."""
    return sorted(Path(__file__).parent.glob("*.toml"))
