"""Which job an address opens: one of the caller's own, or one that is shared by a key."""

from collections.abc import Mapping

from portal.accounts.owner import find_owner
from portal.uws.models import Job
from portal.uws.service import jobs
from portal.uws.sharing import get_shared_job

SHARE_KEY = "share_key"
JOB_ID = "job_id"


def find_readable_job(address: Mapping[str, str]) -> Job:
    """Return the job that a `job_id` or a `share_key` names, to be looked at and no more.

    Raises NotFoundError, also for somebody else's job and for a key that was revoked.
    """
    if SHARE_KEY in address:
        return get_shared_job(address[SHARE_KEY])
    return jobs().get_job(address[JOB_ID], owner=find_owner())


def is_shared(address: Mapping[str, str]) -> bool:
    """Say whether an address is open to everybody who has it."""
    return SHARE_KEY in address
