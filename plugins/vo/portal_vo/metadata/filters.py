"""A filter of tables as a condition in SQL."""

import re

from portal.plugins import TableFilter

WORD = re.compile(r"\w+")
FULL_TEXT = ("description", "columns")


def condition(which: TableFilter, *, with_schema: bool = True) -> tuple[str, list[str]]:
    """Return the condition on rows of `tables` that a filter is, and its values.

    Names match anywhere; descriptions and columns from the beginning of a word.
    """
    found = [_has(word, which.places) for word in which.words]
    joint = " OR " if which.any_word else " AND "
    clauses = [f"({joint.join(clause for clause, _ in found)})"] if found else []
    values = [value for _, given in found for value in given]
    if with_schema and which.schema is not None:
        clauses.append("schema = ?")
        values.append(which.schema)
    return " AND ".join(clauses) or "1", values


def full_text(word: str, places: tuple[str, ...]) -> str:
    """Return the FTS5 query for text that begins so; empty when there is nothing to look for."""
    columns = [place for place in FULL_TEXT if place in places]
    letters = " ".join(WORD.findall(word.replace("_", " ")))
    return f'{{{" ".join(columns)}}} : "{letters}"*' if columns and letters else ""


def _has(word: str, places: tuple[str, ...]) -> tuple[str, list[str]]:
    clauses, values = [], []
    if "name" in places:
        clauses.append("INSTR(shown_key, ?) > 0")
        values.append(_clean(word).casefold())
    if text := full_text(_clean(word), places):
        clauses.append("id IN (SELECT rowid FROM words WHERE words MATCH ?)")
        values.append(text)
    return f"({' OR '.join(clauses) or '0'})", values


def _clean(word: str) -> str:
    return word.encode("utf-8", errors="replace").decode().replace("\0", "")
