"""Small XML documents of services: capabilities and jobs."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator

import requests

from portal.plugins import open_body
from portal.plugins import ServiceError

MOST_BYTES = 4_000_000
CHUNK = 65_536


def read_xml(response: requests.Response) -> ET.Element:
    """Return the root of a document; ServiceError when it is too large, or is no XML.

    A DOCTYPE is refused, so that no entity can be declared.
    """
    with open_body(response) as body:
        document = b""
        while data := body.read(CHUNK):
            document += data
            if len(document) > MOST_BYTES:
                raise ServiceError("the service sent an XML document that is far too long")
    if b"<!DOCTYPE" in document or b"<!ENTITY" in document:
        raise ServiceError("the service sent an XML document with a DOCTYPE, which is refused")
    try:
        return ET.fromstring(document)  # noqa: S314 - without a DOCTYPE there is no entity
    except ET.ParseError as error:
        raise ServiceError("the service sent a document that is no XML") from error


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
