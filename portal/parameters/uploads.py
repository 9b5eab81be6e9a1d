"""Files as parameters: the value is a reference, and the file is kept beside the job."""

import re
from typing import Annotated
from typing import Any

from pydantic import AfterValidator
from pydantic import Field

from portal.parameters.kinds import schema_extra
from portal.parameters.models import EXTRA
from portal.parameters.models import Parameters

PREFIX = "upload:"
REFERENCE = rf"^{PREFIX}[0-9a-f]{{32}}$"
ACCEPTED = EXTRA + "upload"
ANY_MEDIA_TYPE = "*/*"


def upload_names(model: type[Parameters]) -> list[str]:
    """Return the names of the parameters whose values are files, in the order of the model."""
    return [name for name, info in model.model_fields.items() if ACCEPTED in schema_extra(info)]


def write_reference(upload_id: str) -> str:
    """Return the value of a parameter whose file is kept under that id."""
    return PREFIX + upload_id


def read_reference(value: str) -> str:
    """Return the id of the file that a value refers to."""
    return value.removeprefix(PREFIX)


def _check_reference(value: str) -> str:
    if not re.fullmatch(REFERENCE, value):
        raise ValueError("send a file")
    return value


_SCHEMA: dict[str, Any] = {"format": "uri", "pattern": REFERENCE, ACCEPTED: [ANY_MEDIA_TYPE]}
Upload = Annotated[str, Field(json_schema_extra=_SCHEMA), AfterValidator(_check_reference)]
