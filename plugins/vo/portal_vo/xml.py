"""XML documents of services: small ones as a whole, large ones element by element."""

import xml.etree.ElementTree as ET
from collections.abc import Collection
from collections.abc import Iterator

import requests

from portal.plugins import open_body
from portal.plugins import ServiceError

MOST_BYTES = 4_000_000
CHUNK = 65_536
NO_XML = "the service sent a document that is no XML"
TOO_LONG = "the service sent an XML document that is far too long"
DOCTYPE = "the service sent an XML document with a DOCTYPE, which is refused"
MOST_PARTS = 500_000  # elements inside one that is collected
DEEPEST = 200


def read_xml(response: requests.Response) -> ET.Element:
    """Return the root of a document; ServiceError when it is too large, or is no XML.

    A DOCTYPE is refused, so that no entity can be declared.
    """
    with open_body(response) as body:
        document = b""
        while data := body.read(CHUNK):
            document += data
            if len(document) > MOST_BYTES:
                raise ServiceError(TOO_LONG)
    if b"<!DOCTYPE" in document or b"<!ENTITY" in document:
        raise ServiceError(DOCTYPE)
    try:
        return ET.fromstring(document)  # noqa: S314 - without a DOCTYPE there is no entity
    except ET.ParseError as error:
        raise ServiceError(NO_XML) from error


def stream_xml(
    response: requests.Response, names: Collection[str], *, max_bytes: int
) -> Iterator[ET.Element]:
    """Yield the elements of these names one by one, while the document arrives.

    Each comes whole, its parts with it, when it ends; the outermost of nested ones only.
    Nothing else is kept, so that the document may be large. Raises ServiceError as `read_xml`
    does, after what could be read was yielded.
    """
    target = _Collector(names)
    parser = ET.XMLParser(target=target)  # noqa: S314 - the target refuses a DOCTYPE
    count = 0
    with open_body(response) as body:
        try:
            while data := body.read(CHUNK):
                count += len(data)
                if count > max_bytes:
                    raise ServiceError(TOO_LONG)
                parser.feed(data)
                yield from target.take()
            parser.close()
        except ET.ParseError as error:
            yield from target.take()
            raise ServiceError(NO_XML) from error
    yield from target.take()


class _Collector:
    """The target of a parser: builds the elements of some names, and forgets the others."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names
        self._builder = ET.TreeBuilder()
        self._depth = 0
        self._inside = 0  # depth below the element that is collected, itself counted
        self._parts = 0
        self._done: list[ET.Element] = []

    def take(self) -> list[ET.Element]:
        """Return the elements that ended since the last time."""
        done, self._done = self._done, []
        return done

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise ServiceError(DOCTYPE)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if not self._inside and tag.rpartition("}")[2] not in self._names:
            return
        self._parts += 1
        if self._parts > MOST_PARTS or self._depth > DEEPEST:
            raise ServiceError(TOO_LONG)
        self._inside += 1
        self._builder.start(tag, attributes)

    def data(self, text: str) -> None:
        if self._inside:
            self._builder.data(text)

    def end(self, tag: str) -> None:
        self._depth -= 1
        if not self._inside:
            return
        self._builder.end(tag)
        self._inside -= 1
        if not self._inside:
            self._done.append(self._builder.close())
            self._builder, self._parts = ET.TreeBuilder(), 0

    def close(self) -> None:
        """Do nothing: elements that never ended are none."""


def find_child(parent: ET.Element, name: str) -> ET.Element | None:
    """Return the first child of a name, whatever its namespace; None when there is none."""
    return next((one for one in parent if local_name(one) == name), None)


def child_text(parent: ET.Element, name: str) -> str:
    """Return the text of the first child of a name, in one line; empty when there is none."""
    found = find_child(parent, name)
    return "" if found is None else " ".join("".join(found.itertext()).split())


def find_all(parent: ET.Element, name: str) -> Iterator[ET.Element]:
    """Yield the elements of a name, whatever their namespace and depth, in order."""
    return (one for one in parent.iter() if local_name(one) == name)


def find_text(parent: ET.Element, name: str) -> str:
    """Return the text of the first element of a name, stripped; empty when there is none."""
    found = next(find_all(parent, name), None)
    return "" if found is None else "".join(found.itertext()).strip()


def local_name(element: ET.Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]
