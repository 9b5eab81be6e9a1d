"""Which version of the portal this is."""

from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version


@cache
def portal_version() -> str:
    """Return the version of the installed distribution."""
    try:
        return version("archive-portal")
    except PackageNotFoundError:
        return "development"
