"""What the address of the tables of a service asks for: which tables, or which one."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from werkzeug.datastructures import MultiDict

from portal.parameters import Parameters
from portal.plugins.catalogue import PLACES
from portal.plugins.catalogue import TableFilter

LONGEST_TEXT = 200
LONGEST_NAME = 1_000
MOST_WORDS = 10
TABS = ("tables", "service", "examples", "hints")
SORTS = ("name", "datatype", "unit", "ucd", "description", "indexed")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableAddress:
    """The query string of a page about the tables of a service.

    `values` are those of the query's form that say which service it is, `q` are words, of
    which all must occur, or one with `any_word`, in one of `places`. `sort` is the name of a
    property of columns, with a minus before it for the other way round. `job` reads the
    service for this page.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    tab: str = TABS[0]
    q: str = ""
    any_word: bool = False
    places: tuple[str, ...] = PLACES
    schema: str | None = None
    table: str | None = None
    sort: str = ""
    page: int = 1
    job: str = ""

    @classmethod
    def read(cls, arguments: MultiDict[str, str], model: type[Parameters]) -> "TableAddress":
        """Read a query string; what makes no sense is as if it were not there."""
        names = {name.casefold(): name for name in model.model_fields}
        given = [(names.get(name.casefold()), text) for name, text in arguments.items(multi=True)]
        places = tuple(place for place in PLACES if place in arguments.getlist("in"))
        tab, sort = arguments.get("tab", ""), arguments.get("sort", "")
        return cls(
            values={name: _clean(text, LONGEST_NAME * 2) for name, text in given if name and text},
            tab=tab if tab in TABS else TABS[0],
            q=_clean(arguments.get("q", ""), LONGEST_TEXT),
            any_word=arguments.get("any") == "1",
            places=places or PLACES,
            schema=_name(arguments, "schema"),
            table=_name(arguments, "table"),
            sort=sort if sort.removeprefix("-") in SORTS else "",
            page=max(1, arguments.get("page", 1, type=int)),
            job=arguments.get("job", "")[:100],
        )

    def arguments(self, **changes: Any) -> dict[str, Any]:
        """Return the query string of this page, or of another one of the same service."""
        own = {
            "tab": "" if self.tab == TABS[0] else self.tab,
            "q": self.q,
            "any": "1" if self.any_word else "",
            "in": [] if self.places == PLACES else list(self.places),
            "schema": self.schema,
            "table": self.table,
            "sort": self.sort,
            "page": self.page if self.page > 1 else "",
            "job": self.job,
        }
        asked = {**self.values, **own, **changes}
        return {name: value for name, value in asked.items() if value not in ("", None, [])}

    def service(self, **more: Any) -> dict[str, Any]:
        """Return the query string that names the service only, and what is added to it."""
        return {**self.values, **more}

    def filter(self) -> TableFilter:
        """Return which tables are asked for."""
        return TableFilter(
            words=tuple(self.q.split()[:MOST_WORDS]),
            any_word=self.any_word,
            places=self.places,
            schema=self.schema,
        )


def _name(arguments: MultiDict[str, str], name: str) -> str | None:
    """Return the name of a schema or table; an empty schema is the one without a name."""
    return _clean(arguments[name], LONGEST_NAME) if name in arguments else None


def _clean(text: str, longest: int) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode().strip()[:longest]
