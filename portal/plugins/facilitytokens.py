"""The token of a facility that a session's owner stored."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from portal.plugins.facilities import FacilityContext
from portal.problems import UsageError


def stored_token(context: FacilityContext, url: str) -> str | None:
    """Return the token that was stored for the host of this address, or None.

    A password, which is stored with a user name, is none: it is for something else at that host.
    Raises UsageError where everybody on the way could read it: it goes by HTTPS, or stays on
    this machine.
    """
    parts = urlsplit(url)
    credential = context.credential(parts.hostname or "")
    if credential is None or credential.user_name:
        return None
    if parts.scheme != "https" and not _is_loopback(parts.hostname or ""):
        raise UsageError(
            f"Your token for {parts.hostname} is not sent there, as the address is not HTTPS."
        )
    return credential.secret


def own_token(context: FacilityContext, url: str, title: str) -> str:
    """Return the stored token that a session began with; raises UsageError where it is gone."""
    token = stored_token(context, url)
    if token is None:
        host = urlsplit(url).hostname
        raise UsageError(
            f"It was started with your own token for {host}, which is no longer in your account. "
            f"End it at {title} yourself, or store a token for {host} again, without a user name: "
            "then the portal can go on with it."
        )
    return token


def forget_token(context: FacilityContext, url: str) -> None:
    """Delete the stored token for the host of this address, which has refused it."""
    context.forget_credential(urlsplit(url).hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
