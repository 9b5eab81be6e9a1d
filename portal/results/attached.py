"""Files beside the rows, as pages show them and browsers get them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import Response
from flask import send_file

from portal.uws.models import Job
from portal.uws.models import Result

PNG = "image/png"
UNKNOWN = ("application/octet-stream", "bin")
# What no browser takes for a page, and how such a file is called; all else is sent as bytes.
HARMLESS = {
    PNG: (PNG, "png"),
    "application/fits": ("application/fits", "fits"),
    "image/fits": ("application/fits", "fits"),
    "application/gzip": ("application/gzip", "gz"),
    "application/json": ("application/json", "json"),
    "application/x-tar": ("application/x-tar", "tar"),
    "application/x-votable+xml": ("application/x-votable+xml", "vot"),
    "application/zip": ("application/zip", "zip"),
    "text/csv": ("text/csv; charset=utf-8", "csv"),
    "text/plain": ("text/plain; charset=utf-8", "txt"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """A file as the page of its job shows it; an image is shown, everything else is named."""

    name: str
    title: str
    bytes: int
    media_type: str
    is_image: bool


def files_of(job: Job) -> Sequence[FileView]:
    """Return the files of a job, images first."""
    found = [_view(one) for one in job.results if one.is_file and not one.partial]
    return sorted(found, key=lambda one: not one.is_image)


def extension_of(result: Result) -> str:
    """Return how the name of a file ends."""
    return _kind(result)[1]


def send_attached(path: Path, result: Result, *, name: str) -> Response:
    """Answer a file under the name `name`, so that browsers keep it and never run it.

    A PNG may be shown in a page of the portal; everything else is an attachment.
    """
    content_type, extension = _kind(result)
    sent = send_file(
        path,
        as_attachment=content_type != PNG,
        download_name=f"{name}-{result.name}.{extension}",
        etag=False,
    )
    # `send_file` would have it kept and asked for again, and guess a type.
    sent.headers["Cache-Control"] = "no-store"
    sent.content_type = content_type
    return sent


def _view(result: Result) -> FileView:
    content_type, _ = _kind(result)
    return FileView(
        name=result.name,
        title=str(result.info["file"].get("title") or result.name),
        bytes=result.size or 0,
        media_type=content_type.partition(";")[0],
        is_image=content_type == PNG,
    )


def _kind(result: Result) -> tuple[str, str]:
    return HARMLESS.get(result.mime_type.partition(";")[0].strip().casefold(), UNKNOWN)
