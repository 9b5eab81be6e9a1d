"""Addresses that open one file of one result for a quarter of an hour, whoever asks.

Programs on the user's machine have none of the browser's cookies. An address names neither
owner nor job: of a job that belongs to nobody the id alone would open more.
"""

from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from flask import current_app
from itsdangerous import BadData
from itsdangerous import SignatureExpired
from itsdangerous import URLSafeSerializer
from itsdangerous import URLSafeTimedSerializer

from portal.basket.models import Basket
from portal.db import db
from portal.problems import NotFoundError
from portal.problems import PortalError
from portal.uws.models import Job
from portal.uws.models import Result

SECONDS = 15 * 60
FILES = "portal.samp.files"
TABLES = "portal.samp.tables"
BASKETS = "portal.samp.baskets"
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


def sign_file(result: Result, extension: str, rows: str = "") -> str:
    """Return the signature that opens a result, in one format, from now on for `SECONDS`."""
    signer = URLSafeTimedSerializer(_key(), salt=FILES)
    return signer.dumps([result.id, _trace(result), extension, rows])


def open_file(signature: str) -> SignedFile:
    """Return what a signature opens.

    Raises ExpiredLinkError after its time, NotFoundError when it was not made here or the
    result is gone.
    """
    number, trace, extension, rows = _unsigned(signature, FILES)
    return SignedFile(result=_find(number, trace), extension=extension, rows=rows)


def sign_basket(basket: Basket) -> str:
    """Return the signature that opens a basket as a table, for as long as that of a file."""
    return URLSafeTimedSerializer(_key(), salt=BASKETS).dumps(basket.id)


def open_basket(signature: str) -> Basket:
    """Return the basket that a signature opens; raises what `open_file` does."""
    basket = db.session.get(Basket, _unsigned(signature, BASKETS))
    if basket is None:
        raise NotFoundError("This basket is gone.")
    return basket


def table_id(result: Result) -> str:
    """Return the name under which other programs know a whole result; it opens nothing."""
    return URLSafeSerializer(_key(), salt=TABLES).dumps([result.id, _trace(result)])


def find_table(name: str) -> Result:
    """Return the result that a program calls by that name; raises NotFoundError."""
    try:
        number, trace = URLSafeSerializer(_key(), salt=TABLES).loads(name)
    except BadData as error:
        raise NotFoundError("There is no such table.") from error
    return _find(number, trace)


def job_of(result: Result) -> Job:
    """Return the job that a result belongs to; raises NotFoundError."""
    job = db.session.get(Job, result.job_id)
    if job is None:
        raise NotFoundError("The job of this result is gone.")
    return job


def _unsigned(signature: str, salt: str) -> Any:
    try:
        return URLSafeTimedSerializer(_key(), salt=salt).loads(signature, max_age=SECONDS)
    except SignatureExpired as error:
        raise ExpiredLinkError("Send the table again from the portal for a new one.") from error
    except BadData as error:
        raise NotFoundError("There is no such file.") from error


def _find(number: int, trace: str) -> Result:
    result = db.session.get(Result, number, populate_existing=True)
    if result is None or result.partial or _trace(result) != trace:
        raise NotFoundError("This result is gone.")
    return result


def _trace(result: Result) -> str:
    """Tell a result from a later one that got its number."""
    return sha256(result.token.encode()).hexdigest()[:TRACE_LENGTH]


def _key() -> str:
    key: str = current_app.config["SECRET_KEY"]
    return key
