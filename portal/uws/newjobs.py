"""Jobs that are not there yet: their rows, and what is made of one that is run."""

import math
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import cast

from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import Table

from portal.db import clock
from portal.db import db
from portal.parameters import Parameters
from portal.parameters import upload_names
from portal.parameters import write_form
from portal.uws.callers import NOBODY
from portal.uws.family import let_wait
from portal.uws.limits import Limits
from portal.uws.models import Job
from portal.uws.models import new_id
from portal.uws.models import Parameter
from portal.uws.phases import ExecutionPhase
from portal.uws.types import JobType
from portal.uws.types import JobTypes
from portal.uws.types import schema_hash

TITLE_LENGTH = 200
RECENT = 300  # jobs of one owner that are looked at

# Every new job needs these, so they are built once.
NEW_JOB = insert(cast("Table", Job.__table__))
NEW_PARAMETER = insert(cast("Table", Parameter.__table__))


class NewJobs:
    """Makes the rows of jobs; commits nothing."""

    def __init__(self, types: JobTypes, limits: Limits) -> None:
        self._types = types
        self._limits = limits

    def row(
        self, type_name: str, parameters: Parameters, owner: str, address: str | None
    ) -> dict[str, Any]:
        """Return the values of a new job's row, which is PENDING."""
        job_type = self._types[type_name]
        now = clock()
        return described(job_type, parameters) | {
            "id": new_id(),
            "type": job_type.name,
            "type_version": job_type.version,
            "schema_hash": schema_hash(job_type),
            "owner": owner,
            "client_address": address if owner == NOBODY else None,
            "phase": ExecutionPhase.PENDING,
            "creation_time": now,
            "destruction": now + self._limits.retention,
            "execution_duration": self._limits.execution_duration,
        }

    def insert(self, row: Mapping[str, Any], parameters: Parameters) -> None:
        """Insert a row, and its parameters."""
        db.session.execute(NEW_JOB, row)
        write_parameters(row["id"], parameters)

    def start(
        self, row: Mapping[str, Any], read_parameters: Callable[[], Parameters]
    ) -> Sequence[str]:
        """Return the ids of the jobs that wait for a worker now that this one was run.

        A job of a type with children makes these, and waits for them instead. They are in the
        order in which they had better start.
        """
        if row["phase"] != ExecutionPhase.QUEUED:
            return ()
        known = row["type"] in self._types  # its plugin may be gone
        list_parts = self._types[row["type"]].children if known else None
        parts = list_parts(read_parameters()) if list_parts else ()
        children = [self.child(row, name, given) for name, given in parts]
        if not children:
            return [row["id"]]
        for child, (_, given) in zip(children, parts, strict=True):
            self.insert(child, given)
        let_wait(row["id"])
        return [child["id"] for child in _slowest_first(children, owner=row["owner"])]

    def child(
        self, parent: Mapping[str, Any], type_name: str, parameters: Parameters
    ) -> dict[str, Any]:
        """Return the values of the row of a new child, which is QUEUED."""
        if self._types[type_name].children or any(
            getattr(parameters, name) for name in upload_names(type(parameters))
        ):
            raise ValueError(f"{type_name}: a child has no children and no files")
        row = self.row(type_name, parameters, parent["owner"], parent["client_address"])
        return row | {
            "phase": ExecutionPhase.QUEUED,
            "hinted_time": row["creation_time"],
            "parent_id": parent["id"],
            "run_id": parent.get("run_id") or parent["id"],
            "execution_duration": parent["execution_duration"],
            "destruction": None,  # it goes with its parent
        }


def _slowest_first(rows: Sequence[Mapping[str, Any]], *, owner: str) -> Sequence[Mapping[str, Any]]:
    """Return new jobs by how long the owner's last one of their type took, unknown ones first.

    All of them end sooner then: what takes long does not begin late.
    """
    query = (
        select(Job.type, Job.start_time, Job.end_time)
        .where(
            Job.owner == owner,
            Job.type.in_({row["type"] for row in rows}),
            Job.phase.in_({ExecutionPhase.COMPLETED, ExecutionPhase.ERROR}),
        )
        .order_by(Job.creation_time.desc())
        .limit(RECENT)
    )
    took: dict[str, float] = {}
    for type_name, start, end in db.session.execute(query):
        if start and end:
            took.setdefault(type_name, (end - start).total_seconds())
    return sorted(rows, key=lambda row: took.get(row["type"], math.inf), reverse=True)


def described(job_type: JobType, parameters: Parameters) -> dict[str, Any]:
    """Return the values of a job's row that say what it asks, and whom."""
    description = job_type.describe(parameters)
    return {
        "title": description.title[:TITLE_LENGTH],
        "text": description.text,
        "host": description.host,
        "host_limit": description.host_limit,
    }


def write_parameters(job_id: str, parameters: Parameters) -> None:
    """Insert the parameters of a job; files are kept by reference."""
    files = set(upload_names(type(parameters)))
    rows = [
        {
            "job_id": job_id,
            "position": position,
            "name": name,
            "value": value,
            "by_reference": name in files,
        }
        for position, (name, value) in enumerate(write_form(parameters))
    ]
    if rows:
        db.session.execute(NEW_PARAMETER, rows)
