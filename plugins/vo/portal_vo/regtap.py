"""Queries in ADQL to a relational registry (RegTAP 1.1)."""

import re
from collections.abc import Iterable

from portal.plugins import quote_literal

# A phrase between quotation marks, or a word.
TERM = re.compile(r'"([^"]+)"|([^\s"]+)')
SELECT = """\
SELECT r.ivoid, r.short_name, r.res_title, p.role_name AS publisher, r.creator_seq,
  r.waveband, c.standard_id, i.access_url, r.reference_url, r.res_description
FROM rr.resource AS r
JOIN rr.capability AS c ON c.ivoid = r.ivoid
JOIN rr.interface AS i ON i.ivoid = c.ivoid AND i.cap_index = c.cap_index
LEFT OUTER JOIN rr.res_role AS p ON p.ivoid = r.ivoid AND p.base_role = 'publisher'
WHERE i.intf_role = 'std'"""


def split_terms(text: str) -> list[str]:
    """Return the words and the "quoted phrases" of a search, in order."""
    return [(phrase or word).strip() for phrase, word in TERM.findall(text)]


def registry_query(*, terms: Iterable[str], standards: Iterable[str], waveband: str | None) -> str:
    """Return the ADQL that finds services of these standards which have every term."""
    named = ", ".join(quote_literal(standard) for standard in standards)
    conditions = [f"c.standard_id IN ({named})"]
    if waveband:
        conditions.append(f"1 = ivo_hashlist_has(r.waveband, {quote_literal(waveband)})")
    conditions += [_has(term) for term in terms if term]
    return "\n  AND ".join([SELECT, *conditions])


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
    union = "\n    UNION ".join(
        f"SELECT ivoid FROM {table} WHERE {condition}"  # noqa: S608 - literals are quoted
        for table, condition in look_ups
    )
    return f"r.ivoid IN ({union})"


def _speaks_of(column: str, term: str) -> str:
    if " " in term:
        return _contains(column, term)
    return f"1 = ivo_hasword({column}, {quote_literal(term)})"


def _contains(column: str, term: str) -> str:
    return f"1 = ivo_nocasematch({column}, {quote_literal(f'%{term}%')})"
