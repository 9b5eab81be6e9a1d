"""Jobs that are shared: whoever has a job's key may read the job, and do nothing else."""

import secrets

from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import selectinload

from portal.db import db
from portal.problems import NotFoundError
from portal.uws.models import Job
from portal.uws.moves import held_by
from portal.uws.service import NO_SUCH_JOB

KEY_BYTES = 16
NOT_SHARED = "Nothing is shared at this address, or no longer."

SHARED_JOB = (
    select(Job)
    .where(Job.share_key == bindparam("key_"))
    .options(selectinload(Job.results), selectinload(Job.parameters))
    .execution_options(populate_existing=True)
)


def share_job(job_id: str, *, owner: str) -> str:
    """Let whoever has the returned key read the owner's job; an earlier key ends.

    Raises NotFoundError, also for somebody else's job.
    """
    key = secrets.token_hex(KEY_BYTES)
    _set_key(job_id, owner, key)
    return key


def revoke_share(job_id: str, *, owner: str) -> None:
    """Let nobody read the owner's job by a key; raises NotFoundError as `share_job` does."""
    _set_key(job_id, owner, None)


def get_shared_job(share_key: str) -> Job:
    """Return the job that was shared by this key; raises NotFoundError."""
    job = db.session.scalar(SHARED_JOB, {"key_": share_key})
    if job is None:
        raise NotFoundError(NOT_SHARED)
    return job


def _set_key(job_id: str, owner: str, key: str | None) -> None:
    statement = (
        update(Job)
        .where(Job.id == job_id, held_by(owner))
        .values(share_key=key, version=Job.version + 1)
        .execution_options(synchronize_session=False)
    )
    changed = db.session.execute(statement).rowcount  # type: ignore[attr-defined]
    db.session.commit()
    if not changed:
        raise NotFoundError(NO_SUCH_JOB)
