"""Reading a table from a file of any kind that the archive takes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from portal_files.table import Reading

COMPRESSED = ".gz"


def kind_of(path: Path) -> str | None:
    """Return what kind of table a file is by its name; None when it is none."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if suffixes and suffixes[-1] == COMPRESSED:
        suffixes.pop()
    return _KINDS.get(suffixes[-1]) if suffixes else None


def open_file(path: Path) -> AbstractContextManager[Reading]:
    """Open the table of a file; its rows are read inside the `with`.

    What comes out when it is broken is UnreadableFileError, or one of READER_ERRORS.
    """
    return _opener(kind_of(path) or "")(path)


def _opener(kind: str) -> Callable[[Path], AbstractContextManager[Reading]]:
    """Import a reader when it is needed: astropy takes its time."""
    if kind == "VOTable":
        from portal_files.readers.votable import open_votable as opener
    elif kind == "FITS":
        from portal_files.readers.fits import open_fits as opener
    elif kind == "ECSV":
        from portal_files.readers.ecsv import open_ecsv as opener
    elif kind == "Parquet":
        from portal_files.readers.parquet import open_parquet as opener
    else:
        from portal_files.readers.csv import open_csv as opener
    return opener


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
