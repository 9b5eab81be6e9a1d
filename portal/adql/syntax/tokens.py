"""The words, numbers, texts and signs of a query, each with its place in the text.

Reads what people write for ADQL services, so also signs of other languages: the parser
says what is wrong with them. Comments are left out; `COMMENT` finds them for the formatter.
"""
# ruff: noqa: RUF001 - curly quotes are what it looks for

import re
from enum import Enum
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
      (?P<SPACE>\s+)
    | (?P<COMMENT>--[^\r\n]*)
    | (?P<BLOCK_COMMENT>/\*(?:.*?\*/|.*))
    | (?P<WORD>[A-Za-z][A-Za-z0-9_]*(?![\w$\#@]))
    | (?P<HEX>0[xX][0-9A-Fa-f]+(?![\w$\#@]))
    | (?P<NUMBER>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<STRING>'(?:[^']|'')*')
    | (?P<DELIMITED>"(?:[^"]|"")+")
    | (?P<OPEN_QUOTE>["'])
    | (?P<CURLY>‘[^‘’']*’|“[^“”']*”)
    | (?P<BACKTICK>`[^`"]+`)
    | (?P<BRACKETS>\[[^\[\]"\n]+\])
    | (?P<ODD_WORD>[\w$\#@]+)
    | (?P<SIGN>\|\||<>|!=|<=|>=|=>|=<|::|==|&&|\*\*|.)
    """,
    re.VERBOSE | re.DOTALL,
)


class Kind(Enum):
    """What a token is."""

    WORD = "word"
    NUMBER = "number"
    HEX = "hexadecimal number"
    STRING = "text"
    DELIMITED = "delimited identifier"
    OPEN_QUOTE = "quote that is never closed"
    CURLY = "text in curly quotes"
    BACKTICK = "name in backticks"
    BRACKETS = "name in brackets"
    ODD_WORD = "word that is no regular identifier"
    SIGN = "sign"
    BLOCK_COMMENT = "block comment"
    COMMENT = "comment"
    END = "end"


class Token(NamedTuple):
    """One token; `word` is a word in upper case, a sign as it is, and empty for others."""

    kind: Kind
    text: str
    start: int
    end: int
    word: str

    @property
    def span(self) -> tuple[int, int]:
        """Return where the token stands."""
        return self.start, self.end


def scan(text: str, *, comments: bool = False) -> list[Token]:
    """Return the tokens of the text and an END; never raises, whatever the text is.

    Comments that start with two minus signs are only there when `comments` asks for them.
    """
    tokens: list[Token] = []
    append = tokens.append
    for match in _TOKEN.finditer(text):
        name = match.lastgroup
        if name == "SPACE" or name is None or (name == "COMMENT" and not comments):
            continue
        found = match.group()
        word = ""
        if name == "WORD":
            word = found.upper()
        elif name == "SIGN":
            word = found
        append(Token(_KINDS[name], found, match.start(), match.end(), word))
    append(Token(Kind.END, "", len(text), len(text), ""))
    return tokens


_KINDS = {kind.name: kind for kind in Kind}
