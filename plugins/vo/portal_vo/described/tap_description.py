"""What the block of a query to a TAP service says, and what is checked when it is read."""

import re
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Annotated
from typing import Literal

from pydantic import AfterValidator
from pydantic import Field

from portal.plugins import AdqlError
from portal.plugins import check_table_name
from portal.plugins import ChoiceDescription
from portal.plugins import FieldDescription
from portal.plugins import Line
from portal.plugins import parse_adql
from portal.plugins import QueryDescription
from portal.plugins import quote_identifier
from portal_vo.described.near import RadiusDescription

AT_PLACE = re.compile(r"^Line \d+, column \d+: ")
DELIMITED = re.compile(r'"((?:[^"]|"")+)"')
DIRECTION = re.compile(r" (?:ASC|DESC)$", re.IGNORECASE)
INTERVALS = ("interval", "time", "band")
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
PATTERNS = ("contains", "starts with", "like")
OPERATORS = {
    "text": (*COMPARISONS, *PATTERNS),
    "choice": (*COMPARISONS, *PATTERNS),
    "number": COMPARISONS,
    "integer": COMPARISONS,
}


def _column(name: str) -> str:
    """Return the bare name of a column; whether it needs quotes is for the portal to know."""
    if name == "*":
        raise ValueError("name columns, or leave this out for all of them")
    bare = DELIMITED.fullmatch(name)
    name = bare[1].replace('""', '"') if bare else name
    quote_identifier(name)
    return name


def _order(name: str) -> str:
    if DIRECTION.search(name):
        raise ValueError("write a minus before the name for descending order, and nothing after it")
    return name[:1] + _column(name[1:]) if name.startswith("-") else _column(name)


def _condition(text: str) -> str:
    try:
        for whole in (text, f"({text})"):  # no parenthesis and no comment that reaches out of it
            parse_adql(f"SELECT a FROM t WHERE {whole}")  # noqa: S608 - it is read, not run
    except AdqlError as error:
        said = AT_PLACE.sub("", error.message)
        raise ValueError(f"it is no condition in ADQL: {said}") from error
    if "\n" in text:
        raise ValueError("write the condition on one line")
    return text.strip()


ColumnName = Annotated[Line, AfterValidator(_column)]
OrderName = Annotated[Line, AfterValidator(_order)]
Condition = Annotated[str, Field(max_length=2_000), AfterValidator(_condition)]
TableName = Annotated[Line, AfterValidator(check_table_name)]


class TapChoice(ChoiceDescription):
    """A choice; with a condition of its own, in place of a comparison with its value."""

    condition: Condition | None = None


class TapField(FieldDescription):
    """A field, and the column that its value is compared with."""

    column: ColumnName | None = None
    column_min: ColumnName | None = None
    column_max: ColumnName | None = None
    operator: Literal["=", "!=", "<", "<=", ">", ">=", "contains", "starts with", "like"] = "="
    condition: Condition | None = None
    time_format: Literal["mjd", "iso"] = "mjd"
    choices: Sequence[TapChoice] = Field([])

    def faults(self) -> Iterable[tuple[str, str]]:
        """Go through what does not fit together, by its key."""
        if self.type == "boolean":
            if self.condition is None:
                yield "name", f"{self.name} needs a condition, which counts when it is ticked"
        elif self.condition is not None:
            yield "condition", "only a field of the type boolean has a condition; choices have"
        elif self.operator not in OPERATORS.get(self.type, ("=",)):
            yield "operator", f"fields of the type {self.type} know no operator {self.operator}"
        if self.type in INTERVALS:
            if (self.column_min is None) != (self.column_max is None):
                yield "name", f"{self.name} needs both column_min and column_max"
        elif self.column_min or self.column_max:
            key = "column_min" if self.column_min else "column_max"
            yield key, f"fields of the type {self.type} have a column only"
        if self.type != "boolean" and self._lacks_column():
            yield "name", f"{self.name} needs the column that it is about"

    def _lacks_column(self) -> bool:
        stands_alone = self.choices and all(one.any or one.condition for one in self.choices)
        return not (self.column or self.column_min or stands_alone)


class TapCone(RadiusDescription):
    """The columns with right ascension and declination, ICRS degrees."""

    ra: ColumnName
    dec: ColumnName
    required: bool = False


class TapDescription(QueryDescription):
    """A query to one table of a TAP service."""

    table: TableName
    columns: list[ColumnName] = Field([])
    order_by: list[OrderName] = Field([])
    conditions: list[Condition] = Field([])
    cone: TapCone | None = None
    mode: Literal["automatic", "asynchronous", "synchronous"] = "automatic"
    fields: Sequence[TapField] = Field([], max_length=100)
