"""JSON to models."""

import json
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from pydantic.fields import FieldInfo

from portal.parameters.errors import checked
from portal.parameters.errors import FieldError
from portal.parameters.forms import read_form
from portal.parameters.kinds import is_list
from portal.parameters.kinds import is_text
from portal.parameters.models import Parameters
from portal.parameters.names import by_declared_name

ABSENT = object()
EXACT = 2.0**53  # below it every whole float is one integer


def read_json(model: type[Parameters], values: Mapping[str, Any]) -> Parameters:
    """Turn a JSON object into a model, without coercion: "5" is no number.

    What the model's JSON Schema takes is read; 5.0 is a whole number there. Names match without
    regard to case, and an empty text is an absent value, as in forms: a job keeps both alike.
    Raises InvalidParametersError with every error at once.
    """
    given, errors = by_declared_name(model, values.items())
    errors += [
        FieldError(name=name, message=fault)
        for name, sent in given.items()
        if (fault := _fault(sent))
    ]
    flat = {name: _whole(sent[-1]) for name, sent in given.items() if not _is_nested(sent[-1])}
    text = json.dumps(_filled(model, flat))
    return checked(lambda: model.model_validate_json(text, strict=True), errors)


def _filled(model: type[Parameters], values: Mapping[str, Any]) -> dict[str, Any]:
    tidied = {
        name: _without_blanks(value, model.model_fields.get(name)) for name, value in values.items()
    }
    return {name: value for name, value in tidied.items() if value is not ABSENT}


def _without_blanks(value: Any, info: FieldInfo | None) -> Any:
    """Return a value without its empty texts; ABSENT when a form would show no trace of it."""
    takes_text = info is None or is_text(info)
    takes_one = info is None or not is_list(info)
    if isinstance(value, list) and (info is None or is_list(info)):
        return [one for one in value if not (takes_text and _is_blank(one))] or ABSENT
    return ABSENT if takes_text and takes_one and _is_blank(value) else value


def _is_blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


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


def change_json(
    model: type[Parameters], before: Iterable[tuple[str, str]], values: Mapping[str, Any]
) -> Parameters:
    """Read what a form was, with the members of a JSON object in place of the old values.

    They are read without coercion. Raises InvalidParametersError.
    """
    named = {name.casefold() for name in values}
    was = read_form(model, before).model_dump(mode="json", exclude_none=True)
    kept = {name: value for name, value in was.items() if name.casefold() not in named}
    return read_json(model, {**kept, **values})
