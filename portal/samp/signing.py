"""Addresses that open one file of one result for a quarter of an hour, whoever asks.

Programs on the user's machine have none of the browser's cookies. An address names neither
owner nor job: of a job that belongs to nobody the id alone would open more.
"""

from typing import Any

from itsdangerous import BadData
from itsdangerous import SignatureExpired
from itsdangerous import URLSafeSerializer
from itsdangerous import URLSafeTimedSerializer

from portal.basket.models import Basket
from portal.basket.sharing import lets_in
from portal.db import db
from portal.problems import NotFoundError
from portal.results.signed import ExpiredLinkError
from portal.results.signed import find_signed
from portal.results.signed import SignedFile
from portal.results.signed import signing_key
from portal.results.signed import trace_of
from portal.uws.models import Result

SECONDS = 15 * 60
FILES = "portal.samp.files"
TABLES = "portal.samp.tables"
BASKETS = "portal.samp.baskets"


def sign_file(result: Result, extension: str, rows: str = "") -> str:
    """Return the signature that opens a result, in one format, from now on for `SECONDS`."""
    signer = URLSafeTimedSerializer(signing_key(), salt=FILES)
    return signer.dumps([result.id, trace_of(result), extension, rows])


def open_file(signature: str) -> SignedFile:
    """Return what a signature opens.

    Raises ExpiredLinkError after its time, NotFoundError when it was not made here or the
    result is gone.
    """
    number, trace, extension, rows = _unsigned(signature, FILES)
    return SignedFile(result=find_signed(number, trace), extension=extension, rows=rows)


def sign_basket(basket: Basket, share_id: str | None) -> str:
    """Return the signature that opens a basket as a table, for as long as that of a file.

    For somebody whom a share lets in it opens nothing any more once that is revoked.
    """
    return URLSafeTimedSerializer(signing_key(), salt=BASKETS).dumps([basket.id, share_id])


def open_basket(signature: str) -> Basket:
    """Return the basket that a signature opens; raises what `open_file` does."""
    basket_id, share_id = _unsigned(signature, BASKETS)
    basket = db.session.get(Basket, basket_id, populate_existing=True)
    is_open = share_id is None or lets_in(share_id, basket_id)
    if basket is None or basket.deleted_time is not None or not is_open:
        raise NotFoundError("This basket is gone, or no longer shared.")
    return basket


def table_id(result: Result) -> str:
    """Return the name under which other programs know a whole result; it opens nothing."""
    return URLSafeSerializer(signing_key(), salt=TABLES).dumps([result.id, trace_of(result)])


def find_table(name: str) -> Result:
    """Return the result that a program calls by that name; raises NotFoundError."""
    try:
        number, trace = URLSafeSerializer(signing_key(), salt=TABLES).loads(name)
    except BadData as error:
        raise NotFoundError("There is no such table.") from error
    return find_signed(number, trace)


def _unsigned(signature: str, salt: str) -> Any:
    try:
        return URLSafeTimedSerializer(signing_key(), salt=salt).loads(signature, max_age=SECONDS)
    except SignatureExpired as error:
        raise ExpiredLinkError("Send the table again from the portal for a new one.") from error
    except BadData as error:
        raise NotFoundError("There is no such file.") from error
