"""Reading names: regular, delimited, and those that need quotes and have none."""

import re
from typing import NoReturn

from portal.adql.findings import Fix
from portal.adql.syntax.cursor import Cursor
from portal.adql.syntax.cursor import shown
from portal.adql.syntax.nodes import Name
from portal.adql.syntax.tokens import Kind
from portal.adql.syntax.tokens import Token
from portal.adql.words import FREE_IN_2_0
from portal.adql.words import RESERVED_WORDS

RESERVED = frozenset(word.upper() for word in RESERVED_WORDS) | {"TOP"}
# Words that give a query its shape, and so are not taken for a name that lacks its quotes.
_HARD_WORDS = """
    SELECT FROM WHERE AND OR ON USING JOIN INNER NATURAL CROSS UNION EXCEPT INTERSECT HAVING
    AS IN BETWEEN LIKE ILIKE IS BY WHEN THEN WITH NOT
"""
HARD_WORDS = frozenset(_HARD_WORDS.split())
# Words that may follow a name without AS, and so are no alias.
_FOLLOWING = """
    GROUP ORDER OFFSET LEFT RIGHT FULL OUTER ASC DESC ELSE END FETCH FOR INTO SET
"""
FOLLOWING = HARD_WORDS | frozenset(_FOLLOWING.split())
LIMITS = frozenset({"LIMIT", "FETCH"})
_BLOB = re.compile(r"""(?:(?!--|/\*)[^\s.,;()'"=<>])+""")
_NOT_IN_NAMES = "`[{"


