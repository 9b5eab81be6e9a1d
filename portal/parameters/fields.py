"""The fields of a model as an HTML form shows them."""

import typing
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from enum import Enum
from functools import lru_cache
from typing import Any
from typing import Literal

from portal.parameters.conditions import Condition
from portal.parameters.conditions import condition_of
from portal.parameters.kinds import bare_type
from portal.parameters.kinds import inner_fields
from portal.parameters.kinds import is_list
from portal.parameters.kinds import schema_extra
from portal.parameters.models import EXTRA
from portal.parameters.models import names_in_order
from portal.parameters.models import Parameters
from portal.parameters.uploads import ACCEPTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing a field offers: the value that is sent, and the words that are shown."""

    value: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One parameter as a form shows it; `kind` is the HTML control that fits its type.

    `accept` are the media types of a file. `language` is "adql" where the text is a query. With
    `has_default`, an empty value stands for one, and not for nothing. `visible_if` are the values
    of other fields with which it has a meaning, which `visible_if_words` tells people.
    """

    name: str
    title: str
    kind: Literal[
        "text",
        "number",
        "textarea",
        "checkbox",
        "select",
        "radio",
        "url",
        "search",
        "password",
        "file",
        "hidden",
        "position",
        "coverage",
    ]
    required: bool = False
    has_default: bool = False
    multiple: bool = False
    description: str = ""
    unit: str | None = None
    placeholder: str | None = None
    step: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Choice, ...] = ()
    accept: tuple[str, ...] = ()
    language: str | None = None
    visible_if: Condition = field(default_factory=dict)
    visible_if_words: str = ""


def form_fields(
    model: type[Parameters], choices: Mapping[str, Sequence[Choice]] | None = None
) -> tuple[FormField, ...]:
    """Return the fields of a model, in order, as a form shows them.

    `choices` gives the options of fields that the type itself does not enumerate.
    """
    offered = choices or {}
    fields = {
        name: _form_field(model, name, tuple(offered.get(name, ())))
        for name in names_in_order(model)
    }
    return tuple(_with_words(one, fields) if one.visible_if else one for one in fields.values())


@lru_cache(maxsize=4096)
def _form_field(model: type[Parameters], name: str, offered: tuple[Choice, ...]) -> FormField:
    info = model.model_fields[name]
    said = [info, *inner_fields(info.annotation)]
    extra = schema_extra(info)
    bounds = {type(rule).__name__: rule for one in reversed(said) for rule in one.metadata}
    kind = bare_type(info)
    choices = offered or _enumerated(kind)
    return FormField(
        name=name,
        title=info.title or name,
        description=info.description or "",
        kind=extra.get(EXTRA + "widget") or _control(kind, extra, choices),  # type: ignore[arg-type]
        required=info.is_required(),
        has_default=info.default is not None and not info.is_required(),
        multiple=is_list(info),
        unit=_text(extra.get(EXTRA + "unit")),
        placeholder=_text(extra.get(EXTRA + "placeholder")),
        step={int: "1", float: "any"}.get(kind),
        minimum=_bound(bounds, "Ge", "ge"),
        maximum=_bound(bounds, "Le", "le"),
        choices=choices,
        accept=tuple(extra.get(ACCEPTED, ())),
        language="adql" if _is_adql(extra) else None,
        visible_if=condition_of(info),
    )


def _with_words(conditional: FormField, fields: Mapping[str, FormField]) -> FormField:
    """Return a field that says, in the words of the form, with what it has a meaning."""
    said = []
    for name, values in conditional.visible_if.items():
        titles = {choice.value: choice.title for choice in fields[name].choices}
        said.append(f"{fields[name].title}: {', '.join(titles.get(one, one) for one in values)}")
    return replace(conditional, visible_if_words="; ".join(said))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _bound(bounds: Mapping[str, Any], rule: str, name: str) -> float | None:
    return getattr(bounds[rule], name) if rule in bounds else None


def _control(kind: Any, extra: Mapping[str, Any], choices: tuple[Choice, ...]) -> str:
    if kind is bool:
        return "checkbox"
    if choices:
        return "select"
    if kind in (int, float):
        return "number"
    if ACCEPTED in extra:
        return "file"
    if _is_adql(extra):
        return "textarea"
    is_position = extra.get(EXTRA + "kind") == "position"
    return "position" if is_position else "url" if extra.get("format") == "uri" else "text"


def _is_adql(extra: Mapping[str, Any]) -> bool:
    return extra.get("contentMediaType") == "text/x-adql"


def _enumerated(kind: Any) -> tuple[Choice, ...]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return tuple(Choice(value=str(one.value), title=str(one.value)) for one in kind)
    if typing.get_origin(kind) is Literal:
        return tuple(Choice(value=str(one), title=str(one)) for one in typing.get_args(kind))
    return ()
