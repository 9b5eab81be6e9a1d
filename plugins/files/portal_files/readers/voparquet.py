"""The VOTable without data that a Parquet file keeps in its metadata (VOParquet 1.0)."""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from portal.plugins import Column
from portal_files.problems import UnreadableFileError
from portal_files.table import TableText

CONTENT_KEY = b"IVOA.VOTable-Parquet.content"
VERSION_KEY = b"IVOA.VOTable-Parquet.version"
NAMESPACE = "http://www.ivoa.net/xml/VOTable/v1.3"
TEXTS = ("arraysize", "unit", "ucd", "utype", "xtype")


def write_header(text: TableText) -> dict[bytes, bytes]:
    """Return the metadata that says in a Parquet file what `text` says."""
    root = ET.Element("VOTABLE", version="1.4", xmlns=NAMESPACE)
    resource = ET.SubElement(root, "RESOURCE", type="results")
    for name, value in text.origin:
        ET.SubElement(resource, "INFO", name=name, value=value)
    table = ET.SubElement(resource, "TABLE")
    ET.SubElement(table, "DESCRIPTION").text = text.description
    for column in text.columns:
        given = {name: getattr(column, name) for name in TEXTS}
        attributes = {name: value for name, value in given.items() if value}
        field = ET.SubElement(
            table, "FIELD", name=column.name, datatype=column.datatype, **attributes
        )
        ET.SubElement(field, "DESCRIPTION").text = column.description
    content = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return {VERSION_KEY: b"1.0", CONTENT_KEY: content}


def read_header(content: bytes) -> TableText:
    """Read the columns, description and origin; raises UnreadableFileError when it is no XML."""
    if b"<!" in content:
        raise UnreadableFileError("its metadata hold a document type, which is not accepted")
    try:
        root = ET.fromstring(content)  # noqa: S314 - there is no DOCTYPE in it
    except ET.ParseError:
        raise UnreadableFileError("its VOTable metadata cannot be read") from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    table = root.find(".//TABLE")
    if table is None:
        return TableText(columns=())
    infos = [(info.get("name", ""), info.get("value", "")) for info in root.iter("INFO")]
    return TableText(
        columns=tuple(_columns(table)),
        description=(table.findtext("DESCRIPTION") or "").strip(),
        origin=tuple(infos),
    )


def _columns(table: ET.Element) -> Iterator[Column]:
    for field in table.iter("FIELD"):
        texts = {name: field.get(name) for name in TEXTS}
        yield Column(
            name=field.get("name", ""),
            datatype=field.get("datatype", "char"),
            description=(field.findtext("DESCRIPTION") or "").strip(),
            **texts,
        )
