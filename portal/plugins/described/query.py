"""What queries that are described have in common, whatever their protocol."""

from abc import abstractmethod
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from requests import Session

from portal.parameters import Choice
from portal.parameters import condition_of
from portal.parameters import Example
from portal.parameters import is_met
from portal.parameters import QueryParameters
from portal.plugins.described.description import ExampleDescription
from portal.plugins.described.description import FieldDescription
from portal.plugins.described.description import QueryDescription
from portal.plugins.described.faults import Path
from portal.plugins.described.values import date_string
from portal.plugins.items import NUMBERS
from portal.plugins.types import DataItem
from portal.plugins.types import Query
from portal.tables import Column
from portal.tables import ResultTable

# What the columns of items are to whatever shows or follows them.
MEANINGS: Mapping[str, Mapping[str, str]] = {
    "access_url": {"ucd": "meta.ref.url", "utype": "obscore:Access.Reference"},
    "access_format": {"ucd": "meta.code.mime", "utype": "obscore:Access.Format"},
    "thumbnail": {"ucd": "meta.ref.url;meta.preview"},
    "s_ra": {"ucd": "pos.eq.ra;meta.main"},
    "s_dec": {"ucd": "pos.eq.dec;meta.main"},
}
WHOLE_NUMBERS = frozenset({"access_estsize"})


class DescribedQuery(Query):
    """A query with the words, fields, examples and items of a description."""

    def __init__(
        self, query_id: str, description: QueryDescription, parameters: type[QueryParameters]
    ) -> None:
        """Take over what was described; `parameters` is the model of its fields."""
        self.id = query_id
        self.title = description.title
        self.description = description.description
        self.documentation_url = description.documentation_url
        self.Parameters = parameters
        self.examples = tuple(map(_example, description.examples))
        self.described = description
        self._choices = {field.name: _choices(field) for field in description.fields}

    def choices(self, field_name: str) -> Sequence[Choice]:
        """Return what was described."""
        return self._choices.get(field_name, ())

    def given(self, parameters: Any) -> Iterable[tuple[Any, Any]]:
        """Go through the described fields that ask for something, with their values.

        Not those that others make meaningless. The value of a choice is what the description
        has, a text or a number.
        """
        for field in self.described.fields:
            if not parameters.is_asked(field.name):
                continue
            value = getattr(parameters, field.name)
            if field.choices:
                value = _chosen(field, value)
            if value is not None and value is not False and value not in ("", []):
                yield field, value

    def widest(self) -> dict[str, str] | None:
        """Return the form that narrows nothing down; None when a field has to be filled in.

        A default narrows, unless there is a choice that stands for any.
        """
        if any(field.required and field.default is None for field in self.described.fields):
            return None
        chosen: dict[str, str] = {}
        values: dict[str, Any] = {}
        for field in self.described.fields:
            info = self.Parameters.model_fields[field.name]
            widest = next((choice.text for choice in field.choices if choice.any), None)
            if widest is not None and is_met(condition_of(info), values):
                chosen[field.name] = widest
            values[field.name] = chosen.get(field.name, info.default)
        return chosen

    def job_title(self, parameters: Any) -> str:
        """Return the title of the query and what was filled in."""
        given = [
            f"{field.title or field.name} {_in_words(value)}".rstrip()
            for field, value in self.given(parameters)
        ]
        said = ", ".join(filter(None, [self.place(parameters), *given]))
        return f"{self.title}: {said}" if said else self.title

    def missing_at_service(self, http: Session) -> Iterable[tuple[Path, str]]:
        """Go through what the description names and the service has not; raises PortalError.

        A place is one in the block of the query.
        """
        return ()

    @abstractmethod
    def place(self, parameters: Any) -> str:
        """Return where on the sky is asked about, in words; empty for everywhere."""

    def with_meanings(self, table: ResultTable) -> ResultTable:
        """Return a result whose columns say what the description says of them."""
        known: dict[str, dict[str, str]] = {}
        for name, column in self.described.items.model_dump(exclude_none=True).items():
            known.setdefault(column.casefold(), {}).update(MEANINGS.get(name, {}))
        columns = tuple(replace(one, **known.get(one.name.casefold(), {})) for one in table.columns)
        return replace(table, columns=columns)

    def known_items(
        self, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]
    ) -> list[DataItem]:
        """Return one item per row, as far as its protocol says what the columns are."""
        return super().to_items(columns, rows)

    def to_items(
        self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]
    ) -> list[DataItem]:
        """Return one item per row, by the columns that the description names."""
        rows = list(rows)
        described = self.described.items.model_dump(exclude_none=True, exclude={"thumbnail"})
        names = {column.name.casefold(): column.name for column in columns}
        named = {
            name: names[column.casefold()]
            for name, column in described.items()
            if column.casefold() in names
        }
        items = self.known_items(columns, rows)
        return [
            replace(item, **_described_values(named, row))
            for item, row in zip(items, rows, strict=True)
        ]


def _described_values(named: Mapping[str, str], row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, column in named.items():
        value = row.get(column)
        is_number = isinstance(value, int | float)
        if value is None or value == "":
            continue
        if name in NUMBERS and is_number:
            found[name] = float(value)
        elif name in WHOLE_NUMBERS and is_number:
            found[name] = int(value)
        elif name not in NUMBERS | WHOLE_NUMBERS:
            found[name] = str(value)
    return found


def _choices(field: FieldDescription) -> tuple[Choice, ...]:
    return tuple(
        Choice(value=one.text, title=one.title or one.text, description=one.description)
        for one in field.choices
    )


def _chosen(field: FieldDescription, sent: Any) -> Any:
    """Return what the description has for what a form sent; None for a choice of any."""
    known = {one.text: None if one.any else one.value for one in field.choices}
    return [known[one] for one in sent] if isinstance(sent, list) else known.get(sent)


def _example(described: ExampleDescription) -> Example:
    return Example(
        title=described.title,
        description=described.description,
        parameters=form_strings(described.parameters),
    )


def form_strings(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of TOML as a form sends them."""
    return {name: _string(value) for name, value in values.items()}


def _string(value: Any) -> str | list[str]:
    if isinstance(value, list):
        return [str(_string(one)) for one in value]
    if isinstance(value, date):
        return date_string(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _in_words(value: Any) -> str:
    if value is True:  # a box that was ticked
        return ""
    return " or ".join(map(str, value)) if isinstance(value, list) else str(value)
