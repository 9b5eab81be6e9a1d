"""One page of a result as a template shows it: header, rows, tabs, links to its neighbours."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from functools import partial
from typing import Any

from jinja2 import Environment
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.routing import MapAdapter

from portal.plugins.registry import PluginRegistry
from portal.plugins.types import Renderer
from portal.plugins.types import RowAction
from portal.results.angles import in_sixties
from portal.results.cells import render_cells
from portal.results.chosen import read_rows
from portal.results.cuts import Cut
from portal.results.cuts import cut_of
from portal.results.opened import OpenResult
from portal.results.paging import page as page_of
from portal.results.paging import RowPage
from portal.results.paging import take
from portal.results.rendering import Link
from portal.results.rendering import link_href
from portal.results.rendering import render_view
from portal.results.sky.positions import find_position_columns
from portal.results.sorting import Sort
from portal.tables import Column

PAGE_SIZES = (25, 100, 500)
DEFAULT_SIZE = 100
TABLE = "table"
BoundAction = tuple[RowAction, RowAction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the address asks for; `view` is "" for whichever opens first.

    `rows` names the only rows to be shown, as `chosen` writes them; "" for all.
    """

    first: int
    size: int
    sort: Sort | None
    view: str
    rows: str = ""

    @classmethod
    def from_address(cls, arguments: MultiDict[str, str]) -> "Wish":
        """Read the query string; absurd values become the nearest sensible ones."""
        size = arguments.get("size", DEFAULT_SIZE, type=int)
        column = arguments.get("sort", "")
        ascending = arguments.get("order") != "desc"
        return cls(
            first=max(arguments.get("first", 0, type=int), 0),
            size=size if size in PAGE_SIZES else DEFAULT_SIZE,
            sort=Sort(column, ascending) if column else None,
            view=arguments.get("view", ""),
            rows=arguments.get("rows", ""),
        )

    def arguments(self, **changes: Any) -> dict[str, Any]:
        """Return the query string of this wish with some changes; defaults are left out."""
        ordered: dict[str, Any] = {}
        if self.sort:
            ordered = {"sort": self.sort.column}
            if not self.sort.ascending:
                ordered["order"] = "desc"
        here = {"first": self.first, "size": self.size, "view": self.view, "rows": self.rows}
        asked = here | ordered | changes
        usual = {"first": 0, "size": DEFAULT_SIZE, "view": "", "order": None, "sort": None}
        usual["rows"] = ""
        return {name: value for name, value in asked.items() if value != usual[name]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The head of one column: where its sort link leads, and what `aria-sort` says."""

    column: Column
    href: str | None
    direction: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: its number in natural order, its cells, and its actions as (title, URL)."""

    number: int
    cells: Markup
    actions: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultView:
    """Everything a page of a result shows.

    `all_rows` leads to the whole result where the address asks for some rows only.
    """

    headers: Sequence[Header]
    rows: Sequence[Row]
    first: int
    total: int
    all_rows: str | None
    arriving: bool
    cut: Cut | None
    has_actions: bool
    has_positions: bool
    pages: Mapping[str, str]
    sizes: Sequence[tuple[int, str]]
    tabs: Sequence[tuple[str, str, bool]]
    shown: int
    rendered: Markup | None


class ViewMaker:
    """Makes the view of one result for one request."""

    def __init__(
        self,
        registry: PluginRegistry,
        templates: Environment,
        opened: OpenResult,
        wish: Wish,
        *,
        urls: MapAdapter,
        address: Mapping[str, str],
        in_sixties: bool = False,
    ) -> None:
        """Take what the view depends on; `address` holds the job and the result's name.

        Positions are written in degrees, or `in_sixties`.
        """
        self._in_sixties = in_sixties
        self._registry = registry
        self._templates = templates
        self._urls = urls
        self._opened = opened
        self._wish = wish
        self._address = address
        self._chosen = read_rows(wish.rows) if wish.rows else None

    def make(self) -> ResultView:
        """Read the page of rows and lay it out; raises UsageError for an unknown column."""
        wish, opened = self._wish, self._opened
        arriving = opened.stored is None
        page = self._page()
        renderers = self._applicable_renderers()
        renderer = self._chosen_renderer(renderers)
        rendered = self._rendered(renderer, page) if renderer else None
        rows = self._rows(page, self._bound_actions()) if rendered is None else []
        return ResultView(
            headers=[self._header(column) for column in opened.columns],
            rows=rows,
            shown=len(page.row_numbers),
            first=wish.first,
            total=self._total,
            all_rows=self._url(rows="", first=0) if self._chosen else None,
            arriving=arriving,
            cut=_cut(opened),
            has_actions=any(row.actions for row in rows),
            has_positions=find_position_columns(opened.columns) is not None,
            pages=self._neighbours(),
            sizes=[(size, self._url(size=size, first=0)) for size in PAGE_SIZES],
            tabs=self._tabs(renderers, renderer if rendered is not None else None),
            rendered=rendered,
        )

    @property
    def _total(self) -> int:
        return self._opened.rows if self._chosen is None else len(self._chosen)

    def _page(self) -> RowPage:
        first, size = self._wish.first, self._wish.size
        if self._chosen is not None:
            return take(self._opened, self._chosen[first : first + size])
        return page_of(self._opened, first, size, sort=self._wish.sort)

    def _header(self, column: Column) -> Header:
        sort = self._wish.sort
        current = sort is not None and sort.column == column.name
        ascending = sort is not None and sort.ascending
        order = "desc" if current and ascending else None
        sortable = self._opened.stored is not None and self._chosen is None
        can_be_sorted = sortable and not column.is_array and "Complex" not in column.datatype
        return Header(
            column=in_sixties(column) if self._in_sixties else column,
            href=self._url(sort=column.name, order=order, first=0) if can_be_sorted else None,
            direction=("ascending" if ascending else "descending") if current else None,
        )

    def _rows(self, page: RowPage, actions: Sequence[BoundAction]) -> list[Row]:
        links = self._links(page, actions)
        cells = render_cells(page, in_sixties=self._in_sixties)
        numbers = page.row_numbers.tolist()
        return [
            Row(number=number, cells=cell, actions=links[index] if links else ())
            for index, (number, cell) in enumerate(zip(numbers, cells, strict=True))
        ]

    def _links(
        self, page: RowPage, actions: Sequence[BoundAction]
    ) -> list[list[tuple[str, str]]] | None:
        if not actions:
            return None
        rows = page.values.to_pylist()
        found: list[list[tuple[str, str]]] = [[] for _ in rows]
        none: Sequence[Link | None] = ()
        for action, bound in actions:
            links = self._registry.call(action, partial(_links_of, bound, rows), otherwise=none)
            for index, link in enumerate(links):
                if link is not None and (url := self._href(link)):
                    found[index].append((action.title, url))
        return found

    def _href(self, link: Link) -> str | None:
        return link_href(link, self._registry, self._urls)

    def _bound_actions(self) -> list[BoundAction]:
        """Return the actions for these rows, each with the one that answers for its plugin."""
        columns, header = self._opened.columns, cache(self._opened.header)
        found: list[BoundAction] = []
        none: RowAction | None = None
        for action in self._registry.row_actions:
            bind = partial(action.bind, columns, header)
            if (bound := self._registry.call(action, bind, otherwise=none)) is not None:
                found.append((action, bound))
        return found

    def _applicable_renderers(self) -> list[Renderer]:
        columns = self._opened.columns
        return [
            renderer
            for renderer in self._registry.renderers
            if self._registry.call(renderer, partial(renderer.can_render, columns), otherwise=False)
        ]

    def _chosen_renderer(self, renderers: Sequence[Renderer]) -> Renderer | None:
        wanted = self._wish.view
        fitting = (one for one in renderers if one.id == wanted or (one.preferred and not wanted))
        return next(fitting, None)

    def _rendered(self, renderer: Renderer, page: RowPage) -> Markup | None:
        rows = page.values.to_pylist()

        def render() -> Markup:
            variables = renderer.context(self._opened.columns, rows)
            return render_view(self._templates, renderer.template, variables, self._href)

        return self._registry.call(renderer, render, otherwise=None)

    def _tabs(
        self, renderers: Sequence[Renderer], chosen: Renderer | None
    ) -> list[tuple[str, str, bool]]:
        if not renderers:
            return []
        table = ("Table", self._url(view=TABLE), chosen is None)
        views = [(one.title, self._url(view=one.id), one is chosen) for one in renderers]
        return [*views, table] if renderers[0].preferred else [table, *views]

    def _neighbours(self) -> dict[str, str]:
        first, size, total = self._wish.first, self._wish.size, self._total
        last = max(0, (total - 1) // size * size)
        pages: dict[str, int] = {}
        if first > 0:
            pages |= {"first": 0, "previous": max(0, min(first - size, last))}
        if first + size < total:
            pages |= {"next": first + size, "last": last}
        return {key: self._url(first=target) for key, target in pages.items()}

    def _url(self, **changes: Any) -> str:
        values = {**self._address, **self._wish.arguments(**changes)}
        return self._urls.build("results.show", values)


def _links_of(action: RowAction, rows: Sequence[Mapping[str, Any]]) -> Sequence[Link | None]:
    return [action.link(row) for row in rows]


def _cut(opened: OpenResult) -> Cut | None:
    stored = opened.stored
    return cut_of(stored.infos) if stored is not None and stored.overflow else None
