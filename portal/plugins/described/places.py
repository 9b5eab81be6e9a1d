"""On which line of a TOML document each of its keys and values stands.

For documents that `tomllib` has accepted: what it would refuse is not noticed here.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping

from portal.plugins.described.faults import Path

BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
BARE = re.compile(r"[A-Za-z0-9_-]+")
STRING = re.compile(
    r"""\"{3} (?: [^\\] | \\. )*? \"{3,5}
    | '{3} .*? '{3,5}
    | \" (?: [^\"\\\n] | \\. )* \"
    | ' [^'\n]* '""",
    re.DOTALL | re.VERBOSE,
)
SCALAR = re.compile(r"[^,\]}#\n]*")
ESCAPE = re.compile(r"\\(?:U([0-9a-fA-F]{8})|u([0-9a-fA-F]{4})|(.))")
ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


def find_lines(text: str) -> Mapping[Path, int]:
    """Return the line, counted from 1, of each key, table and element by its path."""
    return _Scanner(text).scan()


def line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """Return the line of the nearest thing that there is on the way to `path`."""
    near = (path[:length] for length in range(len(path), 0, -1))
    return next((lines[one] for one in near if one in lines), None)


class _Scanner:
    """Goes through the text once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._starts = [match.end() for match in re.finditer(r"\n", text)]
        self._lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip() < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._lines

    def _skip(self) -> int:
        match = BLANK.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._at

    def _note(self, path: Path) -> None:
        self._lines.setdefault(path, bisect_right(self._starts, self._at) + 1)

    def _header(self) -> Path:
        is_array = self._text.startswith("[[", self._at)
        begin = self._at
        self._at += 2 if is_array else 1
        keys = self._keys()
        path: Path = ()
        for key in keys[:-1]:
            path = self._inside((*path, key))
        path = (*path, keys[-1])
        end, self._at = self._at, begin
        self._note(path)
        if is_array:
            self._counts[path] = self._counts.get(path, -1) + 1
        path = self._inside(path)
        self._note(path)
        self._at = end + (2 if is_array else 1)
        return path

    def _inside(self, path: Path) -> Path:
        """Return the path of the last element, where there is an array of tables."""
        return (*path, self._counts[path]) if path in self._counts else path

    def _pair(self, table: Path) -> None:
        begin = self._skip()
        keys = self._keys()
        path = (*table, *keys)
        after, self._at = self._at, begin
        for length in range(len(table) + 1, len(path) + 1):
            self._note(path[:length])
        self._at = after + 1  # the equals sign
        self._value(path)

    def _keys(self) -> list[str]:
        """Read a key with its dots, up to what follows it."""
        keys = []
        while True:
            self._skip()
            match = STRING.match(self._text, self._at) or BARE.match(self._text, self._at)
            if match is None:
                raise ValueError("this is no TOML")
            keys.append(_plain(match.group()))
            self._at = match.end()
            self._skip()
            if not self._text.startswith(".", self._at):
                return keys
            self._at += 1

    def _value(self, path: Path) -> None:
        self._skip()
        self._note(path)
        if self._text.startswith("[", self._at):
            self._array(path)
        elif self._text.startswith("{", self._at):
            self._inline_table(path)
        else:
            match = STRING.match(self._text, self._at) or SCALAR.match(self._text, self._at)
            self._at = match.end() if match else len(self._text)

    def _array(self, path: Path) -> None:
        self._at += 1
        index = 0
        while not self._closes("]"):
            self._value((*path, index))
            index += 1

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        while not self._closes("}"):
            self._pair(path)

    def _closes(self, bracket: str) -> bool:
        """Step over a comma or the closing bracket; say whether it was the bracket."""
        self._skip()
        if self._text.startswith(",", self._at):
            self._at += 1
            self._skip()
        if self._at >= len(self._text):
            return True
        if self._text.startswith(bracket, self._at):
            self._at += 1
            return True
        return False


def _plain(word: str) -> str:
    """Return the key that a word stands for, with or without quotes."""
    if word.startswith("'"):
        return word[1:-1]
    if not word.startswith('"'):
        return word
    return ESCAPE.sub(_unescape, word[1:-1])


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else ESCAPED.get(match[3], match[3])
