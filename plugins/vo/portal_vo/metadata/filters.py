"""A filter of tables as a condition in SQL."""

import re

from portal.plugins import TableFilter

WORD = re.compile(r"\w+")
FEWEST_LETTERS = 3  # of a trigram
FULL_TEXT = ("description", "columns")


def condition(which: TableFilter) -> tuple[str, list[str]]:
    """Return the condition on rows of `tables` that the words of a filter are, and its values.

    Names match anywhere; descriptions and columns from the beginning of a word.
    """
    found = [_has(word, which.places) for word in which.words]
    joint = " OR " if which.any_word else " AND "
    clause = joint.join(one for one, _ in found) or "1"
    return clause, [value for _, given in found for value in given]


def full_text(word: str, places: tuple[str, ...]) -> str:
    """Return the FTS5 query for text that begins so; empty when there is nothing to look for."""
    columns = [place for place in FULL_TEXT if place in places]
    letters = " ".join(WORD.findall(word.replace("_", " ")))
    return f'{{{" ".join(columns)}}} : "{letters}"*' if columns and letters else ""


def _has(word: str, places: tuple[str, ...]) -> tuple[str, list[str]]:
    clauses, values = [], []
    if "name" in places:
        name = _clean(word).casefold()
        if len(name) < FEWEST_LETTERS:
            clauses.append("INSTR(shown_key, ?) > 0")
            values.append(name)
        else:
            clauses.append("id IN (SELECT rowid FROM trigrams WHERE trigrams MATCH ?)")
            values.append(quoted(name))
    if text := full_text(_clean(word), places):
        clauses.append("id IN (SELECT rowid FROM words WHERE words MATCH ?)")
        values.append(text)
    return f"({' OR '.join(clauses) or '0'})", values


def quoted(text: str) -> str:
    """Return a text as one FTS5 string."""
    return '"' + text.replace('"', '""') + '"'


def _clean(word: str) -> str:
    return word.encode("utf-8", errors="replace").decode().replace("\0", "")
