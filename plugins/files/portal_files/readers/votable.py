"""VOTable, in any of its serialisations."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal_files.problems import UnreadableFileError
from portal_files.table import Reading
from portal_files.votable_header import read_description


@contextmanager
def open_votable(path: Path) -> Iterator[Reading]:
    """Open the table of the document, screened as what comes from a remote service is."""
    try:
        with path.open("rb") as stream:
            table = ResultTable.from_votable(stream)
            yield Reading(table=table, description=read_description(table.header))
    except ServiceError as error:
        raise UnreadableFileError(_about_a_file(error.message)) from error


def _about_a_file(message: str) -> str:
    """Say of a file what the reader says of a service."""
    words = message.replace("The service's answer", "the file").replace("The service's", "its")
    return words.rstrip(".")