class NameReader(Cursor):
    """Names of columns, tables and aliases."""

    def name(self, expected: str, *, is_table: bool = False) -> Name:
        """Take one name; what is wrong with it is reported, and it is taken all the same."""
        token = self.token
        if is_table and self._is_blob():
            return self._blob()
        if token.kind is Kind.DELIMITED:
            self.take()
            return Name(*token.span, token.text[1:-1].replace('""', '"'), is_quoted=True)
        if token.kind is Kind.WORD:
            if token.word in RESERVED:
                return self._reserved(expected, is_table=is_table)
            self.take()
            return Name(*token.span, token.text)
        if token.kind in {Kind.BACKTICK, Kind.BRACKETS, Kind.ODD_WORD}:
            return self._odd()
        if token.kind is Kind.OPEN_QUOTE:
            self.open_quote()
        self.fail(expected)
        return None

    def open_quote(self) -> NoReturn:
        """Report a quote that is never closed, or that is closed at once."""
        token, after = self.token, self.ahead()
        if after.kind is Kind.OPEN_QUOTE and after.start == token.end:
            fix = Fix("Make it an empty text", token.start, after.end, "''")
            self.stop("A name cannot be empty", (token.start, after.end), fix)
        self.stop("This quote is never closed", token.span)

    def is_name(self) -> bool:
        """Say whether a name comes next that is no word of ADQL's."""
        kind = self.token.kind
        if kind is Kind.WORD:
            return self.token.word not in RESERVED
        return kind in {Kind.DELIMITED, Kind.BACKTICK, Kind.BRACKETS, Kind.ODD_WORD}

    def dotted(self, expected: str, *, most: int, is_table: bool = False) -> tuple[Name, ...]:
        """Take names joined by dots; a star after the last dot is left to the caller."""
        names = [self.name(expected, is_table=is_table)]
        while self.token.word == "." and self.ahead().word != "*":
            self.take()
            names.append(self.name("a name after the dot", is_table=is_table))
        if len(names) > most:
            kind = "table" if is_table else "column"
            span = names[0].start, names[-1].end
            self.stop(f"This name has {len(names)} parts: a {kind} has {most} at most", span)
        return tuple(names)

    def alias(self) -> Name | None:
        """Take the name after AS, or one that stands without AS."""
        if self.accept("AS"):
            if self.token.kind is Kind.STRING:
                self._text_as_name(self.token)
            return self.name("a name after AS")
        if self.is_name() and self.token.word not in LIMITS:
            return self.name("a name")
        if self.token.word in RESERVED - FOLLOWING and self.ahead().word != "(":
            return self.name("a name")
        return None

    def _text_as_name(self, token: Token) -> None:
        name = token.text[1:-1].replace("''", "'")
        fixes = [quoted(token, name)] if name.strip() else []
        self.stop("A name is written in double quotes, not in single ones", token.span, *fixes)

    def _reserved(self, expected: str, *, is_table: bool) -> Name:
        token = self.token
        if token.word in HARD_WORDS or (
            token.word in {"GROUP", "ORDER"} and self.ahead().word == "BY"
        ):
            self.fail(expected)
        self.take()
        fix = quoted(token, token.text)
        is_part = is_table and "." in {self.token.word, self.tokens[max(self.at - 2, 0)].word}
        if is_part:
            message = f"{token.word} is a word of ADQL: some services want it in double quotes"
            self.report.add("warning", "reserved-word", message, token.span, fix)
        elif token.text.casefold() in FREE_IN_2_0:
            message = f"{token.word} is a word of ADQL since 2.1: as a name, write it in quotes"
            self.report.add("warning", "reserved-word", message, token.span, fix)
        else:
            message = f"{token.word} is a word of ADQL: as a name, it has to stand in double quotes"
            self.report.add("error", "reserved-word", message, token.span, fix)
        return Name(*token.span, token.text)

    def _odd(self) -> Name:
        token = self.take()
        if token.kind is Kind.ODD_WORD and not any(map(str.isalnum, token.text)):
            message = f"The character {token.text[0]} has no meaning in ADQL outside quotes"
            self.stop(message, token.span)
        if token.kind is Kind.ODD_WORD:
            message = (
                f"The name {shown(token)} has to stand in double quotes: without them, a name "
                "has letters from A to Z, digits and _, and starts with a letter"
            )
            self.report.add(
                "error", "unquoted-name", message, token.span, quoted(token, token.text)
            )
            return Name(*token.span, token.text, is_quoted=True)
        name = token.text[1:-1]
        fixes = [quoted(token, name)] if name.strip() else []
        if token.kind is Kind.BRACKETS and name.strip():
            fixes.append(quoted(token, token.text))
        message = "In ADQL, a name with other signs in it stands in double quotes"
        self.report.add("error", "name-quotes", message, token.span, *fixes)
        return Name(*token.span, name, is_quoted=True)

    def _is_blob(self) -> bool:
        """Say whether something like II/336/apass9 comes next."""
        token, after = self.token, self.ahead()
        if token.kind is Kind.NUMBER:
            return True
        if token.kind not in {Kind.WORD, Kind.ODD_WORD} or after.start != token.end:
            return False
        if after.kind in {Kind.NUMBER, Kind.ODD_WORD}:
            return True
        return after.kind is Kind.SIGN and after.text in {*"/+-:%&|\\^~!?@#$*", "&&", "||", "**"}

    def _blob(self) -> Name:
        start = self.token.start
        match = _BLOB.match(self.text, start)
        text = match.group() if match else self.token.text
        if any(sign in text for sign in _NOT_IN_NAMES):
            self.fail("the name of a table")
        end = start + len(text)
        while self.token.kind is not Kind.END and self.token.start < end:
            self.take()
        shortened = text if len(text) <= 60 else f"{text[:60]}..."  # noqa: PLR2004
        message = f"The name {shortened} has to stand in double quotes"
        fix = Fix("Put the name in double quotes", start, end, f'"{text}"')
        self.report.add("error", "unquoted-name", message, (start, end), fix)
        return Name(start, end, text, is_quoted=True)


def quoted(token: Token, name: str) -> Fix:
    """Return the fix that puts a name into double quotes."""
    escaped = name.replace('"', '""')
    return Fix("Put the name in double quotes", token.start, token.end, f'"{escaped}"')
