"""The files of a job: kept on disk first, then named by rows in the transaction of the job."""

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import cast

from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import Table

from portal.db import clock
from portal.db import db
from portal.parameters import FieldError
from portal.parameters import InvalidParametersError
from portal.parameters import Parameters
from portal.parameters import read_reference
from portal.parameters import upload_names
from portal.parameters import write_reference
from portal.problems import NotFoundError
from portal.uws.callers import NOBODY
from portal.uws.models import Job
from portal.uws.models import new_id
from portal.uws.models import Upload
from portal.uws.uploads import NO_SUCH_UPLOAD
from portal.uws.uploads import SentFile
from portal.uws.uploads import UploadStore

NEW_UPLOAD = insert(cast("Table", Upload.__table__))


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """Parameters that refer to files of their own job, and the rows of these files."""

    parameters: Parameters
    rows: Sequence[dict[str, Any]]

    def write(self) -> None:
        """Insert the rows; does not commit."""
        if self.rows:
            db.session.execute(NEW_UPLOAD, list(self.rows))


def attach(
    store: UploadStore,
    parameters: Parameters,
    files: Sequence[SentFile],
    *,
    job_id: str,
    owner: str,
) -> Attached:
    """Keep the files of a new job, before its transaction.

    A reference to a file of another of the owner's jobs becomes one to a file of this job:
    each job has its own, to be deleted with it. Raises InvalidParametersError where there
    is no such file, also where it is somebody else's.
    """
    values = {name: getattr(parameters, name) for name in upload_names(type(parameters))}
    references = {name: read_reference(value) for name, value in values.items() if value}
    sent = {one.id: one for one in files}
    earlier = {
        name: _find_earlier(name, upload_id, owner)
        for name, upload_id in references.items()
        if upload_id not in sent
    }
    rows: list[dict[str, Any]] = []
    own: dict[str, str] = {}
    for name, upload_id in references.items():
        about = {"job_id": job_id, "owner": owner, "creation_time": clock()}
        if upload_id in sent:
            rows.append(about | _keep(store, job_id, sent[upload_id]))
        else:
            rows.append(about | _keep_again(store, job_id, name, earlier[name]))
        own[name] = write_reference(rows[-1]["id"])
    return Attached(parameters=parameters.model_copy(update=own), rows=rows)


def get_upload(job_id: str, upload_id: str, *, owner: str) -> Upload:
    """Return the row of a file of the owner's job; raises NotFoundError."""
    query = select(Upload).where(
        Upload.id == upload_id, Upload.job_id == job_id, Upload.owner.in_({owner, NOBODY})
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFoundError(NO_SUCH_UPLOAD)
    return found


def file_names(job_id: str) -> dict[str, str]:
    """Return what each file of a job was called, by the reference to it."""
    rows = db.session.execute(select(Upload.id, Upload.name).where(Upload.job_id == job_id))
    return {write_reference(upload_id): name for upload_id, name in rows}


def known_jobs(job_ids: Collection[str]) -> set[str]:
    """Return those of the ids that a job has."""
    found = set(db.session.scalars(select(Job.id).where(Job.id.in_(job_ids))))
    db.session.rollback()
    return found


def _find_earlier(name: str, upload_id: str, owner: str) -> Upload:
    query = select(Upload).where(Upload.id == upload_id, Upload.owner.in_({owner, NOBODY}))
    found = db.session.scalar(query)
    if found is None:
        raise InvalidParametersError([FieldError(name=name, message=NO_SUCH_UPLOAD)])
    return found


def _keep(store: UploadStore, job_id: str, file: SentFile) -> dict[str, Any]:
    size = store.keep(job_id, file)
    return {"id": file.id, "name": file.name, "mime_type": file.mime_type, "size": size}


def _keep_again(store: UploadStore, job_id: str, name: str, earlier: Upload) -> dict[str, Any]:
    upload_id = new_id()
    try:
        store.keep_again(job_id, upload_id, earlier=store.find(str(earlier.job_id), earlier.id))
    except (NotFoundError, FileNotFoundError) as error:
        raise InvalidParametersError([FieldError(name=name, message=NO_SUCH_UPLOAD)]) from error
    return {
        "id": upload_id,
        "name": earlier.name,
        "mime_type": earlier.mime_type,
        "size": earlier.size,
    }
