"""What a guarded session may do."""

from dataclasses import dataclass

GIBIBYTE = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpPolicy:
    """Limits of one session.

    `allow` names what the operator permits on private addresses: "host" or "host:port",
    where the host is a name or an address (PORTAL_REMOTE_ALLOW). Times are in seconds;
    `read_timeout` is the longest silence, the session's deadline bounds the whole.
    `max_bytes` is the size of one answer after decompression.
    """

    allow: frozenset[str] = frozenset()
    connect_timeout: float = 10
    read_timeout: float = 60
    max_bytes: int = 8 * GIBIBYTE
    max_redirects: int = 5
    user_agent: str = "archive-portal"
