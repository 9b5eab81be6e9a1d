"""What is wrong with a description, and where."""

import re
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from difflib import get_close_matches
from typing import Any
from typing import get_args
from typing import TypeVar

from pydantic import BaseModel
from pydantic import ValidationError
from pydantic_core import ErrorDetails

Path = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)
WORDS = {
    "extra_forbidden": "there is no such key here",
    "missing": "it is missing",
    "string_type": "write a text",
    "int_type": "write a whole number",
    "float_type": "write a number",
    "bool_type": "write true or false",
    "list_type": "write a list, in [ ]",
    "dict_type": "write a table, in {{ }}",
    "model_type": "write a table, in {{ }}",
    "literal_error": "choose one of {expected}",
    "string_too_short": "it is empty",
    "string_too_long": "it is longer than {max_length} characters",
    "finite_number": "write a finite number",
    "greater_than_equal": "it must be at least {ge}",
    "greater_than": "it must be more than {gt}",
    "less_than_equal": "it must be at most {le}",
}
ALIKE = 0.62  # "table" is no "title"
OFFERED = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; `path` are the keys and indices that lead to it.

    What cannot be printed is left out of the message, which may repeat what was written.
    """

    path: Path
    message: str

    def __post_init__(self) -> None:
        """Make a line of the message."""
        line = "".join(filter(str.isprintable, self.message))
        object.__setattr__(self, "message", line)


class DescriptionError(Exception):
    """A description cannot be used; `faults` has everything that was found."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the faults; the message joins them."""
        self.faults = tuple(faults)
        super().__init__("; ".join(one.message for one in self.faults))


def fault_at(*path: str | int, message: str) -> DescriptionError:
    """Return the error for one thing."""
    return DescriptionError([Fault(path, message)])


def is_it(word: Any, known: Iterable[str]) -> str:
    """Return how a message goes on that names what a misspelt word may be meant for."""
    spelt = {one.casefold(): one for one in known}
    similar = get_close_matches(str(word).casefold(), spelt, n=1, cutoff=ALIKE)
    return f"; is it {spelt[similar[0]]}?" if similar else ""


class Faults:
    """Gathers what is wrong below one place, so that all of it is said at once."""

    def __init__(self, path: Path = ()) -> None:
        """Start with nothing wrong below `path`."""
        self._path = path
        self.found: list[Fault] = []

    def add(self, *path: str | int, message: str) -> None:
        """Note that something is wrong."""
        self.found.append(Fault((*self._path, *path), message))

    def take(self, error: DescriptionError, *path: str | int) -> None:
        """Note what was found below another place."""
        self.found += [Fault((*self._path, *path, *one.path), one.message) for one in error.faults]

    def read(self, model: type[M], raw: Any, *path: str | int) -> M | None:
        """Return a part of the document as its model; what is wrong is noted, and left out.

        None when too little is left.
        """
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            faults = [_with_suggestion(one, model) for one in _faults(error)]
            self.take(DescriptionError(faults), *path)
            return _rest(model, raw, faults)

    def close(self) -> None:
        """Raise DescriptionError when anything was wrong."""
        if self.found:
            raise DescriptionError(self.found)


def message_of(error: ValidationError) -> str:
    """Return what is wrong with a single value, after its name."""
    return _faults(error)[0].message


def _faults(error: ValidationError) -> Sequence[Fault]:
    return [
        Fault(one["loc"], f"{_key(one['loc'])}{_message(one)}")
        for one in error.errors(include_url=False)
    ]


def _with_suggestion(fault: Fault, model: type[BaseModel]) -> Fault:
    """Return a fault that names the key which an unknown one may be meant for."""
    if not fault.message.endswith(WORDS["extra_forbidden"]):
        return fault
    known = _keys_at(model, fault.path[:-1])
    return replace(fault, message=f"{fault.message}{is_it(fault.path[-1], known)}")


def _rest(model: type[M], raw: Any, faults: Sequence[Fault]) -> M | None:
    """Return what can be read without the keys that are wrong."""
    wrong = {fault.path[0] for fault in faults if fault.path}
    if not isinstance(raw, dict) or not wrong & raw.keys():
        return None
    try:
        return model.model_validate({key: raw[key] for key in raw.keys() - wrong})
    except ValidationError:
        return None


def _keys_at(model: type[BaseModel] | None, path: Path) -> Sequence[str]:
    """Return the keys that there are at a place."""
    for key in path:
        if isinstance(key, str) and model is not None:
            info = model.model_fields.get(key)
            model = None if info is None else _model_in(info.annotation)
    return () if model is None else tuple(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inside = (_model_in(one) for one in get_args(annotation))
    return next((one for one in inside if one is not None), None)


def _key(path: Path) -> str:
    """Return the name of what is wrong, as it comes before the words."""
    names = [part for part in path if isinstance(part, str) and part != "[key]"]
    return f"{names[-1]}: " if names else ""


def _message(error: ErrorDetails) -> str:
    words, context = WORDS.get(error["type"]), error.get("ctx", {})
    if words is None:
        return error["msg"].removeprefix("Value error, ")
    offered = OFFERED.findall(context["expected"]) if error["type"] == "literal_error" else ()
    return words.format(**context) + is_it(error["input"], offered)
