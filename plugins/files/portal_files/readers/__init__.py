"""Reading a table from a file of any kind that the archive takes."""

from collections.abc import Callable
from pathlib import Path

from portal_files.table import FileContent

COMPRESSED = ".gz"


def kind_of(path: Path) -> str | None:
    """Return what kind of table a file is by its name; None when it is none."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if suffixes and suffixes[-1] == COMPRESSED:
        suffixes.pop()
    return _KINDS.get(suffixes[-1]) if suffixes else None


def read_file(path: Path) -> FileContent:
    """Read the first table of a file.

    Raises UnreadableFileError, or one of READER_ERRORS, when it is broken.
    """
    return _reader(kind_of(path) or "")(path)


def _reader(kind: str) -> Callable[[Path], FileContent]:
    """Import a reader when it is needed: astropy and Arrow take their time."""
    if kind == "VOTable":
        from portal_files.readers.votable import read_votable as reader
    elif kind == "FITS":
        from portal_files.readers.fits import read_fits as reader
    elif kind == "ECSV":
        from portal_files.readers.ecsv import read_ecsv as reader
    elif kind == "Parquet":
        from portal_files.readers.parquet import read_parquet as reader
    else:
        from portal_files.readers.csv import read_csv as reader
    return reader


_KINDS = {
    ".vot": "VOTable",
    ".votable": "VOTable",
    ".xml": "VOTable",
    ".fits": "FITS",
    ".fit": "FITS",
    ".fts": "FITS",
    ".csv": "CSV",
    ".tsv": "CSV",
    ".ecsv": "ECSV",
    ".parquet": "Parquet",
    ".pq": "Parquet",
}
