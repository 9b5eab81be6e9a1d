"""What a job type declares: one flat pydantic model, its field helper and core types."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Annotated
from typing import Any

from pydantic import AfterValidator
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import field_validator
from pydantic import ValidationInfo

from portal.parameters.conditions import condition_of
from portal.parameters.conditions import EXTRA_KEY
from portal.parameters.conditions import is_met
from portal.parameters.position import check_position
from portal.parameters.region import check_region

MAX_TEXT = 100_000
MAX_REGION = 10_000
EXTRA = "x-"


class Parameters(BaseModel):
    """The parameters of one job type: a flat model of scalars, enums and lists of them.

    Names are matched without regard to case (DALI 1.1, section 2.1) and unknown names are
    refused, so that a misspelt parameter never silently changes what is asked. A model with
    `extra="allow"` takes any name and keeps what is sent, in order.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False
    )

    @field_validator("*")
    @classmethod
    def _can_be_kept(cls, value: Any) -> Any:
        for one in value if isinstance(value, list | tuple) else (value,):
            if isinstance(one, str):
                check_text(one)
        return value

    @field_validator("*")
    @classmethod
    def _is_asked(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse a value of a field that another one makes meaningless, unless it is the default.

        Only fields that come before it may do so.
        """
        field = cls.model_fields[info.field_name or ""]
        condition = condition_of(field)
        if condition and value != field.default and not is_met(condition, info.data):
            said = " and ".join(f"{name} {' or '.join(one)}" for name, one in condition.items())
            raise ValueError(f"is asked only with {said}")
        return value

    def is_asked(self, name: str) -> bool:
        """Say whether the other fields leave a meaning to this one (`visible_if`)."""
        return is_met(condition_of(type(self).model_fields[name]), dict(self))


def parameter(
    default: Any = ...,
    *,
    title: str,
    description: str = "",
    unit: str | None = None,
    ucd: str | None = None,
    widget: str | None = None,
    placeholder: str | None = None,
    accept: Sequence[str] | None = None,
    visible_if: Mapping[str, Sequence[str]] | None = None,
    **constraints: Any,
) -> Any:
    """Declare a field of `Parameters`.

    `widget` is "textarea", "select", "radio", "search", "hidden" or "coverage" (text, or a file
    with a MOC that becomes text) where the type does not say it;
    `accept` are the media types that a file (`Upload`) may have, for programs and for the
    browser's dialogue: what is sent may still be anything. `visible_if` names fields before this
    one and the values, as forms send them, with which it has a meaning; with others it is hidden
    and only its default is taken. `constraints` are pydantic's (`ge`, `le`, `max_length`, ...).
    """
    extra: dict[str, Any] = {
        "unit": unit,
        "ucd": ucd,
        "widget": widget,
        "placeholder": placeholder,
        "upload": None if accept is None else list(accept),
        EXTRA_KEY.removeprefix(EXTRA): visible_if and {k: list(v) for k, v in visible_if.items()},
    }
    return Field(
        default,
        title=title,
        description=description or None,
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


def names_in_order(model: type[Parameters]) -> list[str]:
    """Return the names as forms show them: what every query has comes after its own."""
    return sorted(model.model_fields, key=QueryParameters.model_fields.__contains__)


def check_text(text: str) -> str:
    """Refuse the one character that databases do not keep; for types of `extra` values too."""
    if "\0" in text:
        raise ValueError("may not contain the character U+0000")
    return text


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
    AfterValidator(check_position),
]
Region = Annotated[
    str,
    Field(max_length=MAX_REGION, json_schema_extra={EXTRA + "kind": "region"}),
    AfterValidator(check_region),
]
