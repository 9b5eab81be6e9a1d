"""What is wrong with parameters, in words for the person or the program that sent them."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError

from portal.parameters.models import Parameters
from portal.problems import UsageError

WHOLE = "form"
WORDS = {
    "json_invalid": "a text is no valid Unicode",
    "missing": "a value is needed here",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "int_parsing": "write a whole number",
    "int_from_float": "write a whole number",
    "int_type": "write a whole number",
    "float_parsing": "write a number",
    "float_type": "write a number",
    "finite_number": "write a finite number",
    "bool_parsing": "write true or false",
    "bool_type": "write true or false",
    "string_type": "write a text",
    "list_type": "give a list",
    "tuple_type": "give a list",
    "enum": "choose one of {expected}",
    "literal_error": "choose one of {expected}",
    "string_too_long": "is longer than {max_length:,} characters",
    "string_too_short": "needs at least {min_length:,} characters",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """What is wrong with one parameter; `index` says with which of its values, if with one.

    What is wrong with several together is said of WHOLE.
    """

    name: str
    message: str
    index: int | None = None

    @property
    def pointer(self) -> str:
        """The JSON pointer (RFC 6901) to it in the object of all parameters."""
        if self.name == WHOLE:
            return ""
        name = self.name.replace("~", "~0").replace("/", "~1")
        return f"/{name}" if self.index is None else f"/{name}/{self.index}"


class OfFieldError(ValueError):
    """What a check of several parameters finds wrong with one of them."""

    def __init__(self, name: str, message: str) -> None:
        """Keep the name of the parameter; the message goes on after it."""
        super().__init__(message)
        self.name = name


class InvalidParametersError(UsageError):
    """One or more parameters cannot be used; `errors` has all of them at once."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Some values cannot be used"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        """Keep every error; the message joins them for places without a form."""
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{error.name}: {error.message}" for error in self.errors))

    def problem(self) -> dict[str, Any]:
        """Return the error as a problem document, each wrong parameter with its place."""
        errors = [
            {"name": one.name, "pointer": f"/parameters{one.pointer}", "detail": one.message}
            for one in self.errors
        ]
        return super().problem() | {"valid": False, "errors": errors}


def checked(validate: Callable[[], Parameters], errors: Sequence[FieldError]) -> Parameters:
    """Return what `validate` makes; raises InvalidParametersError with its errors and `errors`.

    What `errors` says of a parameter is all that is said of it.
    """
    said = {one.name for one in errors}
    try:
        parameters = validate()
    except ValidationError as error:
        more = [one for one in _field_errors(error) if one.name not in said]
        raise InvalidParametersError([*errors, *more]) from error
    if errors:
        raise InvalidParametersError(errors)
    return parameters


def _field_errors(error: ValidationError) -> list[FieldError]:
    """Return one error for each value; of the alternatives of a type, the first speaks."""
    found: dict[tuple[str, int | None], FieldError] = {}
    for one in error.errors(include_url=False):
        cause = one.get("ctx", {}).get("error")
        name = cause.name if isinstance(cause, OfFieldError) else WHOLE
        name = str(one["loc"][0]) if one["loc"] else name
        index = next((part for part in one["loc"][1:] if isinstance(part, int)), None)
        message = _message(one["type"], one["msg"], one.get("ctx", {}))
        found.setdefault((name, index), FieldError(name=name, message=message, index=index))
    return list(found.values())


def _message(kind: str, message: str, context: Mapping[str, Any]) -> str:
    """Say it in our words where we have some."""
    words = WORDS.get(kind)
    return words.format(**context) if words else message.removeprefix("Value error, ")
