"""Screen an XML document while it is read: no other parser sees remote bytes before this.

Refused: DOCTYPE and with it every entity declaration, a STREAM that names its data elsewhere
(astropy would open it, `file://` and loopback included), nesting deeper than any VOTable
needs, and a row count that asks a reader for memory.
"""

import re
from collections.abc import Sequence
from mmap import mmap
from typing import Protocol
from xml.parsers import expat

from portal.problems import ServiceError
from portal.tables.votable.source import ENDED_EARLY
from portal.tables.votable.status import Status

TAG = re.compile(rb"""<(/?)([^\s/>]+)(?:[^"'>]|"[^"]*"|'[^']*')*>""")
MORE_FOLLOWS, THE_END = False, True
DEEPEST = 40
MOST_ROWS = 1_000_000_000
LONGEST_COUNT = 18
HTML_NAMES = ("html", "HTML")
NO_VOTABLE = "The service's answer is no VOTable."
STATUS_ELEMENTS = ("INFO", "PARAM")


class NotVotableError(ServiceError):
    """What came is no VOTable at all."""


class Listener:
    """What one phase of reading does with the elements: nothing, until overridden.

    Names come without a namespace prefix. `at` is the first byte of the tag, counted from
    the first byte fed to the screen. Returning True stops the parser in front of the tag.
    """

    def start(self, name: str, attributes: dict[str, str], at: int) -> bool:
        """Take an opening tag."""
        return False

    def end(self, name: str, at: int) -> bool:
        """Take a closing tag; for `<X/>`, `at` is the first byte behind it."""
        return False

    def text(self, text: str) -> None:
        """Take character data of the innermost open element, in any number of parts."""


class RawListener(Protocol):
    """Takes the parser's events as they are, without a check, for the sake of speed."""

    def raw_start(self, name: str, attributes: dict[str, str]) -> None:
        """Take an opening tag; refuse every element that has no place here."""

    def raw_end(self, name: str) -> None:
        """Take a closing tag."""

    def raw_text(self, text: str) -> None:
        """Take character data."""


class Screen:
    """Parse a document, or the rest of one, for a listener; refuse what is hostile.

    `inside` names the elements that are open where the bytes begin, outermost first;
    `open_elements` those that are open where the parser is; it has been `fed` that many
    bytes. `status` gets every INFO.
    """

    def __init__(self, listener: Listener, status: Status, inside: Sequence[str] = ()) -> None:
        self.open_elements: list[str] = []
        self.fed = 0
        self._status = status
        self._in_info = False
        self._is_votable = False
        self._listener = Listener()
        self._parser = self._new_parser()
        self._take_events()
        opening = "".join(f"<{name}>" for name in inside).encode()
        self._opening_length = len(opening)
        self._parser.Parse(opening, MORE_FOLLOWS)
        self._listener = listener

    def feed(self, data: bytes) -> bool:
        """Parse `data`; True when the listener stopped the parser, which ends its use.

        Raises ServiceError when the document is hostile or not well-formed, and
        NotVotableError when its first element says so.
        """
        self.fed += len(data)
        try:
            self._parser.Parse(data, MORE_FOLLOWS)
        except _Stop:
            return True
        except expat.ExpatError as error:
            raise self._broken(f"The service's answer is no well-formed XML: {error}.") from error
        return False

    def close(self) -> None:
        """Check that the document is complete; ServiceError when it is not."""
        try:
            self._parser.Parse(b"", THE_END)
        except expat.ExpatError as error:
            raise self._broken(ENDED_EARLY) from error

    def lend(self, listener: RawListener) -> None:
        """Let a listener have the events of what is inside the innermost open element.

        It refuses what has no place there, and gives the parser back when that element ends.
        """
        self._parser.StartElementHandler = listener.raw_start
        self._parser.EndElementHandler = listener.raw_end
        self._parser.CharacterDataHandler = listener.raw_text

    def take_back(self) -> None:
        """End the loan where the innermost open element ends."""
        self._take_events()
        self._end(self.open_elements[-1])

    @property
    def at(self) -> int:
        """The first byte of the tag that the parser is at, counted from the first byte fed."""
        return self._parser.CurrentByteIndex - self._opening_length

    def _new_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("UTF-8")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        return parser

    def _take_events(self) -> None:
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = local_name(name)
        if not self._is_votable and local != "VOTABLE":
            raise NotVotableError(NO_VOTABLE)
        self._is_votable = True
        _refuse_hostile(local, attributes)
        if self._listener.start(local, attributes, self.at):
            raise _Stop
        if self._status.services is not None:
            self._status.services.start(local, attributes)
        self._in_info = local == "INFO"
        if local in STATUS_ELEMENTS:
            self._status.begin(attributes)
        self.open_elements.append(name)
        if len(self.open_elements) > DEEPEST:
            raise ServiceError(f"The service's answer nests more than {DEEPEST} elements.")

    def _end(self, name: str) -> None:
        local = local_name(name)
        if self._listener.end(local, self.at):
            raise _Stop
        if self._status.services is not None:
            self._status.services.end(local)
        self.open_elements.pop()
        self._in_info = False
        if local in STATUS_ELEMENTS and self.open_elements:
            self._status.finish(local, parent=local_name(self.open_elements[-1]))

    def _text(self, text: str) -> None:
        if self._in_info:
            self._status.text(text)
        if self._status.services is not None:
            self._status.services.text(text)
        self._listener.text(text)

    def _doctype(self, name: str, *_: object) -> None:
        if name in HTML_NAMES:
            raise NotVotableError(NO_VOTABLE)
        raise ServiceError("The service's answer declares a DOCTYPE, which is refused.")

    def _broken(self, message: str) -> ServiceError:
        return ServiceError(message) if self._is_votable else NotVotableError(NO_VOTABLE)


class _Stop(Exception):  # noqa: N818 - the way out of expat, not an error
    """Leave the parser."""


def local_name(name: str) -> str:
    """Return an element's name without its namespace prefix."""
    return name.rpartition(":")[2]


def end_of_element(document: bytes | mmap, name: str, at: int) -> int:
    """Return the first byte behind an element, from what `Listener.end` was told about it."""
    tag = TAG.match(document, at)
    if tag and tag[1] and local_name(tag[2].decode()) == name:
        return tag.end()
    return at


def _refuse_hostile(name: str, attributes: dict[str, str]) -> None:
    if name == "STREAM" and any(local_name(key) == "href" for key in attributes):
        raise ServiceError("The service's answer names data elsewhere (href), which is refused.")
    if name == "TABLE" and _is_huge(attributes.get("nrows", "0")):
        raise ServiceError(f"The service's answer announces more than {MOST_ROWS:,} rows.")


def _is_huge(number: str) -> bool:
    digits = number.strip()
    return digits.isdecimal() and (len(digits) > LONGEST_COUNT or int(digits) > MOST_ROWS)
