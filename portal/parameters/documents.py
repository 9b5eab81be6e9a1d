"""JSON to models."""

import json
from collections.abc import Mapping
from typing import Any

from portal.parameters.errors import checked
from portal.parameters.errors import FieldError
from portal.parameters.models import Parameters
from portal.parameters.names import by_declared_name

EXACT = 2.0**53  # below it every whole float is one integer


def read_json(model: type[Parameters], values: Mapping[str, Any]) -> Parameters:
    """Turn a JSON object into a model, without coercion: "5" is no number.

    What the model's JSON Schema takes is read; 5.0 is a whole number there. Names match without
    regard to case. Raises InvalidParametersError with every error at once.
    """
    given, errors = by_declared_name(model, values.items())
    errors += [
        FieldError(name=name, message=fault)
        for name, sent in given.items()
        if (fault := _fault(sent))
    ]
    flat = {name: _whole(sent[-1]) for name, sent in given.items() if not _is_nested(sent[-1])}
    text = json.dumps(flat)
    return checked(lambda: model.model_validate_json(text, strict=True), errors)


def _fault(sent: list[Any]) -> str | None:
    if len(sent) > 1:
        return "is given more than once"
    return "give a value, or a list of values" if _is_nested(sent[-1]) else None


def _is_nested(value: Any) -> bool:
    """Say whether a value is more than a model can hold; it may be too deep to be looked into."""
    inside = value if isinstance(value, list) else [value]
    return any(isinstance(one, list | dict) for one in inside)


def _whole(value: Any) -> Any:
    """Write whole numbers without a fraction (JSON Schema 2020-12, section 4.2.3)."""
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return int(value)
    return value
