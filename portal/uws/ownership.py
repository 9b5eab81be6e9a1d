"""All jobs of an owner at once: given to another one, described, deleted, weighed."""

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import cast
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import aliased
from sqlalchemy.orm import selectinload

from portal.db import db
from portal.uws.models import Job
from portal.uws.models import Result
from portal.uws.models import Upload

AT_ONCE = {"synchronize_session": False}


def take_over(earlier: str, owner: str) -> None:
    """Make all jobs and files of one owner another's, running ones too; does not commit.

    Attempts go on: they are held by their tokens. A form that both sent stays two jobs.
    """
    theirs = aliased(Job)
    used = select(theirs.request_key).where(theirs.owner == owner)
    db.session.execute(
        update(Job)
        .where(Job.owner == earlier, Job.request_key.in_(used))
        .values(request_key=None)
        .execution_options(**AT_ONCE)
    )
    db.session.execute(
        update(Job)
        .where(Job.owner == earlier)
        .values(owner=owner, version=Job.version + 1)
        .execution_options(**AT_ONCE)
    )
    db.session.execute(
        update(Upload)
        .where(Upload.owner == earlier)
        .values(owner=owner)
        .execution_options(**AT_ONCE)
    )


def export(owner: str) -> Iterator[dict[str, Any]]:
    """Yield what is known of each job of an owner, the oldest first."""
    query = (
        select(Job)
        .where(Job.owner == owner)
        .options(selectinload(Job.parameters), selectinload(Job.results))
        .order_by(Job.creation_time, Job.id)
    )
    for job in db.session.scalars(query):
        yield {
            "id": job.id,
            "type": job.type,
            "title": job.title,
            "phase": job.phase.value,
            "creation_time": job.creation_time,
            "start_time": job.start_time,
            "end_time": job.end_time,
            "destruction": job.destruction,
            "run_id": job.run_id,
            "parent_id": job.parent_id,
            "asked": job.text,
            "parameters": [[one.name, one.value] for one in job.parameters],
            "results": [
                {"name": one.name, "mime_type": one.mime_type, "size": one.size}
                for one in job.results
            ],
            "error": job.error_message,
        }


def delete_all(owner: str, delete_files: Callable[[str], None]) -> Callable[[], None]:
    """Delete all jobs of an owner; whoever runs one finds no row, and stops.

    Does not commit; what it returns deletes their results and files afterwards.
    """
    ids = list(db.session.scalars(select(Job.id).where(Job.owner == owner)))
    for table in (Upload, Job):
        db.session.execute(delete(table).where(table.owner == owner).execution_options(**AT_ONCE))

    def delete_their_files() -> None:
        for job_id in ids:
            delete_files(job_id)

    return delete_their_files


def stored_bytes(owner: str) -> int:
    """Return how much disk the results and files of an owner take, as far as it is known."""
    on_disk = cast(Result.info["bytes"].as_string(), BigInteger)  # of a table; else its size
    taken = func.sum(func.coalesce(on_disk, Result.size, 0))
    results = select(taken).join(Job).where(Job.owner == owner)
    files = select(func.sum(Upload.size)).where(Upload.owner == owner)
    return sum(int(db.session.scalar(one) or 0) for one in (results, files))
