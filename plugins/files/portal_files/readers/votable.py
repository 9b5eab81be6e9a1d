"""VOTable: the first table of the document, in any of its serialisations."""

import gzip
from pathlib import Path
from xml.parsers import expat

from astropy.io.votable import parse
from astropy.io.votable.tree import Field
from astropy.io.votable.tree import VOTableFile

from portal.plugins import Column
from portal_files.problems import UnreadableFileError
from portal_files.readers.arrays import to_arrow
from portal_files.table import FileContent

GZIP_START = b"\x1f\x8b"
BLOCK = 1_000_000


def read_votable(path: Path) -> FileContent:
    """Read the first TABLE with its fields, its description and what says where it is from."""
    _screen(path)
    document = parse(path, verify="ignore")
    table = next(iter(document.iter_tables()), None)
    if table is None:
        raise UnreadableFileError("there is no TABLE in the document")
    arrays = [to_arrow(table.array[field.ID]) for field in table.fields]
    columns = [
        _describe(field, array.datatype, array.arraysize)
        for field, array in zip(table.fields, arrays, strict=True)
    ]
    return FileContent.make(
        columns,
        [array.values for array in arrays],
        description=table.description or document.description or "",
        origin=_infos(document),
    )


def _describe(field: Field, datatype: str, arraysize: str | None) -> Column:
    return Column(
        name=field.name or field.ID,
        datatype=datatype,
        arraysize=arraysize,
        unit=str(field.unit) if field.unit else None,
        ucd=field.ucd,
        utype=field.utype,
        xtype=field.xtype,
        description=field.description or "",
    )


def _infos(document: VOTableFile) -> list[tuple[str, str]]:
    infos = [*document.infos, *(info for one in document.resources for info in one.infos)]
    return [(info.name, info.value) for info in infos]


def _screen(path: Path) -> None:
    """Refuse what would make astropy open other files: a DOCTYPE, a STREAM kept elsewhere."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = _refuse_stream
    with path.open("rb") as start:
        opener = gzip.open if start.read(2) == GZIP_START else open
    with opener(path, "rb") as file:
        try:
            parser.ParseFile(file)
        except expat.ExpatError as error:
            raise UnreadableFileError(f"it is no well-formed XML ({error})") from None


def _refuse_doctype(*_: object) -> None:
    raise UnreadableFileError("a VOTable with a document type is not accepted")


def _refuse_stream(name: str, attributes: dict[str, str]) -> None:
    if name.rpartition(":")[2] == "STREAM" and "href" in attributes:
        raise UnreadableFileError("a VOTable whose data are elsewhere is not accepted")
