"""Sesame of the CDS: SIMBAD, NED and VizieR behind one address (http://cds.unistra.fr/doc/sesame.htx)."""

import math
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import quote

import requests

from portal.plugins import NameResolver
from portal.plugins import open_body
from portal.plugins import ResolvedPosition
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal_names.answers import Answers
from portal_names.settings import NamesSettings

# XML as plain text; SIMBAD, then NED, then VizieR, until one knows.
OPTIONS = "-oxp/SNV"
UNKNOWN = "nothing found"
FAILED = 400
MOST_BYTES = 262_144
FULL_CIRCLE = 360
POLE = 90
DAY = 86_400.0
HOUR = 3_600.0


class Sesame(NameResolver):
    """Asks Sesame, or its mirror when it does not answer, and remembers what it said."""

    id = "names-sesame"
    title = "Sesame (CDS)"
    order = 10

    def __init__(self, settings: NamesSettings, data_dir: Path) -> None:
        """Keep where to ask; the answers are kept in `data_dir`."""
        self._settings = settings
        self._answers = Answers(data_dir / "sesame.sqlite")

    def resolve(self, name: str, http: requests.Session) -> ResolvedPosition | None:
        """Return what Sesame says now or said before."""
        known = self._answers.find(name)
        if known is not None:
            return known.position
        position = self._ask(name, http)
        settings = self._settings
        seconds = settings.keep_days * DAY if position else settings.keep_unknown_hours * HOUR
        self._answers.keep(name, position, seconds=seconds)
        return position

    def _ask(self, name: str, http: requests.Session) -> ResolvedPosition | None:
        settings = self._settings
        try:
            return ask(settings.sesame_url, name, http, seconds=settings.sesame_seconds)
        except (ServiceError, TransientError):
            if settings.sesame_mirror_url is None:
                raise
        return ask(settings.sesame_mirror_url, name, http, seconds=settings.sesame_seconds)


def ask(url: str, name: str, http: requests.Session, *, seconds: float) -> ResolvedPosition | None:
    """Return what one Sesame service answers; TransientError or ServiceError when it cannot."""
    address = f"{url.rstrip('/?')}/{OPTIONS}?{quote(name, safe='')}"
    response = http.get(address, timeout=(seconds, seconds))
    with open_body(response) as body:
        if response.status_code >= FAILED:
            raise TransientError(f"Sesame answers {response.status_code} {response.reason}")
        document = body.read(MOST_BYTES)
    return read_answer(document)


def read_answer(document: bytes) -> ResolvedPosition | None:
    """Return the first position in Sesame's XML, or None when each resolver found nothing.

    ServiceError for anything else: a resolver behind Sesame that was away says so in words,
    and the name may be known all the same.
    """
    if b"<!ENTITY" in document or b"[" in document.partition(b"<!DOCTYPE")[2].partition(b">")[0]:
        raise ServiceError("Sesame sent an XML document that declares entities")
    try:
        root = ET.fromstring(document)  # noqa: S314 - without a declaration there is no entity
    except ET.ParseError as error:
        raise ServiceError("Sesame sent a document that is no XML") from error
    resolvers = [one for one in root.iter() if _local(one.tag) == "resolver"]
    for resolver in resolvers:
        position = _position(resolver)
        if position is not None:
            return position
    said = [_text(one, "info", "error") for one in resolvers]
    if resolvers and all(UNKNOWN in one.casefold() for one in said):
        return None
    words = next((one for one in said if one and UNKNOWN not in one.casefold()), "nothing readable")
    raise ServiceError(f"Sesame says: {words[:200]}")


def _position(resolver: ET.Element) -> ResolvedPosition | None:
    try:
        ra, dec = float(_text(resolver, "jradeg")), float(_text(resolver, "jdedeg"))
    except ValueError:
        return None
    if not (math.isfinite(ra) and 0 <= ra <= FULL_CIRCLE and -POLE <= dec <= POLE):
        return None
    title = resolver.get("name", "").partition("=")[2].partition("(")[0].strip()
    name = " ".join(_text(resolver, "oname").split())
    source = f"Sesame (CDS): {title}" if title else Sesame.title
    return ResolvedPosition(ra=ra, dec=dec, resolver=source[:80], name=name[:200])


def _text(parent: ET.Element, *names: str) -> str:
    """Return the texts of the children of these names, in lower case, in one line."""
    texts = [one.text or "" for one in parent if _local(one.tag) in names]
    return " ".join(" ".join(texts).split())


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2].casefold()
