"""How messages name the server on the other side: its host, never credentials or a query."""

from urllib.parse import urlsplit

USUAL_PORTS = (None, 80, 443)


def name_peer(host: str, port: int | None) -> str:
    """Return the host, with its port unless that is a usual one."""
    return host if port in USUAL_PORTS else f"{host}:{port}"


def name_peer_of(url: str) -> str:
    """Return the peer that a URL leads to, or "this address" when it leads nowhere."""
    try:
        parts = urlsplit(url)
        return name_peer(parts.hostname, parts.port) if parts.hostname else "this address"
    except ValueError:
        return "this address"
