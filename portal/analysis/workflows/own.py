"""What can be done with workflows of one's own: add, list, find, delete."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select

from portal.analysis.workflows.models import OwnWorkflow
from portal.analysis.workflows.models import TITLE_LENGTH
from portal.db import clock
from portal.db import db
from portal.plugins.repositories import check_path
from portal.plugins.repositories import check_ref
from portal.plugins.repositories import read_repository
from portal.plugins.workflows import Workflow
from portal.plugins.workflows import WorkflowType
from portal.problems import NotFoundError
from portal.problems import UsageError

MOST_OWN = 200  # of one owner
FIRST = 0  # before those of all others


def add_own(
    owner: str, *, title: str, repository: str, ref: str, path: str | None, type: WorkflowType
) -> str:
    """Keep a workflow for its owner and return its id; raises UsageError for what is none."""
    tidy = " ".join("".join(one if one.isprintable() else " " for one in title).split())
    if not tidy or len(tidy) > TITLE_LENGTH:
        raise UsageError(f"Give the workflow a title of up to {TITLE_LENGTH} characters.")
    count = select(func.count(OwnWorkflow.id)).where(OwnWorkflow.owner == owner)
    if db.session.execute(count).scalar_one() >= MOST_OWN:
        raise UsageError(f"There are {MOST_OWN} workflows of yours already. Delete one first.")
    own = OwnWorkflow(
        owner=owner,
        title=tidy,
        repository=read_repository(repository).repository,
        ref=check_ref(ref),
        path=check_path(path) if path else None,
        type=type,
        creation_time=clock(),
    )
    db.session.add(own)
    db.session.commit()
    return own.id


def list_own(owner: str) -> Sequence[Workflow]:
    """Return the owner's own workflows, the latest first."""
    if not owner:
        return []
    query = select(OwnWorkflow).where(OwnWorkflow.owner == owner)
    order = OwnWorkflow.creation_time.desc(), OwnWorkflow.id
    return [_workflow(one) for one in db.session.scalars(query.order_by(*order))]


def find_own(workflow_id: str, *, owner: str) -> Workflow | None:
    """Return one of the owner's own workflows, or None."""
    query = select(OwnWorkflow).where(
        OwnWorkflow.id == workflow_id, OwnWorkflow.owner == (owner or None)
    )
    found = db.session.scalar(query)
    return None if found is None else _workflow(found)


def delete_own(workflow_id: str, *, owner: str) -> None:
    """Delete one of the owner's own workflows; raises NotFoundError."""
    deleted = db.session.execute(
        delete(OwnWorkflow).where(
            OwnWorkflow.id == workflow_id, OwnWorkflow.owner == (owner or None)
        )
    ).rowcount  # type: ignore[attr-defined]
    db.session.commit()
    if not deleted:
        raise NotFoundError("There is no such workflow, or no longer.")


def _workflow(own: OwnWorkflow) -> Workflow:
    return Workflow(
        id=own.id,
        title=own.title,
        repository=own.repository,
        ref=own.ref,
        path=own.path,
        type=WorkflowType(own.type),
        updated=own.creation_time,
        order=FIRST,
    )
