"""One resource of the registry: everything that is known of it, and the ways to ask it."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from portal.plugins import ExternalLink
from portal.plugins import format_joule
from portal.plugins import format_mjd
from portal.plugins import NotFoundError
from portal.plugins import Page
from portal.plugins import PageLink
from portal.plugins import parameter
from portal.plugins import Parameters
from portal.plugins import QueryLink
from portal_vo.mirror.files import MirrorFiles
from portal_vo.mirror.indexing import plain
from portal_vo.mirror.record import read_record
from portal_vo.mirror.record import RegistryRecord
from portal_vo.pages.choice import query_link
from portal_vo.pages.citation import Citation
from portal_vo.pages.citation import doi_of
from portal_vo.pages.search import page_link
from portal_vo.pages.search import RESOURCE
from portal_vo.pages.search import SEARCH
from portal_vo.pages.words import web_page
from portal_vo.pages.words import words_of_fraction
from portal_vo.sky.coverage import read_moc
from portal_vo.standards import type_of
from portal_vo.standards import words_of_standard
from portal_vo.terms import WAVEBANDS

BROWSER = "webbrowser"
LONGEST = 500
# http://www.ivoa.net/rdf/voresource/relationship_type, as registries write it
RELATIONSHIPS = {
    "cites": "Cites",
    "iscitedby": "Cited by",
    "iscontinuedby": "Continued by",
    "isderivedfrom": "Derived from",
    "isidenticalto": "The same as",
    "isnewversionof": "New version of",
    "ispartof": "Part of",
    "ispreviousversionof": "Earlier version of",
    "isservedby": "Served by",
    "isservicefor": "Service for",
    "issourceof": "Source of",
    "issupplementedby": "Supplemented by",
    "issupplementto": "Supplement to",
    "references": "Refers to",
    "isreferencedby": "Referred to by",
}
Link = QueryLink | PageLink | ExternalLink | None


class ResourceParameters(Parameters):
    """Which resource."""

    ivoid: str = parameter(title="Identifier", max_length=1_000)


class ResourcePage(Page):
    """One resource; 404 for what the copy does not have."""

    id = RESOURCE
    title = "Resource"
    template = "vo/resource.html"
    Parameters = ResourceParameters
    linked = False

    def __init__(self, files: MirrorFiles) -> None:
        """Keep where the copy is."""
        self._files = files

    def context(self, parameters: ResourceParameters) -> Mapping[str, Any]:
        """Return everything that is known of the resource, as texts and links."""
        mirror = self._files.reader()
        if mirror is None:
            raise NotFoundError("There is no copy of the registry here yet.")
        record = read_record(mirror.connection, parameters.ivoid)
        if record is None:
            raise NotFoundError(f"The copy of the registry has no resource {parameters.ivoid}.")
        tables, left_out = record.tables()
        citation = _citation(record)
        return {
            "title": citation.title,
            "about": [one for one in (record.line("short_name"), citation.publisher) if one],
            "description": record.text("res_description"),
            "wavebands": [WAVEBANDS.get(one, one) for one in _split(record.line("waveband"))],
            "services": [_capability(*one) for one in record.capabilities()],
            "facts": [(title, values) for title, values in _facts(record) if values],
            "tables": tables,
            "tables_left_out": left_out,
            "citation": citation.text(),
            "bibtex": citation.bibtex(),
            "back": page_link(SEARCH),
            "summary": "",
        }


def _capability(
    capability: Mapping[str, Any], interfaces: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any]:
    standard = str(capability.get("standard_id") or "")
    kind = plain(capability.get("cap_type"), 100).rpartition(":")[2]
    return {
        "title": plain(words_of_standard(standard) or kind or "Other", LONGEST),
        "description": plain(capability.get("cap_description"), LONGEST),
        "interfaces": [_interface(standard, one) for one in interfaces],
    }


def _interface(standard: str, interface: Mapping[str, Any]) -> Mapping[str, Any]:
    url = str(interface.get("access_url") or "").strip()
    kind, is_standard = type_of(standard), str(interface.get("intf_role") or "") == "std"
    is_page = str(interface.get("intf_type") or "").casefold().endswith(BROWSER)
    return {
        "address": plain(url, LONGEST),
        "version": plain(interface.get("std_version"), 20),
        "link": query_link(kind, url) if kind and is_standard else None,
        "page": web_page(url) if is_page else None,
    }


def _facts(record: RegistryRecord) -> Iterator[tuple[str, list[tuple[str, Link]]]]:
    """Yield what a table of facts says: titles, and values with the way that each leads."""
    yield "Identifier", [(record.ivoid, None)]
    yield (
        "Also known as",
        [_identified(one) for one in record.lines("alt_identifier", "alt_identifier")],
    )
    for role, title in (("creator", "Creators"), ("contributor", "Contributors")):
        yield title, [(one["name"], None) for one in record.people(role)]
    yield "Publisher", [(one["name"], None) for one in record.people("publisher")]
    contacts = record.people("contact")
    yield "Contact", [(" · ".join(filter(None, one.values())), None) for one in contacts]
    yield "Subjects", [_subject(one) for one in record.lines("res_subject", "res_subject")]
    yield (
        "Reference",
        [(one, ExternalLink(url=one)) for one in [record.line("reference_url")] if one],
    )
    yield "Source", [_source(record)] if record.line("source_value") else []
    yield "Rights", [_rights(record)] if record.line("rights") or record.line("rights_uri") else []
    yield "Dates", [(one, None) for one in _dates(record)]
    yield "Version", [(one, None) for one in [record.line("res_version")] if one]
    yield "Sky", [(one, None) for one in _sky(record)]
    yield "Time", [(one, None) for one in _spans(record, "stc_temporal", "time")]
    yield "Spectrum", [(one, None) for one in _spans(record, "stc_spectral", "spectral")]
    yield "Related", [_related(one) for one in record.rows.get("relationship", ())[:100]]


def _identified(identifier: str) -> tuple[str, Link]:
    doi = doi_of(identifier)
    if doi:
        return f"doi:{doi}", ExternalLink(url=f"https://doi.org/{doi}")
    return identifier, ExternalLink(url=identifier) if web_page(identifier) else None


def _subject(subject: str) -> tuple[str, Link]:
    return subject, page_link(SEARCH, {"subject": subject[:200]})


def _source(record: RegistryRecord) -> tuple[str, Link]:
    value, form = record.line("source_value"), record.line("source_format").casefold()
    if form == "bibcode":
        return value, ExternalLink(url=f"https://ui.adsabs.harvard.edu/abs/{value}")
    return _identified(value)


def _rights(record: RegistryRecord) -> tuple[str, Link]:
    uri = record.line("rights_uri")
    link = ExternalLink(url=uri) if web_page(uri) else None
    return record.line("rights") or uri, link


def _dates(record: RegistryRecord) -> Iterator[str]:
    for name, title in (("created", "registered"), ("updated", "changed")):
        if record.line(name):
            yield f"{title} {record.line(name)[:10]}"
    for row in record.rows.get("res_date", ()):
        value, role = plain(row.get("date_value"), 30)[:10], plain(row.get("value_role"), 50)
        if value:
            yield f"{role} {value}".strip()


def _sky(record: RegistryRecord) -> Iterator[str]:
    for row in record.rows.get("stc_spatial", ()):
        coverage = read_moc(str(row.get("coverage") or ""))
        if coverage is not None:
            yield words_of_fraction(coverage.fraction)


def _spans(record: RegistryRecord, table: str, kind: str) -> Iterator[str]:
    words = format_mjd if kind == "time" else format_joule
    for row in record.rows.get(table, ())[:100]:
        try:
            ends = [words(float(row[f"{kind}_{end}"])) for end in ("start", "end")]
        except (KeyError, TypeError, ValueError):
            continue
        yield " to ".join(ends)


def _related(row: Mapping[str, Any]) -> tuple[str, Link]:
    related = plain(row.get("related_id"), LONGEST)
    name = plain(row.get("related_name"), LONGEST) or related
    kind = plain(row.get("relationship_type"), 50)
    words = f"{RELATIONSHIPS.get(kind.casefold(), kind or 'Related')}: {name}"
    if related.casefold().startswith("ivo://"):
        return words, page_link(RESOURCE, {"ivoid": related})
    return words, _identified(related)[1]


def _citation(record: RegistryRecord) -> Citation:
    creators = [one["name"] for one in record.people("creator")]
    dois = [doi_of(one) for one in record.lines("alt_identifier", "alt_identifier")]
    dates = [*record.lines("res_date", "date_value"), record.line("created")]
    return Citation(
        ivoid=record.ivoid,
        title=record.line("res_title") or record.ivoid,
        creators=creators or ([record.line("creator_seq")] if record.line("creator_seq") else []),
        publisher=next((one["name"] for one in record.people("publisher")), ""),
        date=next((one for one in dates if one), ""),
        version=record.line("res_version"),
        doi=next((one for one in dois if one), ""),
        url=web_page(record.line("reference_url")) or "",
    )


def _split(wavebands: str) -> list[str]:
    return [one for one in wavebands.split("#") if one]
