"""The VOTable without rows that describes a table: its words, beside those of its columns."""

from xml.etree import ElementTree as ET

from portal_files.table import TableText

CONTENT_KEY = b"IVOA.VOTable-Parquet.content"
VERSION_KEY = b"IVOA.VOTable-Parquet.version"
NAMESPACE = "http://www.ivoa.net/xml/VOTable/v1.3"
TEXTS = ("arraysize", "unit", "ucd", "utype", "xtype")


def parquet_metadata(text: TableText) -> dict[bytes, bytes]:
    """Return the metadata by which a Parquet file says what `text` says (VOParquet 1.0)."""
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


def read_description(header: str | None) -> str:
    """Return the description of the table, else that of what is around it.

    The header comes from the portal's reader, which lets no DOCTYPE through.
    """
    if header is None:
        return ""
    root = ET.fromstring(header)  # noqa: S314 - see above
    ranks = {"TABLE": 0, "RESOURCE": 1, "VOTABLE": 2}
    found: dict[int, str] = {}
    for element in root.iter():
        rank = ranks.get(_local(element.tag))
        for child in element:
            if rank is not None and _local(child.tag) == "DESCRIPTION" and child.text:
                found[rank] = " ".join(child.text.split())
    return found[min(found)] if found else ""


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
