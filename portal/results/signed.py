"""What signed addresses of results open: they go to programs that have none of the user's keys.

An address names neither owner nor job: of a job that belongs to nobody the id alone would open
more.
"""

from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus

from flask import current_app
from flask import Response

from portal.db import db
from portal.problems import NotFoundError
from portal.problems import PortalError
from portal.results.chosen import read_rows
from portal.results.downloads import download_file
from portal.results.downloads import send_result
from portal.results.keys import ResultKey
from portal.results.store import ResultStore
from portal.uws.models import Job
from portal.uws.models import Result

TRACE_LENGTH = 16


class ExpiredLinkError(PortalError):
    """A signed address was used after its time."""

    status = HTTPStatus.GONE
    title = "This link has ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedFile:
    """What a signed address opens; `rows` is empty for all rows, or as `chosen` writes them."""

    result: Result
    extension: str
    rows: str


def signing_key() -> str:
    """Return what addresses are signed with."""
    key: str = current_app.config["SECRET_KEY"]
    return key


def trace_of(result: Result) -> str:
    """Tell a result from a later one that got its number."""
    return sha256(result.token.encode()).hexdigest()[:TRACE_LENGTH]


def find_signed(number: int, trace: str) -> Result:
    """Return a whole result by its number; raises NotFoundError for one that is gone."""
    result = db.session.get(Result, number, populate_existing=True)
    if result is None or result.partial or trace_of(result) != trace:
        raise NotFoundError("This result is gone.")
    return result


def job_of(result: Result) -> Job:
    """Return the job that a result belongs to; raises NotFoundError."""
    job = db.session.get(Job, result.job_id)
    if job is None:
        raise NotFoundError("The job of this result is gone.")
    return job


def send_signed(signed: SignedFile) -> Response:
    """Send what an address opens."""
    job = job_of(signed.result)
    if signed.result.is_file:
        return send_result(job, signed.result)
    store: ResultStore = current_app.extensions["results"]
    opened = store.open(ResultKey(job.id, signed.result.token, signed.result.name))
    chosen = read_rows(signed.rows) if signed.rows else None
    return download_file(opened, signed.extension, title=job.title, rows=chosen)
