"""From described fields to the model that forms, jobs and programs read."""

import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date
from typing import Annotated
from typing import Any
from typing import Literal

from pydantic import AfterValidator
from pydantic import create_model
from pydantic import Field
from pydantic import ValidationError

from portal.parameters import check_model
from portal.parameters import parameter
from portal.parameters import QueryParameters
from portal.parameters import UWS_CONTROL_PARAMETERS
from portal.plugins.described.description import FieldDescription
from portal.plugins.described.faults import DescriptionError
from portal.plugins.described.faults import Faults
from portal.plugins.described.faults import is_it
from portal.plugins.described.faults import message_of
from portal.plugins.described.values import check_size
from portal.plugins.described.values import date_string

LONGEST = 500
CHOICE = "choice"
CHOICES = "choices"
PLAIN: Mapping[str, Any] = {
    "text": Annotated[str, Field(max_length=LONGEST)],
    "number": float,
    "integer": Annotated[int, AfterValidator(check_size)],
    "boolean": bool,
}
WITH_LIMITS = ("number", "integer")
DECISIVE = (CHOICE, CHOICES, "boolean")
# Names that pydantic keeps for itself, besides those of its methods.
PYDANTICS = re.compile(r"model_.*")


def form_model(
    fields: Sequence[FieldDescription],
    *,
    types: Mapping[str, Any],
    base: type[QueryParameters] = QueryParameters,
    faults: Faults,
) -> type[QueryParameters]:
    """Return `base` with the fields added to it.

    `types` are the annotations of types of fields that only a protocol knows. Raises
    DescriptionError with what is wrong, and with the `faults` of the query found before.
    """
    taken = {name.casefold() for name in base.model_fields} | UWS_CONTROL_PARAMETERS
    made: dict[str, Any] = {}
    for index, field in enumerate(fields):
        if field.name.casefold() in taken or hasattr(base, field.name):
            faults.add("fields", index, "name", message=f"the name {field.name} is already taken")
            continue
        taken.add(field.name.casefold())
        for name, message in _unknown_conditions(field, fields[:index]):
            faults.add("fields", index, "visible_if", name, message=message)
        try:
            made[field.name] = _definition(field, {**PLAIN, **types})
        except DescriptionError as error:
            faults.take(error, "fields", index)
    faults.close()
    return create_model("DescribedParameters", __base__=base, **made)


def _definition(field: FieldDescription, types: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return type and declaration of one field; raises DescriptionError."""
    faults = Faults()
    _check_consistency(field, types, faults)
    faults.close()
    kind = _annotation(field, types)
    limits = {"ge": field.minimum, "le": field.maximum}
    said: dict[str, Any] = {
        "title": field.title or field.name,
        "description": field.description,
        "unit": field.unit,
        "ucd": field.ucd,
        "placeholder": field.placeholder,
        "visible_if": _condition(field) or None,
        **{name: value for name, value in limits.items() if value is not None},
    }
    default = _checked(field, kind, said)
    if field.required and field.default is None:
        return kind, parameter(**said)
    return (kind if default is not None else kind | None), parameter(default, **said)


def _condition(field: FieldDescription) -> dict[str, list[str]]:
    """Return the values of other fields as a form sends them."""
    return {
        name: [str(one).lower() if isinstance(one, bool) else str(one) for one in values]
        for name, values in field.visible_if.items()
    }


def _unknown_conditions(
    field: FieldDescription, before: Sequence[FieldDescription]
) -> Iterator[tuple[str, str]]:
    """Go through the fields of a condition that cannot have the values that it wants."""
    known = {one.name: one for one in before if one.type in DECISIVE}
    for name, values in _condition(field).items():
        if name not in known:
            said = f"no field before this one is {name} and of a type with choices"
            yield name, f"{said}{is_it(name, known)}"
            continue
        offered = [one.text for one in known[name].choices] or ["true", "false"]
        for value in values:
            if value not in offered:
                yield name, f"{name} is never {value}{is_it(value, offered)}"


def _annotation(field: FieldDescription, types: Mapping[str, Any]) -> Any:
    if field.type not in (CHOICE, CHOICES):
        return types[field.type]
    one: Any = Literal.__getitem__(tuple(choice.text for choice in field.choices))
    return one if field.type == CHOICE else list.__class_getitem__(one)


def _check_consistency(field: FieldDescription, types: Mapping[str, Any], faults: Faults) -> None:
    known = (*types, CHOICE, CHOICES)
    offers = field.type in (CHOICE, CHOICES)
    if field.type not in known:
        said = f"there is no type {field.type}: it is {' or '.join(known)}"
        faults.add("type", message=f"{said}{is_it(field.type, known)}")
        return
    if PYDANTICS.fullmatch(field.name):
        faults.add("name", message=f"the name {field.name} is already taken")
    if offers and not field.choices:
        faults.add("type", message=f"the field {field.name} needs choices")
    if field.choices and not offers:
        faults.add("choices", message=f"fields of the type {field.type} have no choices")
    for name in ("minimum", "maximum"):
        if getattr(field, name) is not None and field.type not in WITH_LIMITS:
            faults.add(name, message=f"fields of the type {field.type} have no {name}")
    if field.required and field.visible_if:
        faults.add("required", message="a field that is not always there cannot be required")
    low, high = field.minimum, field.maximum
    if low is not None and high is not None and low > high:
        faults.add("maximum", message="the maximum is less than the minimum")
    _check_choices(field, faults)


def _check_choices(field: FieldDescription, faults: Faults) -> None:
    seen: set[str] = set()
    for index, choice in enumerate(field.choices):
        if not choice.text.strip() or choice.text != choice.text.strip():
            faults.add("choices", index, message="a choice needs a value without space around it")
        if choice.text in seen:
            faults.add("choices", index, message=f"the value {choice.text} is there twice")
        if choice.any and field.type == CHOICES:
            faults.add("choices", index, message="choosing nothing asks for any: leave this out")
        seen.add(choice.text)


def _checked(field: FieldDescription, kind: Any, said: Mapping[str, Any]) -> Any:
    """Return the default as the form's value; None where there is none."""
    default = {"boolean": False, CHOICES: []}.get(field.type)
    only: Any = {field.name: (kind, parameter(**said))}
    try:
        alone: Any = create_model("Field", __base__=QueryParameters, **only)
        check_model(alone)
    except ValueError as error:
        raise _fault("name", str(error)) from None
    if field.default is None:
        return default
    given = date_string(field.default) if isinstance(field.default, date) else field.default
    if field.type == CHOICE:
        given = str(given)
    if field.type == CHOICES:
        given = [str(one) for one in given] if isinstance(given, list) else given
    try:
        return getattr(alone.model_validate({field.name: given}, strict=True), field.name)
    except ValidationError as error:
        raise _fault("default", f"the default of {message_of(error)}") from None


def _fault(key: str, message: str) -> DescriptionError:
    faults = Faults()
    faults.add(key, message=message)
    return DescriptionError(faults.found)
