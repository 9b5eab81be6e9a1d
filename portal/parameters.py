"""Parameters of a job: one pydantic model, and its form strings, HTML fields and JSON Schema."""

import math
import types
import typing
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Annotated
from typing import Any
from typing import Literal

from pydantic import AfterValidator
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from portal.problems import UsageError

MAX_TEXT = 100_000
PRESENT_SUFFIX = ".present"
UWS_CONTROL_PARAMETERS = frozenset(
    [
        "phase",
        "action",
        "runid",
        "destruction",
        "executionduration",
        "wait",
        "type",
        "jobtype",
        "basket",
    ]
)
FULL_CIRCLE = 360
POLE = 90
EXTRA = "x-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing a field offers: the value that is sent, and the words that are shown."""

    value: str
    title: str
    description: str = ""


class Parameters(BaseModel):
    """The parameters of one job type: a flat model of scalars, enums and lists of them.

    Names are matched without regard to case (DALI 1.1, section 2.1) and unknown names are
    refused, so that a misspelt parameter never silently changes what is asked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def parameter(
    default: Any = ...,
    *,
    title: str,
    description: str = "",
    unit: str | None = None,
    ucd: str | None = None,
    widget: str | None = None,
    placeholder: str | None = None,
    **constraints: Any,
) -> Any:
    """Declare a field of `Parameters`.

    `widget` is "textarea", "select", "radio" or "search" where the type does not say it;
    `constraints` are pydantic's (`ge`, `le`, `max_length`, ...).
    """
    extra = {"unit": unit, "ucd": ucd, "widget": widget, "placeholder": placeholder}
    return Field(
        default,
        title=title,
        description=description,
        json_schema_extra={EXTRA + key: value for key, value in extra.items() if value is not None},
        **constraints,
    )


class QueryParameters(Parameters):
    """The parameters of a query, to which every archive lets one add a row limit."""

    maxrec: int | None = Field(
        None,
        ge=0,
        title="Maximum number of rows",
        description="The result is marked as cut when there are more (DALI's MAXREC).",
    )


def _check_service_url(url: str) -> str:
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in ("http", "https") or not rest or any(c <= " " for c in url):
        raise ValueError("give the full address of the service, starting with http:// or https://")
    if "@" in rest.partition("/")[0]:
        raise ValueError("an address with a user name or password in it is not accepted")
    return url


def _check_adql(text: str) -> str:
    if not text.strip():
        raise ValueError("write a query first")
    return text


def _check_position(text: str) -> str:
    parse_position(text)
    return text


Adql = Annotated[
    str,
    Field(max_length=MAX_TEXT, json_schema_extra={"contentMediaType": "text/x-adql"}),
    AfterValidator(_check_adql),
]
ServiceUrl = Annotated[
    str,
    Field(max_length=2_000, json_schema_extra={"format": "uri"}),
    AfterValidator(_check_service_url),
]
Position = Annotated[
    str,
    Field(max_length=200, json_schema_extra={EXTRA + "kind": "position"}),
    AfterValidator(_check_position),
]


def parse_position(text: str) -> tuple[float, float]:
    """Return ICRS right ascension and declination, in degrees, of coordinates in any notation.

    Plain numbers are degrees ("180.5 -3.2"); sexagesimal right ascension is in hours
    ("12:02:00 -03:12:00", "12h02m -3d12m"). Raises ValueError when it cannot be read.
    """
    from astropy import units
    from astropy.coordinates import SkyCoord

    words = text.replace(",", " ").split()
    if len(words) == 2:  # noqa: PLR2004 - a pair of coordinates
        try:
            ra, dec = float(words[0]), float(words[1])
        except ValueError:
            pass
        else:
            if not (math.isfinite(ra) and 0 <= ra <= FULL_CIRCLE):
                raise ValueError("right ascension runs from 0 to 360 degrees")
            if not (math.isfinite(dec) and -POLE <= dec <= POLE):
                raise ValueError("declination runs from -90 to 90 degrees")
            return ra, dec
    try:
        position = SkyCoord(" ".join(words), unit=(units.hourangle, units.deg), frame="icrs")
    except ValueError as error:
        raise ValueError(
            "give right ascension and declination, such as 187.70 12.39 or 12:30:49 +12:23:28"
        ) from error
    return float(position.ra.deg), float(position.dec.deg)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One parameter as a form shows it; `kind` is the HTML control that fits its type."""

    name: str
    title: str
    kind: Literal["text", "number", "textarea", "checkbox", "select", "radio", "url", "search"]
    required: bool = False
    multiple: bool = False
    description: str = ""
    unit: str | None = None
    placeholder: str | None = None
    step: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Choice, ...] = ()


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
            if sent or _is_boolean(model.model_fields[name])
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


