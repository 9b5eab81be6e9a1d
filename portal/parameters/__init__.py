"""Parameters of a job: one pydantic model, and its form strings, HTML fields and JSON Schema."""

from portal.parameters.fields import Choice
from portal.parameters.fields import form_fields
from portal.parameters.fields import FormField
from portal.parameters.fields import json_schema
from portal.parameters.forms import FieldError
from portal.parameters.forms import InvalidParametersError
from portal.parameters.forms import read_form
from portal.parameters.forms import write_defaults
from portal.parameters.forms import write_form
from portal.parameters.models import Adql
from portal.parameters.models import check_model
from portal.parameters.models import parameter
from portal.parameters.models import Parameters
from portal.parameters.models import Position
from portal.parameters.models import QueryParameters
from portal.parameters.models import ServiceUrl
from portal.parameters.position import parse_position

__all__ = [
    "Adql",
    "Choice",
    "FieldError",
    "FormField",
    "InvalidParametersError",
    "Parameters",
    "Position",
    "QueryParameters",
    "ServiceUrl",
    "check_model",
    "form_fields",
    "json_schema",
    "parameter",
    "parse_position",
    "read_form",
    "write_defaults",
    "write_form",
]
