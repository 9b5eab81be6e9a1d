"""Queries in ADQL to a relational registry (RegTAP 1.1, and 1.2 for coverage).

Each condition is the one that pyVO's registry constraints write, so that both find the same.
"""

from collections.abc import Iterable
from collections.abc import Iterator

from portal.plugins import Interval
from portal.plugins import quote_literal
from portal.plugins import read_spectrum
from portal.plugins import read_times
from portal_vo.constraints import like_pattern
from portal_vo.constraints import RegistryConstraints
from portal_vo.sky.regions import read_region
from portal_vo.sky.regions import write_moc
from portal_vo.standards import Standards
from portal_vo.standards import standards_of
from portal_vo.terms import split_terms

SELECT = """\
SELECT r.ivoid, r.short_name, r.res_title, p.role_name AS publisher, r.creator_seq,
  r.waveband, c.standard_id, i.access_url, r.reference_url, r.res_description
FROM rr.resource AS r
JOIN rr.capability AS c ON c.ivoid = r.ivoid
JOIN rr.interface AS i ON i.ivoid = c.ivoid AND i.cap_index = c.cap_index
LEFT OUTER JOIN rr.res_role AS p ON p.ivoid = r.ivoid AND p.base_role = 'publisher'
WHERE i.intf_role = 'std'"""
MOC_ORDER = 6  # what RegTAP recommends for comparing coverages, about a degree
MODEL_XPATH = "/capability/dataModel/@ivo-id"
OBSCORE = "ivo://ivoa.net/std/obscore%"
REGTAP = "ivo://ivoa.net/std/RegTAP#1.%"
EPN_UTYPES = ("ivo://vopdc.obspm/std/epncore#schema-2.%", "ivo://ivoa.net/std/epntap#table-2.%")


def registry_query(
    constraints: RegistryConstraints, *, position: tuple[float, float] | None = None
) -> str:
    """Return the ADQL that finds the services which fit all constraints.

    `position` is where the constraint's position is, in ICRS degrees.
    """
    conditions = [
        _of_standards(standards_of(constraints.service_type)),
        *(_in_band(constraints.waveband) if constraints.waveband else ()),
        *(_has(term) for term in split_terms(constraints.keywords) if term),
        *_of_resource(constraints),
        *(_covering(constraints, position) if position else ()),
    ]
    return "\n  AND ".join([SELECT, *conditions])


def _of_standards(standards: Standards) -> str:
    named = ", ".join(quote_literal(standard) for standard in standards.exact)
    alternatives = [f"c.standard_id IN ({named})"] if named else []
    alternatives += [
        f"c.standard_id LIKE {quote_literal(one + '%')}" for one in standards.beginnings
    ]
    return _any(alternatives)


def _in_band(bands: Iterable[str]) -> list[str]:
    return [_any([f"1 = ivo_hashlist_has(r.waveband, {quote_literal(band)})" for band in bands])]


def _of_resource(constraints: RegistryConstraints) -> Iterator[str]:
    if constraints.ivoid:
        yield f"r.ivoid = {quote_literal(constraints.ivoid.lower())}"
    if constraints.author:
        pattern = quote_literal(like_pattern(constraints.author))
        yield _where("rr.res_role", f"role_name LIKE {pattern} AND base_role = 'creator'")
    if constraints.subject:
        yield _where("rr.res_subject", f"res_subject = {quote_literal(constraints.subject)}")
    if constraints.ucd:
        yield _where("rr.table_column", f"ucd LIKE {quote_literal(constraints.ucd)}")
    if constraints.datamodel:
        yield _of_model(constraints.datamodel)
    if constraints.region:
        moc = quote_literal(write_moc(read_region(constraints.region)))
        yield _where("rr.stc_spatial", f"1 = INTERSECTS(coverage, MOC({moc}))")
    if constraints.time:
        yield _overlaps("rr.stc_temporal", "time", read_times(constraints.time))
    if constraints.spectrum:
        yield _overlaps("rr.stc_spectral", "spectral", read_spectrum(constraints.spectrum))


def _of_model(datamodel: str) -> str:
    if datamodel == "epntap":
        utypes = [f"table_utype LIKE {quote_literal(one)}" for one in EPN_UTYPES]
        return _where("rr.res_table", _any(utypes))
    pattern = quote_literal(OBSCORE if datamodel == "obscore" else REGTAP)
    return _where(
        "rr.res_detail",
        f"detail_xpath = {quote_literal(MODEL_XPATH)}"
        f" AND 1 = ivo_nocasematch(detail_value, {pattern})",
    )


def _covering(constraints: RegistryConstraints, position: tuple[float, float]) -> list[str]:
    ra, dec = position
    shape = f"POINT({ra!r}, {dec!r})"
    if constraints.radius:
        shape = f"CIRCLE({ra!r}, {dec!r}, {constraints.radius!r})"
    return [_where("rr.stc_spatial", f"1 = CONTAINS(MOC({MOC_ORDER}, {shape}), coverage)")]


def _overlaps(table: str, name: str, interval: Interval) -> str:
    low, high = interval
    ends = f"{name}_start, {name}_end"
    if low == high:
        return _where(table, f"{low!r} BETWEEN {name}_start AND {name}_end")
    return _where(table, f"1 = ivo_interval_overlaps({ends}, {low!r}, {high!r})")


def _has(term: str) -> str:
    """Return the condition that a resource speaks of a term.

    It is a union of look-ups, because registries have an index for each of them, which
    alternatives (OR) do not use.
    """
    if term.lower().startswith("ivo://"):
        return f"r.ivoid = {quote_literal(term.lower())}"
    look_ups = [
        ("rr.resource", _speaks_of("res_title", term)),
        ("rr.resource", _speaks_of("res_description", term)),
        ("rr.resource", _contains("short_name", term)),
        ("rr.res_subject", _contains("res_subject", term)),
    ]
    union = "\n    UNION ".join(_select(table, condition) for table, condition in look_ups)
    return f"r.ivoid IN ({union})"


def _where(table: str, condition: str) -> str:
    return f"r.ivoid IN ({_select(table, condition)})"


def _select(table: str, condition: str) -> str:
    return f"SELECT ivoid FROM {table} WHERE {condition}"  # noqa: S608 - literals are quoted


def _any(alternatives: list[str]) -> str:
    return alternatives[0] if len(alternatives) == 1 else f"({' OR '.join(alternatives)})"


def _speaks_of(column: str, term: str) -> str:
    if " " in term:
        return _contains(column, term)
    return f"1 = ivo_hasword({column}, {quote_literal(term)})"


def _contains(column: str, term: str) -> str:
    return f"1 = ivo_nocasematch({column}, {quote_literal(f'%{term}%')})"
