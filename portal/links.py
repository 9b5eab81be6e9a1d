"""Where links lead: which texts become links, how these are shown, and queries of any names."""

import re
from collections.abc import Mapping
from collections.abc import Sequence
from urllib.parse import urlencode
from urllib.parse import urlsplit

MOST_SHOWN = 48
TAIL_SHOWN = 24
HOST_LENGTH = 255  # RFC 1035, section 2.3.4

# What a browser drops from an address before it reads it (WHATWG URL, 4.4).
DROPPED = dict.fromkeys(map(ord, "\t\r\n"))
AROUND = "".join(map(chr, range(0x21)))
# A host that starts like one; no user name, and no backslash, which browsers read as a slash.
WEB_ADDRESS = re.compile(
    r"""https?://
        (?: [^\W_][^\s/?\#\\@\x00-\x1f\x7f]* | \[[0-9A-Fa-f:.]+\](?: :\d+)? )
        (?: [/?\#][^\x00-\x1f\x7f]* )?""",
    re.IGNORECASE | re.VERBOSE,
)


def safe_href(text: str | None) -> str | None:
    """Return the address that a link may lead to, as a browser would read it, or None.

    Only whole http and https addresses without user name and control characters: no
    `javascript:`, no `data:`, nothing that names a site in an unexpected place, and no host or
    port that there cannot be.
    """
    address = (text or "").strip(AROUND).translate(DROPPED)
    return address if WEB_ADDRESS.fullmatch(address) and _can_be_split(address) else None


def _can_be_split(address: str) -> bool:
    try:
        urlsplit(address).port  # noqa: B018 - it is looked at when it is asked for
    except ValueError:
        return False
    return True


def short_address(address: str) -> str:
    """Return what is shown of an address: its host and its end, so that rows can be told apart."""
    _, _, rest = address.partition("://")
    if len(rest) <= MOST_SHOWN:
        return rest
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    return f"{host[:MOST_SHOWN]}/…{rest[-TAIL_SHOWN:]}"


def with_query(address: str, values: Mapping[str, str | Sequence[str]]) -> str:
    """Return an address with a query string, in which a list of values repeats its name.

    For names that others chose: `url_for` would take some of them for its own arguments.
    """
    return f"{address}?{urlencode(values, doseq=True)}" if values else address


def host_of(url: str | None) -> str | None:
    """Return host and port of an address as they are counted; None where there is none."""
    try:
        parts = urlsplit(url or "")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host:
        return None
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return (host if port in (None, usual) else f"{host}:{port}")[:HOST_LENGTH]
