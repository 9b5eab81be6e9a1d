"""What the annotation of a field says of one of its values."""

import types
import typing
from typing import Annotated
from typing import Any

from pydantic.fields import FieldInfo


def bare_type(info: FieldInfo) -> Any:
    """Return the type of one value: without None, without the list around it."""
    kind: Any = info.annotation
    while True:
        origin = typing.get_origin(kind)
        if origin is Annotated or origin in (list, tuple):
            kind = typing.get_args(kind)[0]
        elif origin in (typing.Union, types.UnionType):
            kind = next(one for one in typing.get_args(kind) if one is not type(None))
        else:
            return kind


def inner_fields(annotation: Any) -> list[FieldInfo]:
    """Return what is said about the type inside "X | None" and "list[X]"."""
    if typing.get_origin(annotation) is Annotated:
        return [one for one in annotation.__metadata__ if isinstance(one, FieldInfo)]
    return [field for one in typing.get_args(annotation) for field in inner_fields(one)]


def schema_extra(info: FieldInfo) -> dict[str, Any]:
    """Return what a field adds to its JSON Schema; what is said nearest to its name counts."""
    return {
        key: value
        for one in reversed([info, *inner_fields(info.annotation)])
        if isinstance(one.json_schema_extra, dict)
        for key, value in one.json_schema_extra.items()
    }


def is_list(info: FieldInfo) -> bool:
    """Say whether a field takes several values."""
    kind: Any = info.annotation
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        kind = next(one for one in typing.get_args(kind) if one is not type(None))
    return typing.get_origin(kind) in (list, tuple)


def is_boolean(info: FieldInfo) -> bool:
    """Say whether a field is a yes or no."""
    return bare_type(info) is bool


def is_text(info: FieldInfo) -> bool:
    """Say whether each value is free text."""
    return bare_type(info) is str
