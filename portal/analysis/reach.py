"""Where this portal is found by others, and by whom it is not."""

import ipaddress
from urllib.parse import urlsplit

from portal.config import Settings

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is replaced, not listened on
HERE = "localhost"


def public_root(settings: Settings) -> str:
    """Return the portal's own address, for links that are written outside of a request."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = ANYWHERE.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def reach_problem(settings: Settings, facility_url: str) -> str:
    """Return why a facility cannot fetch anything here, in words for the user, or nothing."""
    if not _is_here(public_root(settings)) or _is_here(facility_url):
        return ""
    return (
        "This portal runs on a machine that the facility cannot reach, so the basket's files "
        "cannot come along. Without a basket it works."
    )


def _is_here(url: str) -> bool:
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == HERE or host.endswith(f".{HERE}")
