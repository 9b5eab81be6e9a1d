"""Whole results as files: streamed from the store, batch by batch."""

import re
from collections.abc import Iterator
from collections.abc import Sequence

from flask import current_app
from flask import Response
from flask import send_file

from portal.problems import NotFoundError
from portal.results.attached import send_attached
from portal.results.keys import ResultKey
from portal.results.opened import OpenResult
from portal.results.paging import take
from portal.results.store import ResultStore
from portal.tables.writers import Format
from portal.tables.writers import FORMATS as WRITERS
from portal.uws.models import Job
from portal.uws.models import Result

PARQUET = "parquet"
VOTABLE = "vot"
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
LONGEST_NAME = 60

FORMATS: dict[str, Format] = {one.extension: one for one in WRITERS.values()}


def download_file(
    opened: OpenResult, extension: str, *, title: str, rows: Sequence[int] | None = None
) -> Response:
    """Answer the whole result, or some of its rows, as an attachment.

    Raises NotFoundError for an unknown format, UsageError for a row that is not there.
    """
    if extension not in FORMATS:
        raise NotFoundError("A result cannot be taken away in that format.")
    form = FORMATS[extension]
    name = f"{file_name(title)}.{extension}"
    if rows is not None:
        batches = take(opened, rows).values.to_batches()
        return _attachment(form.write(opened.columns, lambda: batches), form, name)
    if extension == PARQUET:  # it is there already
        return send_file(opened.parquet, form.media_type, as_attachment=True, download_name=name)
    overflow = opened.stored is not None and opened.stored.overflow
    return _attachment(form.write(opened.columns, opened.batches, overflow=overflow), form, name)


def send_result(job: Job, result: Result) -> Response:
    """Answer a stored table as the VOTable that UWS clients expect, and a file as it is."""
    store: ResultStore = current_app.extensions["results"]
    key = ResultKey(job.id, result.token, result.name)
    if result.is_file:
        return send_attached(store.file(key), result, name=file_name(job.title))
    opened = store.open(key)
    return download_file(opened, VOTABLE, title=job.title)


def file_name(title: str) -> str:
    """Return a title as a file name that every system takes."""
    return UNSAFE.sub("_", title)[:LONGEST_NAME].strip("._-") or "result"


def _attachment(body: Iterator[bytes], form: Format, name: str) -> Response:
    response = Response(body, content_type=form.media_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
