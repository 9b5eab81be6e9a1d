"""The links of a dataset as a list, grouped by what they are to it."""

from collections.abc import Mapping
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from portal.plugins import Column
from portal.plugins import ExternalLink
from portal.plugins import Renderer
from portal_vo.datalink.descriptors import inputs_from_json
from portal_vo.datalink.descriptors import SODA
from portal_vo.datalink.document import NEEDED
from portal_vo.datalink.prefilled import cutout_link
from portal_vo.datalink.prefilled import describe
from portal_vo.datalink.vocabulary import label_of
from portal_vo.datalink.vocabulary import order_of
from portal_vo.datalink.vocabulary import PREVIEWS
from portal_vo.datalink.vocabulary import short_term
from portal_vo.datalink.ways import is_picture
from portal_vo.datalink.ways import text_of
from portal_vo.datalink.ways import Way
from portal_vo.datalink.ways import way_to

KILO = 1000


class LinkList(Renderer):
    """Shows links by what they are, each with what can be done with it."""

    id = "vo-links"
    title = "Links"
    template = "vo/links.html"
    preferred = True

    def can_render(self, columns: Sequence[Column]) -> bool:
        """Say whether the rows are links (DataLink 1.1, section 3.2)."""
        names = {column.name.casefold() for column in columns}
        return names >= NEEDED | {"error_message", "service_def"}

    def context(
        self, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        """Return the groups, and what went wrong."""
        folded = [{name.casefold(): value for name, value in row.items()} for row in rows]
        good = [row for row in folded if not text_of(row, "error_message")]
        good.sort(key=lambda row: order_of(text_of(row, "semantics")))
        several = len({text_of(row, "id") for row in folded}) > 1
        return {
            "groups": [
                (label_of(term), term, [_entry(row, several=several) for row in members])
                for term, members in groupby(
                    good, key=lambda row: short_term(text_of(row, "semantics"))
                )
            ],
            "errors": [
                {"id": text_of(row, "id"), "message": text_of(row, "error_message"),
                 "label": label_of(text_of(row, "semantics")) if row.get("semantics") else ""}
                for row in folded
                if text_of(row, "error_message")
            ],
        }  # fmt: skip


def _entry(row: Mapping[str, Any], *, several: bool) -> dict[str, Any]:
    media_type = text_of(row, "content_type")
    about = [media_type, _size(row.get("content_length")), text_of(row, "content_qualifier")]
    if text_of(row, "link_auth") == "true":
        about.append("needs a login")
    if text_of(row, "link_authorized") == "false":
        about.append("not for you")
    inputs = inputs_from_json(text_of(row, "service_parameters"))
    title = text_of(row, "description") or text_of(row, "local_semantics") or _file_of(row)
    return {
        "title": title or "Link",
        "id": text_of(row, "id") if several else "",
        "about": ", ".join(filter(None, about)),
        "ways": list(_ways(row, media_type)),
        "offers": [describe(one) for one in inputs if one.name.upper() != "ID"],
    }


def _ways(row: Mapping[str, Any], media_type: str) -> list[Way]:
    url, service = text_of(row, "access_url"), text_of(row, "service_url")
    if service:
        inputs = inputs_from_json(text_of(row, "service_parameters"))
        cuts = text_of(row, "service_standard").casefold().startswith(SODA)
        title = "Cut out a part" if cuts else "Ask this service"
        return [Way(title=title, link=cutout_link(service, inputs))]
    if not url:
        return []
    is_preview = short_term(text_of(row, "semantics")) in PREVIEWS
    way = way_to(url, media_type, text_of(row, "content_qualifier").rpartition("#")[2])
    shown = is_preview or is_picture(media_type) or media_type.casefold().startswith("text/html")
    get = Way(title="See it" if shown else "Download", link=ExternalLink(url=url))
    return [get] if way is None else [way, get]


def _file_of(row: Mapping[str, Any]) -> str:
    return text_of(row, "access_url").partition("?")[0].rstrip("/").rpartition("/")[2][:80]


def _size(count: Any) -> str:
    if not isinstance(count, int) or count < 0:
        return ""
    size, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < KILO:
            break
        size, unit = size / KILO, larger
    return f"{size:.3g} {unit}"
