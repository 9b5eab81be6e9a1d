"""Job keys: what a remote worker shows to act for one attempt at one job.

A key is the job's id and the attempt's token, signed by the portal. The token alone, which
is in the database and in the names of result folders, opens nothing; and what was never
signed here is refused without a look at the database, so nobody can probe for jobs.
"""

import hashlib

from itsdangerous import BadSignature
from itsdangerous import Signer

from portal.uws.callers import ForbiddenError
from portal.uws.callers import UnauthorizedError

SALT = "portal.uws.jobkeys"


def make_job_key(secret: str, *, job_id: str, token: str) -> str:
    """Return the key of an attempt."""
    return _signer(secret).sign(f"{job_id}.{token}").decode()


def read_job_key(secret: str, key: str, *, job_id: str) -> str:
    """Return the attempt's token that a key stands for.

    Raises UnauthorizedError for what is no key of this portal, and ForbiddenError for the
    key of another job. Whether the attempt still holds its job is another question.
    """
    try:
        holder, _, token = _signer(secret).unsign(key).decode().partition(".")
    except (BadSignature, UnicodeDecodeError) as error:
        raise UnauthorizedError("This needs the key that came with the job.") from error
    if holder != job_id:
        raise ForbiddenError("This key belongs to another job.")
    return token


def _signer(secret: str) -> Signer:
    return Signer(secret, salt=SALT, digest_method=hashlib.sha256)
