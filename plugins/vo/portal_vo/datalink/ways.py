"""What can be done with what lies at an address, by its media type; nothing is fetched for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.plugins import ExternalLink
from portal.plugins import QueryLink

DATALINK = "content=datalink"
FITS_TYPES = frozenset(
    {
        "application/fits", "image/fits", "application/x-fits", "image/x-fits",
        "image/fits-compress", "image/x-fits-gzip", "application/x-fits-gzip",
    }
)  # fmt: skip
TABLE_TYPES = frozenset(
    {
        "application/x-votable+xml", "application/x-votable", "text/xml;content=x-votable",
        "text/x-votable+xml", "text/csv", "application/fits-table", "binary/fits-table",
        "application/x-fits-bintable",
    }
)  # fmt: skip
PICTURES = ("image/jpeg", "image/jpg", "image/png", "image/gif", "image/webp")
NO_IMAGE = frozenset(
    {"spectrum", "sed", "timeseries", "visibility", "event", "measurements", "table"}
)
FOLLOW, LOOK, OPEN = "What belongs to it", "Preview", "Open as a result"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Something to do: words for a link, and where it leads."""

    title: str
    link: QueryLink | ExternalLink


def is_datalink(media_type: str) -> bool:
    """Say whether a media type is that of a document of links (DataLink 1.1, section 3.2.2)."""
    return DATALINK in media_type.casefold().replace(" ", "").replace('"', "")


def is_fits(media_type: str) -> bool:
    """Say whether it is FITS, image or table."""
    return _bare(media_type) in FITS_TYPES


def is_table(media_type: str) -> bool:
    """Say whether it is a table that can be opened."""
    whole = media_type.casefold().replace(" ", "")
    return not is_datalink(whole) and (whole in TABLE_TYPES or _bare(whole) in TABLE_TYPES)


def is_picture(media_type: str) -> bool:
    """Say whether browsers show it."""
    return _bare(media_type) in PICTURES


def way_to(url: str, media_type: str, product_type: str = "") -> Way | None:
    """Return what the portal does with it; None where it can only be downloaded.

    `product_type` is ObsCore's dataproduct_type, where it is known.
    """
    if not url.strip().lower().startswith(("http://", "https://")):
        return None
    target = {"access_url": url.strip()}
    if is_datalink(media_type):
        return Way(title=FOLLOW, link=QueryLink(query_id="query.datalink", parameters=target))
    if is_fits(media_type):
        if product_type.casefold() in NO_IMAGE:
            return Way(title=OPEN, link=QueryLink(query_id="query.open-table", parameters=target))
        return Way(title=LOOK, link=QueryLink(query_id="query.preview", parameters=target))
    if is_table(media_type):
        return Way(title=OPEN, link=QueryLink(query_id="query.open-table", parameters=target))
    return None


def text_of(row: Mapping[str, Any], name: str | None) -> str:
    """Return a cell as text, empty where there is nothing."""
    value = row.get(name) if name else None
    return "" if value is None else str(value).strip()


def _bare(media_type: str) -> str:
    return media_type.partition(";")[0].strip().casefold()
