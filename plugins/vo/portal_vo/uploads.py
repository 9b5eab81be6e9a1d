"""A table that goes to a service with a query (TAP 1.1, section 2.7), streamed from the disk."""

import uuid
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from portal.plugins import ResultTable
from portal.plugins import UsageError
from portal.plugins import write_votable
from portal_vo.xml import find_all
from portal_vo.xml import find_child

CHUNK = 1 << 18
INLINE = "upload-inline"
MEDIA_TYPE = "application/x-votable+xml"
BEGINNING = 4_096
PARQUET = b"PAR1"
FITS = b"SIMPLE  ="
ECSV = b"# %ECSV"
# Formats that are read at once need memory: nothing larger than this.
MOST_AT_ONCE = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TableUpload:
    """A VOTable on the disk, and the name that a query calls it by: TAP_UPLOAD.<name>."""

    name: str
    path: Path

    def body(self, form: Mapping[str, str]) -> "MultipartBody":
        """Return the body of a request with the table and the other parameters."""
        return MultipartBody({**form, "UPLOAD": f"{self.name},param:{self.name}"}, self)


class MultipartBody:
    """A form with a file (RFC 7578) as requests streams it: nothing is in memory as a whole."""

    def __init__(self, form: Mapping[str, str], upload: TableUpload) -> None:
        """Keep the parts; `close` the body when it was sent."""
        boundary = uuid.uuid4().hex
        self.content_type = f"multipart/form-data; boundary={boundary}"
        fields = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in form.items()
        ]
        head = (
            f"--{boundary}\r\nContent-Disposition: form-data;"
            f' name="{upload.name}"; filename="{upload.name}.vot"\r\n'
            f"Content-Type: {MEDIA_TYPE}\r\n\r\n"
        )
        before = "".join([*fields, head]).encode()
        after = f"\r\n--{boundary}--\r\n".encode()
        self._parts: list[BinaryIO] = [BytesIO(before), upload.path.open("rb"), BytesIO(after)]
        self._length = len(before) + upload.path.stat().st_size + len(after)

    def __len__(self) -> int:
        """Return the number of bytes."""
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes."""
        while data := self.read(CHUNK):
            yield data

    def read(self, size: int = CHUNK) -> bytes:
        """Return the next bytes, at most so many."""
        for part in self._parts:
            if data := part.read(size if size >= 0 else CHUNK):
                return data
        return b""

    def close(self) -> None:
        """Close the file."""
        for part in self._parts:
            part.close()


def check_upload(capabilities: ET.Element | None, size: int) -> None:
    """Raise UsageError when the service says that it does not take such a table."""
    if capabilities is None:
        return
    named = [one.get("ivo-id") or "" for one in find_all(capabilities, "uploadMethod")]
    if INLINE not in {name.lower().rpartition("#")[2] for name in named}:
        raise UsageError("the service says that it takes no tables with a query")
    limit = next(find_all(capabilities, "uploadLimit"), None)
    hard = None if limit is None else find_child(limit, "hard")
    if hard is None or (hard.get("unit") or "byte") != "byte":
        return
    text = "".join(hard.itertext()).strip()
    if text.isascii() and text.isdigit() and size > int(text):
        raise UsageError(
            f"the table has {size:,} bytes as a VOTable, and the service takes at most"
            f" {int(text):,}"
        )


def as_votable(path: Path, folder: Path) -> Path:
    """Return the file as a VOTable: itself, or a copy of what another format holds.

    Reads VOTable, Parquet, FITS, ECSV and CSV. Raises UsageError for anything else.
    """
    with path.open("rb") as opened:
        beginning = opened.read(BEGINNING)
    text = beginning.lstrip(b"\xef\xbb\xbf \t\r\n")
    if beginning.startswith(PARQUET):  # which may have a VOTable's header inside
        return _written(lambda: ResultTable.from_parquet(path), folder)
    if text.startswith(b"<") and (b"<VOTABLE" in text or b":VOTABLE" in text):
        return path
    if beginning.startswith(FITS):
        return _written_at_once(path, "fits", folder)
    if text.startswith(ECSV):
        return _written_at_once(path, "ascii.ecsv", folder)
    if text.startswith(b"<") or b"\0" in beginning or not beginning:
        raise UsageError("the file is no table in VOTable, Parquet, FITS, ECSV or CSV")
    return _written_at_once(path, "ascii.csv", folder)


def _written_at_once(path: Path, form: str, folder: Path) -> Path:
    """Read a file with astropy; whatever it stumbles over is told as its own words."""
    from astropy.table import Table
    from astropy.utils.exceptions import AstropyWarning

    if path.stat().st_size > MOST_AT_ONCE:
        raise UsageError(
            f"files of this kind may have {MOST_AT_ONCE:,} bytes at most: send a VOTable"
        )
    try:
        with path.open("rb") as opened, warnings.catch_warnings():
            warnings.simplefilter("ignore", AstropyWarning)  # what cannot be read raises
            table = Table.read(opened, format=form)
        return _written(lambda: ResultTable.from_astropy(table), folder)
    except (ValueError, TypeError, KeyError, IndexError, OSError, ArithmeticError) as error:
        words = " ".join(str(error).split())[:300]
        raise UsageError(f"the file cannot be read as a table: {words}") from error


def _written(open_table: Callable[[], ResultTable], folder: Path) -> Path:
    path = folder / "upload.vot"
    with path.open("wb") as written:
        for data in write_votable(open_table):
            written.write(data)
    return path
