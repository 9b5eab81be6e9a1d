"""The JSON Schema of a model: what programs read to know what a job type takes."""

from typing import Any

from pydantic.fields import FieldInfo

from portal.parameters.kinds import is_list
from portal.parameters.kinds import is_text
from portal.parameters.models import EXTRA
from portal.parameters.models import names_in_order
from portal.parameters.models import Parameters

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(model: type[Parameters]) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a model's parameters.

    Units, UCDs and the order of a form are `x-unit`, `x-ucd` and `x-order`. The name and the
    docstring of the class are left out: they are no part of what is declared.
    """
    schema = model.model_json_schema()
    properties = schema.get("properties", {})
    ordered = {
        name: {**_least(model.model_fields[name]), **properties[name], EXTRA + "order": place}
        for place, name in enumerate(names_in_order(model), start=1)
    }
    kept = {key: value for key, value in schema.items() if key not in ("title", "description")}
    return {"$schema": DIALECT, **kept, "properties": ordered}


def _least(info: FieldInfo) -> dict[str, Any]:
    """Return what follows from an empty text or list being an absent value."""
    if not info.is_required():
        return {}
    if is_list(info):
        return {"minItems": 1}
    return {"minLength": 1} if is_text(info) else {}