def form_fields(
    model: type[Parameters], choices: Mapping[str, Sequence[Choice]] | None = None
) -> tuple[FormField, ...]:
    """Return the fields of a model, in order, as a form shows them.

    `choices` gives the options of fields that the type itself does not enumerate.
    """
    offered = choices or {}
    return tuple(
        _form_field(name, info, tuple(offered.get(name, ())))
        for name, info in model.model_fields.items()
    )


def json_schema(model: type[Parameters]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a model's parameters."""
    schema = model.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def check_model(model: type[Parameters]) -> None:
    """Refuse a model with a parameter named like a UWS control parameter.

    Raises ValueError; names that differ by case only are refused as well.
    """
    folded = [name.casefold() for name in model.model_fields]
    reserved = UWS_CONTROL_PARAMETERS.intersection(folded)
    if reserved:
        raise ValueError(f"parameters may not be named {', '.join(sorted(reserved))}")
    if len(set(folded)) < len(folded):
        raise ValueError("two parameters have the same name but for case")


def _read_values(info: FieldInfo, sent: list[str]) -> Any:
    if _is_boolean(info):
        return bool(sent) and sent[-1].strip().casefold() not in ("false", "0", "no", "off")
    return sent if _is_list(info) else sent[-1]


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
            message=_message(one["type"], one["msg"]),
        )
        for one in error.errors(include_url=False)
    ]


def _message(kind: str, message: str) -> str:
    if kind == "missing":
        return "a value is needed here"
    return message.removeprefix("Value error, ")


def _form_field(name: str, info: FieldInfo, offered: tuple[Choice, ...]) -> FormField:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    bounds = {type(rule).__name__: rule for rule in info.metadata}
    kind = _bare_type(info)
    choices = offered or _enumerated(kind)
    return FormField(
        name=name,
        title=info.title or name,
        description=info.description or "",
        kind=extra.get(EXTRA + "widget") or _control(kind, extra, choices),  # type: ignore[arg-type]
        required=info.is_required(),
        multiple=_is_list(info),
        unit=_text(extra.get(EXTRA + "unit")),
        placeholder=_text(extra.get(EXTRA + "placeholder")),
        step={int: "1", float: "any"}.get(kind),
        minimum=_bound(bounds, "Ge", "ge"),
        maximum=_bound(bounds, "Le", "le"),
        choices=choices,
    )


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
    if extra.get("contentMediaType") == "text/x-adql":
        return "textarea"
    return "url" if extra.get("format") == "uri" else "text"


def _enumerated(kind: Any) -> tuple[Choice, ...]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return tuple(Choice(value=str(one.value), title=str(one.value)) for one in kind)
    if typing.get_origin(kind) is Literal:
        return tuple(Choice(value=str(one), title=str(one)) for one in typing.get_args(kind))
    return ()


def _bare_type(info: FieldInfo) -> Any:
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


def _is_list(info: FieldInfo) -> bool:
    kind: Any = info.annotation
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        kind = next(one for one in typing.get_args(kind) if one is not type(None))
    return typing.get_origin(kind) in (list, tuple)


def _is_boolean(info: FieldInfo) -> bool:
    return _bare_type(info) is bool
