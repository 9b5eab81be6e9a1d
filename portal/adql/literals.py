"""Values and names written into ADQL text, so that neither can become anything else."""

import math
import re

from portal.adql.words import RESERVED_WORDS

REGULAR_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_DELIMITED_IDENTIFIER = re.compile(r'"(?:[^"\x00-\x1f\x7f]|"")+"')
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]")
_NAME_PART = re.compile(rf"{REGULAR_IDENTIFIER.pattern}|{_DELIMITED_IDENTIFIER.pattern}")


def quote_literal(value: str | float) -> str:
    """Return `value` as one ADQL operand: a string literal or a number.

    A negative number comes in parentheses, because a minus before it would make a comment.
    Raises ValueError for what ADQL cannot write: infinities, NaN, booleans, and a NUL in a text.
    """
    if isinstance(value, str):
        return _quote_text(value)
    is_whole = isinstance(value, int)
    if isinstance(value, bool) or not (is_whole or math.isfinite(value)):
        raise ValueError(f"{value} has no literal in ADQL")
    number = repr(int(value)) if is_whole else repr(float(value))
    return f"({number})" if number.startswith("-") else number


def _quote_text(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a text with a NUL character has no literal in ADQL")
    return "'" + text.replace("'", "''") + "'"


def quote_identifier(name: str) -> str:
    """Return the name of one column, table or schema as ADQL writes it.

    Regular names stay as they are; all others are delimited. Raises ValueError for an
    empty name and for control characters.
    """
    if not name or _CONTROL_CHARACTERS.search(name):
        raise ValueError(f"{name!r} cannot be the name of a column or table")
    if REGULAR_IDENTIFIER.fullmatch(name) and name.lower() not in RESERVED_WORDS:
        return name
    return delimited(name)


def delimited(name: str) -> str:
    """Return a name in quotes, in which its case matters (ADQL 2.1, section 2.1.4)."""
    return '"' + name.replace('"', '""') + '"'


def check_table_name(name: str) -> str:
    """Return a table name as TAP_SCHEMA writes it, with its quotes and dots, once it is checked.

    Raises ValueError for anything but one to three identifiers joined by dots.
    """
    part = f"(?:{_NAME_PART.pattern})"
    if re.fullmatch(rf"{part}(?:\.{part}){{0,2}}", name):
        return name
    raise ValueError(f"{name!r} is not the name of a table")
