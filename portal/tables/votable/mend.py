"""Edits to a VOTable header, so that astropy reads what services really send."""

import math
import re

from portal.tables.votable.screen import end_of_element
from portal.tables.votable.screen import Listener
from portal.tables.votable.screen import Screen
from portal.tables.votable.screen import TAG
from portal.tables.votable.status import Status

ARRAYSIZE = re.compile(rb"""\sarraysize\s*=\s*(?:"[^"]*"|'[^']*')""")
NROWS = re.compile(rb"""\snrows\s*=\s*(?:"[^"]*"|'[^']*')""")
NULL = re.compile(rb"""\snull\s*=\s*(?:"[^"]*"|'[^']*')""")
TEXT_DATATYPES = ("char", "unicodeChar", "string", "unicodeString")
REAL_DATATYPES = ("float", "double", "float32", "float64", "floatComplex", "doubleComplex")
INTEGER = re.compile(r"\s*(?:[+-]?\d+|0[xX][0-9a-fA-F]+)\s*")
NOT_NEEDED = ("PARAM", "GROUP", "MIN", "MAX", "OPTION", "LINK", "VODML")


def mend(header: bytes) -> bytes:
    """Return the header with the FIELDs mended that astropy refuses or misreads.

    An array of strings (char, 8x3) becomes one string, an empty arraysize goes, and so does
    an integer's null value that is none: astropy would take it as 0 and hide every zero. The
    number of rows goes too, as there are none in a header.
    """
    return _edited(header, _Mender(header))


def strip(header: bytes) -> bytes:
    """Return the header without everything that the columns can be read without."""
    return _edited(header, _Stripper(header))


class _Editor(Listener):
    def __init__(self, header: bytes) -> None:
        self.header = header
        self.edits: list[tuple[int, int, bytes]] = []

    def replace(self, at: int, attribute: re.Pattern[bytes], new: bytes) -> None:
        """Replace an attribute of the tag that begins at `at`."""
        if tag := TAG.match(self.header, at):
            self.edits.append((at, tag.end(), attribute.sub(new, tag[0], count=1)))


class _Mender(_Editor):
    _datatype = ""

    def start(self, name: str, attributes: dict[str, str], at: int) -> bool:
        """Mend an opening tag."""
        if name == "TABLE" and "nrows" in attributes:
            self.replace(at, NROWS, b"")
        elif name in ("FIELD", "PARAM"):
            self._datatype = attributes.get("datatype", "char")
            arraysize = attributes.get("arraysize")
            if arraysize is not None and not arraysize.strip():
                self.replace(at, ARRAYSIZE, b"")
            elif arraysize and "x" in arraysize and self._datatype in TEXT_DATATYPES:
                self.replace(at, ARRAYSIZE, b' arraysize="%s"' % _as_one_string(arraysize))
        elif name == "VALUES" and not self._allows_null(attributes.get("null", "0")):
            self.replace(at, NULL, b"")
        return False

    def _allows_null(self, null: str) -> bool:
        is_integer = self._datatype not in (*TEXT_DATATYPES, *REAL_DATATYPES)
        return not is_integer or INTEGER.fullmatch(null) is not None


class _Stripper(_Editor):
    _from = 0
    _depth = 0

    def start(self, name: str, attributes: dict[str, str], at: int) -> bool:
        """Begin to leave out an element."""
        if name in NOT_NEEDED:
            self._from = at if self._depth == 0 else self._from
            self._depth += 1
        return False

    def end(self, name: str, at: int) -> bool:
        """Leave out an element, up to the end of its closing tag."""
        if name in NOT_NEEDED:
            self._depth -= 1
            if self._depth == 0:
                self.edits.append((self._from, end_of_element(self.header, name, at), b""))
        return False


def _as_one_string(arraysize: str) -> bytes:
    sizes = arraysize.split("x")
    if all(size.isdecimal() for size in sizes):
        return b"%d" % math.prod(int(size) for size in sizes)
    return b"*"


def _edited(header: bytes, editor: _Editor) -> bytes:
    screen = Screen(editor, Status())
    screen.feed(header)
    kept, begin = [], 0
    for edit_from, edit_to, new in editor.edits:
        kept += [header[begin:edit_from], new]
        begin = edit_to
    return b"".join([*kept, header[begin:]])
