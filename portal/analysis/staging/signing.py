"""Addresses from which a session without any key fetches what is in a basket, until it ends."""

from typing import Any

from itsdangerous import BadData
from itsdangerous import URLSafeSerializer
from sqlalchemy import select

from portal.analysis.models import AnalysisSession
from portal.analysis.models import OPEN
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

FILES = "portal.staging.files"
BASKETS = "portal.staging.baskets"


def sign_file(result: Result, extension: str, rows: str, session_id: str) -> str:
    """Return the signature that opens a result, or those rows of it, in one format."""
    return _signer(FILES).dumps([session_id, result.id, trace_of(result), extension, rows])


def open_file(signature: str) -> SignedFile:
    """Return what a signature opens.

    Raises ExpiredLinkError once its session has ended, NotFoundError when it was not made here
    or the result is gone.
    """
    number, trace, extension, rows = _opened(signature, FILES)
    return SignedFile(result=find_signed(number, trace), extension=extension, rows=rows)


def sign_basket(basket: Basket, share_id: str | None, session_id: str) -> str:
    """Return the signature that opens a basket as a table.

    For somebody whom a share lets in it opens nothing any more once that is revoked.
    """
    return _signer(BASKETS).dumps([session_id, basket.id, share_id])


def open_basket(signature: str) -> Basket:
    """Return the basket that a signature opens; raises what `open_file` does."""
    basket_id, share_id = _opened(signature, BASKETS)
    basket = db.session.get(Basket, basket_id, populate_existing=True)
    is_open = share_id is None or lets_in(share_id, basket_id)
    if basket is None or basket.deleted_time is not None or not is_open:
        raise NotFoundError("This basket is gone, or no longer shared.")
    return basket


def _opened(signature: str, salt: str) -> list[Any]:
    try:
        signed: list[Any] = _signer(salt).loads(signature)
    except BadData as error:
        raise NotFoundError("There is no such file.") from error
    stage = select(AnalysisSession.stage).where(AnalysisSession.id == signed[0])
    if db.session.scalar(stage) not in OPEN:
        raise ExpiredLinkError("The session has ended. Launch it again for a new one.")
    return signed[1:]


def _signer(salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(signing_key(), salt=salt)
