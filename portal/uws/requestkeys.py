"""Keys by which a request that is sent twice makes one job."""

import hashlib

from sqlalchemy import select

from portal.db import db
from portal.uws.models import Job


def digest_of(request_key: str | None) -> str | None:
    """Return what is kept of a request's key, whatever its length and characters."""
    if request_key is None:
        return None
    return hashlib.sha256(request_key.encode(errors="surrogatepass")).hexdigest()


def find_made(owner: str, digest: str) -> str | None:
    """Return the id of the job that the owner's first request with this key made."""
    query = select(Job.id).where(Job.owner == owner, Job.request_key == digest)
    return db.session.scalar(query)
