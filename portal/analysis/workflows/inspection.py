"""What a job has read of a repository, for the page that offers it."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.analysis.workflows.inspecting.query import ASKED
from portal.analysis.workflows.inspecting.query import BRANCH
from portal.analysis.workflows.inspecting.query import FILE
from portal.analysis.workflows.inspecting.query import NOTEBOOK
from portal.analysis.workflows.inspecting.query import OPENED
from portal.analysis.workflows.inspecting.query import QUERY_ID
from portal.analysis.workflows.inspecting.query import TAG
from portal.plugins.workflows import DEFAULT_REF
from portal.problems import NotFoundError
from portal.problems import UsageError
from portal.results.access import open_readable
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase
from portal.uws.service import jobs
from portal.uws.service import NO_SUCH_JOB

RESULT = "result"
MOST_FILES = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What the job was asked, and what it found: nothing as long as it runs, or when it failed."""

    job: Job
    repository: str
    ref: str
    path: str
    branches: Sequence[str] = ()
    tags: Sequence[str] = ()
    notebooks: Sequence[str] = ()
    files: Sequence[str] = ()
    default: str | None = None

    @property
    def is_read(self) -> bool:
        """Whether the repository has been read."""
        return self.job.phase == ExecutionPhase.COMPLETED

    @property
    def title(self) -> str:
        """What the workflow may be called: the name of the repository."""
        return self.repository.rstrip("/").rpartition("/")[2].removesuffix(".git")

    def check_ref_is_there(self, ref: str) -> None:
        """Raise UsageError for a ref that the job did not see."""
        if not self.is_read or ref not in {DEFAULT_REF, self.ref, *self.branches, *self.tags}:
            raise UsageError("Choose a branch or a tag that the repository has.")


def get_inspection(job_id: str, *, owner: str) -> Inspection:
    """Return what a job of the owner has read; raises NotFoundError."""
    job = jobs().get_job(job_id, owner=owner)
    if job.type != QUERY_ID:
        raise NotFoundError(NO_SUCH_JOB)
    asked = {one.name: one.value for one in job.parameters}
    said = {name: str(asked.get(name, "")) for name in ("repository", "ref", "path")}
    if job.phase != ExecutionPhase.COMPLETED:
        return Inspection(job=job, **said)
    rows = _rows(job_id)
    names = {
        kind: [str(row["name"]) for row in rows if row["kind"] == kind]
        for kind in (ASKED, OPENED, BRANCH, TAG, NOTEBOOK, FILE)
    }
    default = next((str(row["name"]) for row in rows if row["is_default"]), None)
    return Inspection(
        job=job,
        repository=said["repository"],
        ref=names[ASKED][0],
        path=names[OPENED][0],
        branches=names[BRANCH],
        tags=names[TAG],
        notebooks=names[NOTEBOOK],
        files=names[FILE][:MOST_FILES],
        default=default,
    )


def _rows(job_id: str) -> list[dict[str, object]]:
    _, _, result = open_readable({"job_id": job_id}, RESULT)
    return [row for batch in result.batches() for row in batch.to_pylist()]
