"""Results that the caller may read, opened."""

from collections.abc import Mapping

from flask import current_app

from portal.accounts.access import find_readable_job
from portal.problems import NotFoundError
from portal.results.keys import ResultKey
from portal.results.opened import OpenResult
from portal.results.store import ResultStore
from portal.uws.models import Job
from portal.uws.models import Result


def find_readable(address: Mapping[str, str], name: str) -> tuple[Job, Result]:
    """Return the job that `address` leads to, and its result of that name.

    `address` holds a `job_id` or a `share_key`. Raises NotFoundError for whatever the caller
    may not read.
    """
    job = find_readable_job(address)
    result = next((one for one in job.results if one.name == name), None)
    if result is None:
        raise NotFoundError("There is no such result.")
    return job, result


def open_readable(address: Mapping[str, str], name: str) -> tuple[Job, Result, OpenResult]:
    """Return the same with the rows of the result, opened; NotFoundError also for a file."""
    job, result = find_readable(address, name)
    if result.is_file:
        raise NotFoundError("This result is a file: it has no rows.")
    store: ResultStore = current_app.extensions["results"]
    return job, result, store.open(ResultKey(job.id, result.token, result.name))
