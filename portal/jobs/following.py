"""Waiting for news of a job, so that its page follows it."""

from collections.abc import Mapping
from datetime import datetime
from datetime import timedelta
from datetime import UTC

from flask import current_app
from flask import request

from portal.accounts.access import find_readable_job
from portal.accounts.access import SHARE_KEY
from portal.accounts.owner import find_owner
from portal.db import db
from portal.htmx import wants_fragment
from portal.uws.models import Job
from portal.uws.phases import RUNNABLE
from portal.uws.wait import Watcher

FIRST_LOOK_SECONDS = 1.0
FOLLOW_SECONDS = 25.0
JUST_MADE = timedelta(seconds=5)


def find_news(address: Mapping[str, str]) -> tuple[Job, bool]:
    """Return the job of an address, and whether its follower may wait again at once.

    The page of a job that was just made waits a moment for a fast answer, a fragment that
    names the version it has `seen` until there is a later one. Raises NotFoundError as
    `find_readable_job` does.
    """
    job = find_readable_job(address)
    seen = request.args.get("seen", type=int)
    is_following = seen is not None and wants_fragment()
    version = seen if is_following and seen is not None else job.version
    if job.is_settled or job.phase in RUNNABLE or version < job.version:
        return job, True
    if not is_following and datetime.now(UTC) - job.creation_time > JUST_MADE:
        return job, True
    watcher: Watcher = current_app.extensions["watcher"]
    db.session.remove()
    waited = watcher.wait(
        job.id,
        owner=address.get(SHARE_KEY) or find_owner(),
        seen=version,
        seconds=FOLLOW_SECONDS if is_following else FIRST_LOOK_SECONDS,
    )
    return find_readable_job(address), waited
