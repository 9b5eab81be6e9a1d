"""Results of a job: tables in memory, or files in any format that the portal writes."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from astropy.io.votable import parse
from astropy.io.votable.tree import VOTableFile
from astropy.table import Table

from portal_client.connection import Connection

VOTABLE = "vot"


class OverflowWarning(UserWarning):
    """The archive had more rows than it sent."""


@dataclass(frozen=True, slots=True)
class Result:
    """A result that is whole; `size` in bytes, None when it is not known."""

    name: str
    url: str
    size: int | None
    media_type: str

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Result":
        """Read what a job's document says of a result."""
        return cls(document["id"], document["href"], document["size"], document["mimeType"])


def read_table(connection: Connection, job_id: str, name: str) -> Table:
    """Return a result as a table; warns with OverflowWarning when the archive cut it.

    It comes through a temporary file: the document is never in memory beside its table.
    """
    with tempfile.TemporaryDirectory(prefix="portal-client-") as folder:
        path = Path(folder) / "result.vot"
        save(connection, job_id, name, path, VOTABLE)
        document = parse(path)
    if _is_cut(document):
        warnings.warn(
            f"The result {name} was cut: the archive has more rows than these. "
            "Ask for fewer, or for more with MAXREC.",
            OverflowWarning,
            stacklevel=3,
        )
    return document.get_first_table().to_table(use_names_over_ids=True)


def save(connection: Connection, job_id: str, name: str, path: Path, extension: str) -> None:
    """Write a result to a file; what is there already is replaced when all of it has come."""
    address = (
        ("uws", "jobs", job_id, "results", name)
        if extension == VOTABLE
        else ("jobs", job_id, "results", f"{name}.{extension}")
    )
    with connection.pieces(*address) as pieces, _replacing(path) as part, part.open("wb") as file:
        file.writelines(pieces)


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Write beside a file, and put it in its place at the end."""
    folder = tempfile.mkdtemp(prefix=".portal-client-", dir=path.parent)
    try:
        part = Path(folder) / path.name
        yield part
        part.replace(path)
    finally:
        shutil.rmtree(folder)


def _is_cut(document: VOTableFile) -> bool:
    """Say whether a status says OVERFLOW, after the table (DALI 1.1, section 4.4.1)."""
    infos = [info for resource in document.resources for info in resource.infos]
    return any(info.name == "QUERY_STATUS" and info.value == "OVERFLOW" for info in infos)
