"""Parameters of a job: one pydantic model, and its form strings, HTML fields and JSON Schema."""

from portal.parameters.angles import write_degrees
from portal.parameters.angles import write_hours
from portal.parameters.angles import write_sexagesimal
from portal.parameters.checks import check_declaration
from portal.parameters.checks import check_model
from portal.parameters.checks import check_type_name
from portal.parameters.checks import NAME_LENGTH
from portal.parameters.checks import UWS_CONTROL_PARAMETERS
from portal.parameters.conditions import condition_of
from portal.parameters.conditions import is_met
from portal.parameters.documents import change_json
from portal.parameters.documents import read_json
from portal.parameters.errors import FieldError
from portal.parameters.errors import InvalidParametersError
from portal.parameters.errors import OfFieldError
from portal.parameters.examples import Example
from portal.parameters.examples import example_values
from portal.parameters.fields import Choice
from portal.parameters.fields import form_fields
from portal.parameters.fields import FormField
from portal.parameters.forms import change_form
from portal.parameters.forms import read_form
from portal.parameters.forms import write_defaults
from portal.parameters.forms import write_form
from portal.parameters.intervals import format_joule
from portal.parameters.intervals import format_mjd
from portal.parameters.intervals import Interval
from portal.parameters.intervals import MJD_OF_EPOCH
from portal.parameters.intervals import read_band
from portal.parameters.intervals import read_spectrum
from portal.parameters.intervals import read_time
from portal.parameters.intervals import read_times
from portal.parameters.models import Adql
from portal.parameters.models import check_text
from portal.parameters.models import names_in_order
from portal.parameters.models import parameter
from portal.parameters.models import Parameters
from portal.parameters.models import Position
from portal.parameters.models import QueryParameters
from portal.parameters.models import Region
from portal.parameters.models import ServiceUrl
from portal.parameters.position import find_coordinates
from portal.parameters.position import normalised_name
from portal.parameters.position import parse_position
from portal.parameters.region import parse_region
from portal.parameters.region import SkyRegion
from portal.parameters.schema import json_schema
from portal.parameters.uploads import read_reference
from portal.parameters.uploads import Upload
from portal.parameters.uploads import upload_names
from portal.parameters.uploads import write_reference

__all__ = [
    "MJD_OF_EPOCH",
    "NAME_LENGTH",
    "UWS_CONTROL_PARAMETERS",
    "Adql",
    "Choice",
    "Example",
    "FieldError",
    "FormField",
    "Interval",
    "InvalidParametersError",
    "OfFieldError",
    "Parameters",
    "Position",
    "QueryParameters",
    "Region",
    "ServiceUrl",
    "SkyRegion",
    "Upload",
    "change_form",
    "change_json",
    "check_declaration",
    "check_model",
    "check_text",
    "check_type_name",
    "condition_of",
    "example_values",
    "find_coordinates",
    "form_fields",
    "format_joule",
    "format_mjd",
    "is_met",
    "json_schema",
    "names_in_order",
    "normalised_name",
    "parameter",
    "parse_position",
    "parse_region",
    "read_band",
    "read_form",
    "read_json",
    "read_reference",
    "read_spectrum",
    "read_time",
    "read_times",
    "upload_names",
    "write_defaults",
    "write_degrees",
    "write_form",
    "write_hours",
    "write_reference",
    "write_sexagesimal",
]
