"""Operations of the JSON API: each says what it takes and answers, and is documented by that."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from typing import TypeVar

from flask import request
from pydantic import BaseModel
from pydantic import ValidationError

from portal.problems import UsageError

OPERATION = "portal_operation"

M = TypeVar("M", bound=BaseModel)
N = TypeVar("N", bound=BaseModel)
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What one address and method takes and answers.

    `bodies` are the models one of which a JSON body follows, `query` the model of what may
    stand behind a `?`.
    """

    summary: str
    tag: str
    answer: type[BaseModel] | None = None
    bodies: tuple[type[BaseModel], ...] = ()
    query: type[BaseModel] | None = None
    status: int = 200
    takes_etag: bool = False

    @property
    def answer_words(self) -> str:
        """What the answer is, in words."""
        words = (self.answer.__doc__ or "") if self.answer else ""
        return " ".join(words.split()) or "Done"


def operation(summary: str, *, tag: str, **options: Any) -> Callable[[View], View]:
    """Say of a view what it takes and answers, for the documentation."""

    def note(view: View) -> View:
        setattr(view, OPERATION, Operation(summary=summary, tag=tag, **options))
        return view

    return note


def operations(views: Mapping[str, Callable[..., Any]]) -> Iterator[tuple[str, Operation]]:
    """Go through the endpoints that say what they take."""
    for endpoint, view in views.items():
        if (found := getattr(view, OPERATION, None)) is not None:
            yield endpoint, found


def read_body(model: type[M]) -> M:
    """Return the JSON body; raises UsageError in one line for each of the first errors."""
    return _read(model, _sent_object())


def read_either(first: type[M], other: type[N]) -> M | N:
    """Return the JSON body as the first of two models that has the fields which were sent."""
    sent = _sent_object()
    if set(sent) <= set(other.model_fields) and not set(sent) <= set(first.model_fields):
        return _read(other, sent)
    return _read(first, sent)


def read_query(model: type[M]) -> M:
    """Return what stands behind the `?`; raises UsageError."""
    return _read(model, request.args.to_dict())


def _sent_object() -> dict[str, Any]:
    try:
        sent = request.get_json(silent=True)
    except RecursionError:  # nothing but brackets
        sent = None
    if not isinstance(sent, dict):
        raise UsageError("Send a JSON object.")
    return sent


def _read(model: type[M], sent: Mapping[str, Any]) -> M:
    try:
        return model.model_validate(sent)
    except ValidationError as error:
        raise UsageError(_words(error)) from None


def _words(error: ValidationError) -> str:
    """Write the first few errors in one line each."""
    found = [(".".join(map(str, one["loc"])), one["msg"]) for one in error.errors()[:5]]
    return "; ".join(f"{place}: {words}" if place else words for place, words in found)
