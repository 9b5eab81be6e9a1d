"""The kinds of values that descriptions have, each with what is wrong with others."""

import re
from datetime import date
from datetime import datetime
from datetime import UTC
from typing import Annotated
from typing import Any

from pydantic import AfterValidator
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import StringConstraints

from portal.links import safe_href

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
NAMED_USER = re.compile(r"[a-z+]*://[^/?#]*@", re.IGNORECASE)
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
ORDER = re.compile(r"(\d{1,2})/((?:\d+(?:-\d+)?)?(?:[ ,]+\d+(?:-\d+)?(?![/\d]))*)\s*,?\s*")
DEEPEST = 29
CELLS_OF_ORDER_0 = 12
MOST_INTEGER = 2**63


class Described(BaseModel):
    """A table of a description: no other keys, and values of exactly these types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def _line(text: str) -> str:
    if CONTROL.search(text):
        raise ValueError("it has line breaks or control characters in it")
    return text


def _text(text: str) -> str:
    if CONTROL.search(text.replace("\n", " ").replace("\t", " ")):
        raise ValueError("it has control characters in it")
    return text


def _id(text: str) -> str:
    if not ID.fullmatch(text):
        raise ValueError("an id has up to 40 lower-case letters, digits and dashes")
    return text


def _field_name(text: str) -> str:
    if not FIELD_NAME.fullmatch(text):
        raise ValueError("a name has up to 40 letters, digits and underscores, a letter first")
    return text


def _web_address(text: str) -> str:
    if NAMED_USER.match(text):
        raise ValueError("leave the login out of the address: users store theirs in their account")
    if safe_href(text) != text or " " in text:
        raise ValueError("write a whole address, starting with https:// or http://, without space")
    return text


def _scalar(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("write a text or a number")  # noqa: TRY004 - what pydantic reads
    if isinstance(value, str):
        return _line(value)
    return check_size(value)


def check_size(number: float) -> float:
    """Refuse what no column of whole numbers holds; raises ValueError."""
    if not -MOST_INTEGER <= number < MOST_INTEGER:
        raise ValueError("the number is too large")
    return number


def _coverage(text: str) -> str:
    """Check a MOC as text (MOC 2.0, section 4.3.2): orders, each with its cells."""
    rest = text.strip()
    while rest:
        match = ORDER.match(rest)
        if match is None or int(match[1]) > DEEPEST:
            raise ValueError("coverage is a MOC as text, such as 4/12-15 6/31")
        cells = [int(one) for one in re.findall(r"\d+", match[2])]
        if any(cell >= CELLS_OF_ORDER_0 * 4 ** int(match[1]) for cell in cells):
            raise ValueError(f"order {match[1]} has no such cells")
        rest = rest[match.end() :]
    return text


def date_string(value: date) -> str:
    """Return a date of TOML, with a time or without one, as people write it: in UTC."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return value.isoformat()


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
    AfterValidator(_line),
]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=10_000), AfterValidator(_text)
]
Id = Annotated[str, AfterValidator(_id)]
FieldName = Annotated[str, AfterValidator(_field_name)]
WebAddress = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(_web_address)]
Scalar = Annotated[Any, AfterValidator(_scalar)]
Coverage = Annotated[str, StringConstraints(max_length=1_000_000), AfterValidator(_coverage)]
