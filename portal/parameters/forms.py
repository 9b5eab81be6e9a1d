"""Form strings to models and back."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from portal.parameters.kinds import is_boolean
from portal.parameters.kinds import is_list
from portal.parameters.models import Parameters
from portal.problems import UsageError

PRESENT_SUFFIX = ".present"
WORDS = {
    "missing": "a value is needed here",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "int_parsing": "write a whole number",
    "int_from_float": "write a whole number",
    "float_parsing": "write a number",
    "finite_number": "write a finite number",
    "enum": "choose one of {expected}",
    "literal_error": "choose one of {expected}",
    "string_too_long": "is longer than {max_length:,} characters",
    "string_too_short": "needs at least {min_length:,} characters",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """What is wrong with one parameter, in words for the person who typed it."""

    name: str
    message: str


class InvalidParametersError(UsageError):
    """One or more parameters cannot be used; `errors` has all of them at once."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Some values cannot be used"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        """Keep every error; the message joins them for places without a form."""
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{error.name}: {error.message}" for error in self.errors))


def read_form(model: type[Parameters], pairs: Iterable[tuple[str, str]]) -> Parameters:
    """Turn form strings into a model.

    Names are case-folded, an empty string is an absent value, repeated names make a list,
    and a box that was shown (`<name>.present`) but not sent was unticked. Raises
    InvalidParametersError with every error at once.
    """
    names = {name.casefold(): name for name in model.model_fields}
    given: dict[str, list[str]] = {}
    unknown: list[FieldError] = []
    for sent_name, value in pairs:
        folded = sent_name.casefold()
        if folded.endswith(PRESENT_SUFFIX):
            given.setdefault(names.get(folded.removesuffix(PRESENT_SUFFIX), sent_name), [])
        elif folded not in names:
            unknown.append(FieldError(name=sent_name, message="there is no such parameter"))
        elif value.strip():
            given.setdefault(names[folded], []).append(value)
    try:
        values = {
            name: _read_values(model.model_fields[name], sent)
            for name, sent in given.items()
            if sent or is_boolean(model.model_fields[name])
        }
        parameters = model.model_validate(values)
    except ValidationError as error:
        raise InvalidParametersError([*unknown, *_field_errors(error)]) from error
    if unknown:
        raise InvalidParametersError(unknown)
    return parameters


def write_form(parameters: Parameters) -> list[tuple[str, str]]:
    """Turn a model into name and string pairs that `read_form` reads back to an equal model."""
    return [(name, _write_value(one)) for name, value in parameters for one in _as_list(value)]


def write_defaults(model: type[Parameters]) -> list[tuple[str, str]]:
    """Return what an untouched form holds: the defaults, as name and string pairs."""
    return [
        (name, _write_value(value))
        for name, info in model.model_fields.items()
        if not info.is_required()
        for value in _as_list(info.get_default(call_default_factory=True))
    ]


def _read_values(info: FieldInfo, sent: list[str]) -> Any:
    if is_boolean(info):
        return bool(sent) and sent[-1].strip().casefold() not in ("false", "0", "no", "off")
    return sent if is_list(info) else sent[-1]


def _as_list(value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list | tuple) else (value,)


def _write_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return str(value.value)
    return repr(value) if isinstance(value, float) else str(value)


def _field_errors(error: ValidationError) -> list[FieldError]:
    return [
        FieldError(
            name=str(one["loc"][0]) if one["loc"] else "form",
            message=_message(one["type"], one["msg"], one.get("ctx", {})),
        )
        for one in error.errors(include_url=False)
    ]


def _message(kind: str, message: str, context: Mapping[str, Any]) -> str:
    """Say it in our words where we have some."""
    words = WORDS.get(kind)
    return words.format(**context) if words else message.removeprefix("Value error, ")
