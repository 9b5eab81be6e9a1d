"""Form strings to models and back."""

from collections.abc import Iterable
from collections.abc import Sequence
from enum import Enum
from typing import Any

from portal.parameters.errors import checked
from portal.parameters.errors import FieldError
from portal.parameters.kinds import bare_type
from portal.parameters.kinds import is_boolean
from portal.parameters.kinds import is_list
from portal.parameters.models import Parameters
from portal.parameters.names import by_declared_name
from portal.parameters.uploads import upload_names

PRESENT_SUFFIX = ".present"


def read_form(model: type[Parameters], pairs: Iterable[tuple[str, str]]) -> Parameters:
    """Turn form strings into a model.

    Names match without regard to case, and an empty string is an absent value. A list is
    several values; one of numbers may also be written with spaces (DALI 1.1, section 3). A box
    that was shown (`<name>.present`) but not sent was unticked. Of several files for a
    parameter the last counts: a form sends the one that it had, and then the one chosen now.
    Raises InvalidParametersError with every error at once.
    """
    boxes = {
        (name + PRESENT_SUFFIX).casefold(): name
        for name, info in model.model_fields.items()
        if is_boolean(info)
    }
    pairs = list(pairs)
    shown = {boxes[name.casefold()] for name, _ in pairs if name.casefold() in boxes}
    sent = [(name, value) for name, value in pairs if name.casefold() not in boxes]
    given, errors = by_declared_name(model, sent)
    values: dict[str, Any] = dict.fromkeys(shown, False)
    for name, strings in given.items():
        if filled := [string for string in strings if string.strip()]:
            values[name] = _read_strings(model, name, filled)
            if _is_ambiguous(model, name, filled):
                errors.append(FieldError(name=name, message="is given more than once"))
    return checked(lambda: model.model_validate(values), errors)


def change_form(
    model: type[Parameters], before: Iterable[tuple[str, str]], sent: Iterable[tuple[str, str]]
) -> Parameters:
    """Read what a form was, with the values of the names that are sent in place of the old ones.

    Raises InvalidParametersError.
    """
    sent = list(sent)
    named = {name.casefold() for name, _ in sent}
    kept = [(name, value) for name, value in before if name.casefold() not in named]
    return read_form(model, [*kept, *sent])


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


def _read_strings(model: type[Parameters], name: str, sent: list[str]) -> Any:
    info = model.model_fields.get(name)
    if info is None:
        return sent if len(sent) > 1 else sent[0]
    if is_list(info) and bare_type(info) in (int, float):
        return [word for string in sent for word in string.split()]
    if is_list(info):
        return sent
    return sent[-1].strip() if is_boolean(info) else sent[-1]


def _is_ambiguous(model: type[Parameters], name: str, sent: list[str]) -> bool:
    if len(set(sent)) == 1:
        return False
    info = model.model_fields.get(name)
    return info is not None and not is_list(info) and name not in upload_names(model)


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
