"""Where this portal is found by others, and by whom it is not."""

import ipaddress
from urllib.parse import urlsplit

from portal.config import Settings

HERE = "localhost"


def reach_problem(settings: Settings, facility_url: str) -> str:
    """Return why a facility cannot fetch anything here, in words for the user, or nothing."""
    if not is_here(settings.address) or is_here(facility_url):
        return ""
    return (
        "This portal runs on a machine that the facility cannot reach, so the basket's files "
        "cannot come along, nor parameters. Without them it works."
    )


def is_here(url: str) -> bool:
    """Say whether an address leads to the machine that asks."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == HERE or host.endswith(f".{HERE}")
