"""Rows of what Rucio sends."""

from collections.abc import Iterator
from urllib.parse import quote
from urllib.parse import urlsplit

from portal_rucio.resources import Did
from portal_rucio.resources import File
from portal_rucio.resources import Replicas
from portal_rucio.tables import Row

KILOBYTE = 1_000  # ObsCore's access_estsize is in kbyte
WEBDAV = {"davs": "https", "dav": "http"}  # the same server answers a plain GET
LEGIBLE = "%/:=&?~#+!$,;'@()*[]"


def did_row(did: Did, lake: str) -> Row:
    """Return the row of a data identifier."""
    named = _named(did.scope, did.name, lake)
    return named | _sized(did.bytes) | {"did_type": did.did_type, "length": did.length}


def file_row(file: File, lake: str) -> Row:
    """Return the row of a file."""
    sums = {"adler32": file.adler32, "md5": file.md5}
    return _named(file.scope, file.name, lake) | _sized(file.bytes) | sums


def replica_rows(file: Replicas, lake: str, *, only_best: bool) -> Iterator[Row]:
    """Yield a row for each replica of a file, or for the first that HTTP can fetch.

    A file of which none can be fetched in a way that was asked for has a row that says where it
    is, without an address.
    """
    row = file_row(file, lake)
    found = [
        row
        | {
            "access_url": access_url(address),
            "rse": pfn.rse,
            "rse_type": pfn.type,
            "priority": pfn.priority,
            "domain": pfn.domain,
            "state": file.states.get(pfn.rse),
            "pfn": address,
        }
        for address, pfn in file.pfns.items()
    ]
    if not found:
        found = [row | {"rse": rse, "state": state} for rse, state in file.states.items()] or [row]
    if only_best:
        found = [next((one for one in found if one.get("access_url")), found[0])]
    yield from found


def access_url(pfn: str) -> str | None:
    """Return the address at which HTTP fetches a replica, or None when that is not possible."""
    scheme, colon, rest = pfn.partition("://")
    scheme = WEBDAV.get(scheme.lower(), scheme.lower())
    address = quote(f"{scheme}{colon}{rest}", safe=LEGIBLE)
    try:
        parts = urlsplit(address)
        is_reachable = bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return None
    return address if scheme in ("http", "https") and is_reachable else None


def _named(scope: str, name: str, lake: str) -> Row:
    did = f"rucio:{lake}:{scope}:{name}"
    return {"lake": lake, "publisher_did": did, "scope": scope, "name": name}


def _sized(size: int | None) -> Row:
    return {"access_estsize": None if size is None else -(-size // KILOBYTE)}
