"""Parameters of a job that is there already and gets other values."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from portal.db import db
from portal.parameters import change_form
from portal.parameters import change_json
from portal.parameters import FieldError
from portal.parameters import InvalidParametersError
from portal.parameters import Parameters
from portal.parameters import upload_names
from portal.uws.models import Job
from portal.uws.models import Parameter
from portal.uws.newjobs import described
from portal.uws.newjobs import write_parameters
from portal.uws.types import JobType


def set_parameters(
    job_type: JobType, job: Job, sent: Sequence[tuple[str, str]] | Mapping[str, Any]
) -> dict[str, Any]:
    """Write the new values, and return those of the job's row; does not commit.

    Raises InvalidParametersError, also where the job would come to have another file.
    """
    before = [(one.name, one.value) for one in job.parameters]
    if isinstance(sent, Mapping):
        parameters = change_json(job_type.parameters, before, sent)
    else:
        parameters = change_form(job_type.parameters, before, sent)
    _refuse_new_files(parameters, job)
    db.session.execute(db.delete(Parameter).where(Parameter.job_id == job.id))
    write_parameters(job.id, parameters)
    return described(job_type, parameters)


def _refuse_new_files(parameters: Parameters, job: Job) -> None:
    files = {name: getattr(parameters, name) for name in upload_names(type(parameters))}
    kept = {one.value for one in job.parameters if one.by_reference}
    wrong = [name for name, value in files.items() if value and value not in kept]
    if wrong:
        message = "a file is sent when the job is created; make a new job"
        raise InvalidParametersError([FieldError(name=name, message=message) for name in wrong])
