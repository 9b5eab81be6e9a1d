"""What the copy keeps of one resource: its document, and everything it is found by."""

import html
import json
import math
import re
import zlib
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal_vo.mirror.source import Record
from portal_vo.regtap import EPN_UTYPES
from portal_vo.regtap import MODEL_XPATH
from portal_vo.regtap import OBSCORE
from portal_vo.regtap import REGTAP
from portal_vo.sky.coverage import Coverage
from portal_vo.sky.coverage import read_moc
from portal_vo.standards import SERVICE_TYPES
from portal_vo.standards import type_of
from portal_vo.terms import WAVEBANDS

LONGEST = 20_000  # characters of a text that is searched
LONGEST_LINE = 500
MOST_SERVICES = 50  # of one resource, on its card
TAG = re.compile(r"(?is)<(script|style)\b.*?</\1\s*>|<!--.*?-->|</?[a-z!?][^<>]*>")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
BAND_BITS = {name: 1 << index for index, name in enumerate(WAVEBANDS)}
TYPE_BITS = {one.key: 1 << index for index, one in enumerate(SERVICE_TYPES)}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One resource as it goes into the tables of the copy."""

    ivoid: str
    updated: str
    sort_title: str
    services: int
    wavebands: int
    card: str
    words: tuple[str, ...]
    values: frozenset[tuple[str, str]]
    spans: tuple[tuple[str, float, float], ...]
    coverage: Coverage | None
    document: bytes


def entry_of(ivoid: str, record: Record) -> Entry:
    """Return the entry of a resource; nothing that a stranger registered makes this fail."""
    resource, rows = record.resource, record.rows
    services = list(_services(rows))
    creators = _names(rows, "creator")
    publisher = next(iter(_names(rows, "publisher")), "")
    bands = [one for one in str(resource.get("waveband") or "").casefold().split("#") if one]
    title = plain(resource.get("res_title"), LONGEST_LINE)
    card = {
        "creators": plain(resource.get("creator_seq"), LONGEST_LINE) or "; ".join(creators[:10]),
        "reference_url": resource.get("reference_url"),
        "res_type": resource.get("res_type"),
        "services": services[:MOST_SERVICES],
    }
    return Entry(
        ivoid=ivoid,
        updated=str(resource.get("updated") or ""),
        sort_title=(title or ivoid).casefold(),
        services=sum({TYPE_BITS[one["type"]] for one in services}),
        wavebands=sum(BAND_BITS[one] for one in set(bands) if one in BAND_BITS),
        card=json.dumps(card),
        words=(
            title,
            plain(resource.get("short_name"), LONGEST_LINE),
            plain("; ".join(_subjects(rows)), LONGEST),
            plain("; ".join(creators) or resource.get("creator_seq"), LONGEST),
            plain(publisher, LONGEST_LINE),
            plain(" ".join(_table_words(rows)), LONGEST),
            plain(resource.get("res_description"), LONGEST),
        ),
        values=frozenset(_values(rows, creators)),
        spans=tuple(_spans(rows)),
        coverage=_coverage(rows),
        document=pack({"resource": [resource], **rows}),
    )


def plain(text: object, longest: int) -> str:
    """Return a text of a stranger without markup, entities, controls and line breaks."""
    given = str(text or "")[: 4 * longest]
    bare = html.unescape(TAG.sub(" ", given)) if "<" in given or "&" in given else given
    line = " ".join(CONTROLS.sub(" ", bare).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def pack(document: Mapping[str, Sequence[Row]]) -> bytes:
    """Return a document as it is stored."""
    bare = {
        name: [{key: one for key, one in row.items() if one is not None} for row in rows]
        for name, rows in document.items()
    }
    return zlib.compress(json.dumps(bare, default=str).encode(errors="replace"), 6)


def unpack(document: bytes) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of a stored document by the names of their tables."""
    tables: dict[str, list[dict[str, Any]]] = json.loads(zlib.decompress(document))
    return tables


def services_of(rows: Mapping[str, Sequence[Row]]) -> Iterator[dict[str, str]]:
    """Yield every standard interface of a known type: its type, standard and address."""
    standards = {one.get("cap_index"): one.get("standard_id") for one in rows.get("capability", ())}
    for interface in rows.get("interface", ()):
        standard = str(standards.get(interface.get("cap_index")) or "").casefold()
        kind, url = type_of(standard), interface.get("access_url")
        if kind and url and str(interface.get("intf_role") or "").casefold() == "std":
            yield {"type": kind.key, "standard_id": standard, "access_url": str(url).strip()}


def _services(rows: Mapping[str, Sequence[Row]]) -> Iterator[dict[str, str]]:
    seen: set[tuple[str, str]] = set()
    for service in services_of(rows):
        key = (service["type"], service["access_url"])
        if key not in seen:
            seen.add(key)
            yield service


def _names(rows: Mapping[str, Sequence[Row]], role: str) -> list[str]:
    return [
        str(one["role_name"])
        for one in rows.get("res_role", ())
        if one.get("base_role") == role and one.get("role_name")
    ]


def _subjects(rows: Mapping[str, Sequence[Row]]) -> list[str]:
    return [
        str(one["res_subject"]) for one in rows.get("res_subject", ()) if one.get("res_subject")
    ]


def _table_words(rows: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    for table in rows.get("res_table", ()):
        yield str(table.get("table_name") or "").replace(".", " ")
        yield str(table.get("table_title") or "")


def _values(
    rows: Mapping[str, Sequence[Row]], creators: Sequence[str]
) -> Iterator[tuple[str, str]]:
    yield from (("creator", name) for name in creators)
    yield from (("subject", one.casefold()) for one in _subjects(rows))
    yield from (("ucd", str(one["ucd"])) for one in rows.get("table_column", ()) if one.get("ucd"))
    yield from (("model", one) for one in _models(rows))


def _models(rows: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    prefixes = {"obscore": OBSCORE, "regtap": REGTAP}
    for detail in rows.get("res_detail", ()):
        value = str(detail.get("detail_value") or "").casefold()
        if detail.get("detail_xpath") == MODEL_XPATH:
            for model, pattern in prefixes.items():
                if value.startswith(pattern.rstrip("%").casefold()):
                    yield model
    beginnings = tuple(one.rstrip("%") for one in EPN_UTYPES)
    if any(
        str(one.get("table_utype") or "").startswith(beginnings)
        for one in rows.get("res_table", ())
    ):
        yield "epntap"


def _spans(rows: Mapping[str, Sequence[Row]]) -> Iterator[tuple[str, float, float]]:
    for table, kind in (("stc_temporal", "time"), ("stc_spectral", "spectral")):
        for row in rows.get(table, ()):
            low, high = _number(row.get(f"{kind}_start")), _number(row.get(f"{kind}_end"))
            if low is not None and high is not None and low <= high:
                yield kind, low, high


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _coverage(rows: Mapping[str, Sequence[Row]]) -> Coverage | None:
    return next(
        (found for one in rows.get("stc_spatial", ()) if (found := read_moc(one.get("coverage")))),
        None,
    )
