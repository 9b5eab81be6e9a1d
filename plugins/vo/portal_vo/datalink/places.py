"""Which columns of a table say where data are, and of what kind."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass

from portal.plugins import Column

# By name (ObsCore 1.1, SSA and SIA 2), then by UCD (SIA 1 has no names) and by utype (SSA).
URLS = ("access_url", "accref", "acref")
URL_UCDS = ("vox:image_accessreference",)
URL_UTYPES = ("ssa:access.reference", "access.reference", "obscore:access.reference")
FORMATS = ("access_format", "mime", "content_type")
FORMAT_UCDS = ("vox:image_format",)
FORMAT_UTYPES = ("ssa:access.format", "access.format", "obscore:access.format")
PRODUCTS = ("dataproduct_type",)
PREVIEWS = ("preview", "preview_url", "thumbnail", "thumbnail_url", "access_preview")
PREVIEW_UCDS = ("meta.ref.url;meta.preview",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The names of the columns that hold an address, its media type, and what is known beside."""

    url: str | None = None
    format: str | None = None
    product: str | None = None
    preview: str | None = None


def find_places(columns: Sequence[Column]) -> Places:
    """Return where the columns of a table lead."""
    return Places(
        url=_find(columns, URLS, URL_UCDS, URL_UTYPES),
        format=_find(columns, FORMATS, FORMAT_UCDS, FORMAT_UTYPES),
        product=_find(columns, PRODUCTS),
        preview=_find([one for one in columns if one.is_text], PREVIEWS, PREVIEW_UCDS),
    )


def _find(
    columns: Sequence[Column],
    names: Iterable[str],
    ucds: Iterable[str] = (),
    utypes: Iterable[str] = (),
) -> str | None:
    by_name = {one.name.casefold(): one.name for one in reversed(columns)}
    by_ucd = {(one.ucd or "").casefold(): one.name for one in reversed(columns)}
    by_utype = {(one.utype or "").casefold(): one.name for one in reversed(columns)}
    for known, wanted in ((by_name, names), (by_ucd, ucds), (by_utype, utypes)):
        for one in wanted:
            if one in known:
                return known[one]
    return None
