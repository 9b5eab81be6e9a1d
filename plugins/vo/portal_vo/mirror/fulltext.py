"""What people type, as expressions of SQLite's full-text search (FTS5)."""

import sqlite3
from collections.abc import Sequence

from portal_vo.terms import TERM

SHORTEST_PREFIX = 2
SHORTEST_COMPLETED = 3  # stems differ from what is typed at the ends of longer words
MOST_COMPLETIONS = 8


def match_expression(text: str, connection: sqlite3.Connection) -> str | None:
    """Return the expression that all terms occur, the last word perhaps only as its beginning.

    None when there is no term to look for; a single letter after others is only begun to be
    typed, and says nothing yet. Whatever is typed is quoted, so that nothing of it
    is syntax.
    """
    found = [(phrase.strip() or word.strip(), bool(phrase)) for phrase, word in TERM.findall(text)]
    terms = [(term, is_phrase) for term, is_phrase in found if any(map(str.isalnum, term))]
    if not terms:
        return None
    last, is_phrase = terms[-1]
    parts = [_quoted(term) for term, _ in terms[:-1]]
    if is_phrase or len(last) < SHORTEST_PREFIX:
        parts += [_quoted(last)] if is_phrase or not parts else []
    else:
        parts.append(_begun(last, connection))
    return " AND ".join(parts)


def _begun(word: str, connection: sqlite3.Connection) -> str:
    """Return what matches the beginning of a word.

    The index has the stems of words, of which "observatio" is no beginning ("observ" is the
    stem): the words that begin so are looked for as well.
    """
    whole = [_quoted(one) for one in _completions(word.casefold(), connection)]
    return f"({' OR '.join([f'{_quoted(word)} *', *whole])})"


def _completions(beginning: str, connection: sqlite3.Connection) -> Sequence[str]:
    if len(beginning) < SHORTEST_COMPLETED:
        return ()
    found = connection.execute(
        "SELECT word FROM vocabulary WHERE word >= ? AND word < ? ORDER BY uses DESC LIMIT ?",
        (beginning, beginning + "\U0010ffff", MOST_COMPLETIONS),
    )
    return [word for (word,) in found]


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
