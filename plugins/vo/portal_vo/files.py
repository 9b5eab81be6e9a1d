"""Files of services on disk: fetched under a cap, unpacked, and known by what is in them."""

import gzip
import re
import zlib
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import requests

from portal.plugins import AbortedError
from portal.plugins import JobContext
from portal.plugins import open_body
from portal.plugins import ServiceError
from portal.plugins import UsageError
from portal_vo.login import log_in
from portal_vo.words import peer_of
from portal_vo.words import refusal

CHUNK = 1 << 20
MEGABYTE = 1_000_000
FAILED = 400
SNIFFED = 4096
LONGEST_NUMBER = 18
FITS, GZIP, PNG, VOTABLE, PAGE, TEXT, UNKNOWN = (
    "FITS", "gzip", "PNG", "VOTable", "HTML", "text", "unknown",
)  # fmt: skip
SIGNATURES = ((b"SIMPLE  =", FITS), (b"\x1f\x8b", GZIP), (b"\x89PNG\r\n\x1a\n", PNG))
VOTABLE_TAG = re.compile(rb"<(?:[\w.-]+:)?VOTABLE[\s>]")
PAGE_TAG = re.compile(rb"(?i)<(!doctype\s+html|html|head|body)[\s>]")
MEDIA_TYPES = {FITS: "application/fits", GZIP: "application/gzip", PNG: "image/png",
               VOTABLE: "application/x-votable+xml", TEXT: "text/plain"}  # fmt: skip


def get(context: JobContext, url: str, asked: Sequence[tuple[str, str]] = ()) -> requests.Response:
    """Ask for an address, logged in where the job's owner can; raises in the service's words."""
    log_in(context, url)
    response = context.http.get(url, params=list(asked))
    if response.status_code >= FAILED:
        raise refusal(response)
    return response


def save(
    response: requests.Response, path: Path, context: JobContext, *, max_bytes: int | None = None
) -> int:
    """Write what comes to a file; return its length.

    UsageError when it is longer than `max_bytes`; without that, the session's limit holds.
    """
    announced = response.headers.get("Content-Length", "")
    is_number = announced.isdecimal() and len(announced) <= LONGEST_NUMBER
    expected = int(announced) if is_number else None
    if max_bytes is not None and expected is not None and expected > max_bytes:
        response.close()
        raise too_large(max_bytes)
    peer = peer_of(response.url)

    def tell(count: int) -> None:
        fraction = min(count / expected, 1.0) if expected else None
        context.report(fraction, f"{count / MEGABYTE:,.1f} MB from {peer}")

    with open_body(response) as body:
        return _write(_pieces(body), path, max_bytes, tell)


def unpack(path: Path, context: JobContext, *, max_bytes: int) -> Path:
    """Return the file, without the gzip around it if there is one.

    UsageError when it is too large then, ServiceError when it is damaged.
    """
    if sniff(path) != GZIP:
        return path
    target = path.with_name(f"{path.name}.unpacked")
    context.report(None, "unpacking")
    try:
        with gzip.open(path) as packed:
            _write(_watched(_pieces(packed), context), target, max_bytes, lambda _count: None)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ServiceError("the file is damaged gzip data, or was cut on its way") from error
    return target


def sniff(path: Path) -> str:
    """Say what a file is, by how it begins; what the service calls it does not count."""
    with path.open("rb") as file:
        head = file.read(SNIFFED)
    for signature, kind in SIGNATURES:
        if head.startswith(signature):
            return kind
    if VOTABLE_TAG.search(head):
        return VOTABLE
    if PAGE_TAG.search(head):
        return PAGE
    return TEXT if head and b"\0" not in head and _is_text(head) else UNKNOWN


def beginning(path: Path) -> str:
    """Return the beginning of a file as text."""
    with path.open("rb") as file:
        return file.read(SNIFFED).decode(errors="replace")


def too_large(max_bytes: int) -> UsageError:
    """Return the error for a file that is larger than that."""
    limit = max_bytes / MEGABYTE
    return UsageError(
        f"the file is larger than {limit:,.0f} MB, the most that is fetched here: "
        "download it from its archive, or cut out a part of it"
    )


def _pieces(file: BinaryIO | gzip.GzipFile) -> Iterator[bytes]:
    while data := file.read(CHUNK):
        yield data


def _watched(pieces: Iterator[bytes], context: JobContext) -> Iterator[bytes]:
    for piece in pieces:
        if context.is_aborted():
            raise AbortedError("the job was aborted")
        yield piece


def _write(
    pieces: Iterator[bytes], path: Path, max_bytes: int | None, tell: Callable[[int], None]
) -> int:
    count = 0
    with path.open("wb") as file:
        for piece in pieces:
            count += len(piece)
            if max_bytes is not None and count > max_bytes:
                raise too_large(max_bytes)
            file.write(piece)
            tell(count)
    return count


def _is_text(head: bytes) -> bool:
    try:
        head[: -4 or None].decode()
    except UnicodeDecodeError:
        return False
    return True
