"""A plugin written only for the tests: an archive that succeeds and fails in every way."""

import threading
from collections.abc import Iterator
from typing import Literal

from portal.plugins import Archive
from portal.plugins import Choice
from portal.plugins import Column
from portal.plugins import EndedQuery
from portal.plugins import Example
from portal.plugins import ExternalLink
from portal.plugins import hookimpl
from portal.plugins import JobContext
from portal.plugins import NotFoundError
from portal.plugins import Page
from portal.plugins import PageLink
from portal.plugins import parameter
from portal.plugins import Parameters
from portal.plugins import Query
from portal.plugins import QueryLink
from portal.plugins import QueryParameters
from portal.plugins import Renderer
from portal.plugins import ResultTable
from portal.plugins import RowAction
from portal.plugins import ServiceError
from portal.plugins import Snippet
from portal.plugins import TransientError
from portal.plugins import UsageError

COLUMNS = (
    Column(name="name", arraysize="*", ucd="meta.id;meta.main", description="Name of the star"),
    Column(name="s_ra", datatype="double", unit="deg", ucd="pos.eq.ra;meta.main"),
    Column(name="s_dec", datatype="double", unit="deg", ucd="pos.eq.dec;meta.main"),
    Column(name="mag", datatype="float", unit="mag", ucd="phot.mag"),
    Column(name="access_url", arraysize="*", ucd="meta.ref.url"),
)


class StarsParameters(QueryParameters):
    """What the lab's stars can be asked."""

    rows: int = parameter(10, title="Rows", ge=0, le=2_000_000)
    how: Literal["well", "usage", "transient", "service", "crash", "cut", "hang"] = parameter(
        "well", title="How it goes"
    )
    survey: str | None = parameter(None, title="Survey")
    bright: bool = parameter(False, title="Bright stars only")


class Stars(Query):
    """Makes stars up."""

    id = "query.lab-stars"
    title = "Stars"
    description = "Made-up stars."
    Parameters = StarsParameters
    examples = (Example(title="Three stars", parameters={"rows": "3"}),)

    def text(self, parameters: StarsParameters) -> str:
        return f"{parameters.rows} stars"

    def in_adql(self, parameters: StarsParameters) -> QueryLink | None:
        match parameters.how:
            case "crash":
                raise ZeroDivisionError("secret detail")
            case "usage":
                raise UsageError("There is no such survey")
            case "service":
                return None
        return QueryLink(query_id="query.lab-sky", parameters={"counts": f"{parameters.rows} & 1"})

    def code(self, parameters: StarsParameters, *, maxrec: int) -> list[Snippet]:
        if parameters.how == "crash":
            raise ZeroDivisionError("secret detail")
        return [Snippet(tool="lab", title="Lab <tool>", text=f"stars {parameters.rows} < {maxrec}")]

    def choices(self, field_name: str) -> tuple[Choice, ...]:
        if field_name != "survey":
            return ()
        return (Choice(value="a", title="Survey A"), Choice(value="b", title="Survey B"))

    def run(self, parameters: StarsParameters, context: JobContext) -> ResultTable:
        match parameters.how:
            case "usage":
                raise UsageError("There is no such survey <b>here</b>")
            case "transient":
                raise TransientError("The lab is closed for lunch")
            case "service":
                raise ServiceError("The telescope fell over")
            case "crash":
                raise ZeroDivisionError("secret detail")
            case "hang":
                told = threading.Event()
                context.on_abort(told.set)
                told.wait(60)
                raise ServiceError("The lab was interrupted")
        table = ResultTable.from_rows(COLUMNS, rows(parameters.rows))
        if parameters.how == "cut":
            return ResultTable(columns=table.columns, batches=list(table.batches)[:-1])
        return table


def rows(number: int) -> Iterator[tuple[object, ...]]:
    """Make stars; every fifth has no magnitude, and the second one is hostile."""
    for index in range(number):
        name = "<img src=x onerror=alert(1)>" if index == 1 else f"Star {index}, lab"
        magnitude = None if index % 5 == 4 else 20 - index * 0.25
        url = "javascript:alert(1)" if index == 1 else f"http://lab.example/{index}.fits"
        yield name, float(index % 360), index % 90 - 45.0, magnitude, url


class SkyParameters(QueryParameters):
    """How many stars each part makes, and how it goes."""

    counts: list[int] = parameter([], title="Counts")
    how: Literal["well", "service"] = parameter("well", title="How the last one goes")


class WholeSky(Query):
    """Asks for stars several times, and counts them."""

    id = "query.lab-sky"
    title = "Whole sky"
    Parameters = SkyParameters
    local = True

    def text(self, parameters: SkyParameters) -> str:
        return " + ".join(map(str, parameters.counts))

    def parts(self, parameters: SkyParameters) -> list[QueryLink]:
        last = len(parameters.counts) - 1
        return [
            QueryLink(
                query_id="query.lab-stars",
                parameters={"rows": str(count), "how": parameters.how if at == last else "well"},
            )
            for at, count in enumerate(parameters.counts)
        ]

    def run(self, parameters: SkyParameters, context: JobContext) -> ResultTable:
        columns = (
            Column(name="asked", arraysize="*"),
            Column(name="phase", arraysize="*"),
            Column(name="rows", datatype="long"),
            Column(name="first", arraysize="*"),
            Column(name="error", arraysize="*"),
        )
        found = [
            (part.asked.parameters["rows"], part.phase, part.rows, first_name(part), part.error)
            for part in context.parts
        ]
        return ResultTable.from_rows(columns, found)


def first_name(part: EndedQuery) -> str | None:
    """Return the name in the first row of a part's table, read from the store."""
    if part.open is None:
        return None
    first, *_ = part.open().batches
    return str(first.column("name")[0].as_py())


class LookUp(RowAction):
    """Asks for as many stars as the row's position says."""

    id = "lab-again"
    title = "Stars from here"

    def applies(self, columns: tuple[Column, ...]) -> bool:
        return any(column.name == "mag" for column in columns)

    def link(self, row: dict[str, object]) -> QueryLink | ExternalLink | None:
        if row["s_ra"] == 2.0:
            return ExternalLink(url="https://lab.example/two")
        return QueryLink(query_id="query.lab-stars", parameters={"rows": str(row["s_ra"])})


class StarCards(Renderer):
    """Shows stars as cards."""

    id = "lab-cards"
    title = "Cards"
    template = "lab/cards.html"

    def can_render(self, columns: tuple[Column, ...]) -> bool:
        return any(column.name == "mag" for column in columns)

    def context(self, columns: object, rows: list[dict[str, object]]) -> dict[str, object]:
        return {"names": [row["name"] for row in rows]}


class CatalogueParameters(Parameters):
    """What the lab's catalogue is searched for."""

    words: str = parameter("", title="Words", widget="search", max_length=50)
    colour: Literal["red", "blue"] | None = parameter(None, title="Colour")
    brightest: float | None = parameter(None, title="Brightest", unit="mag", le=30)
    chosen: list[str] = parameter([], title="Chosen", widget="hidden")
    first: int = parameter(0, title="First", widget="hidden", ge=0)


class Catalogue(Page):
    """Says what it was asked, and fails on demand."""

    id = "catalogue"
    title = "Catalogue"
    description = "What the lab knows by heart."
    template = "lab/catalogue.html"
    Parameters = CatalogueParameters
    live = True

    def choices(self, field_name: str) -> tuple[Choice, ...]:
        return (Choice(value="red", title="Reddish"),) if field_name == "colour" else ()

    def context(self, parameters: CatalogueParameters) -> dict[str, object]:
        if parameters.words == "crash":
            raise ZeroDivisionError("secret detail")
        if parameters.words == "nothing":
            raise NotFoundError("The catalogue has no such entry.")
        entry = PageLink(archive_id="lab", page_id="entry", parameters={"name": "Vega & co"})
        return {
            "words": parameters.words,
            "chosen": parameters.chosen,
            "entry": entry,
            "nowhere": PageLink(archive_id="lab", page_id="none"),
            "summary": f"{len(parameters.words)} letters",
        }


class EntryParameters(Parameters):
    """Which entry."""

    name: str = parameter(title="Name", max_length=50)


class Entry(Page):
    """One entry, reached from the catalogue."""

    id = "entry"
    title = "Entry"
    template = "lab/entry.html"
    Parameters = EntryParameters
    linked = False

    def context(self, parameters: EntryParameters) -> dict[str, object]:
        return {"name": parameters.name}


@hookimpl
def portal_register_archives() -> list[Archive]:
    return [
        Archive(
            id="lab",
            title="The lab",
            description="An archive for tests.",
            institute="Nowhere",
            queries=(Stars(), WholeSky()),
            pages=(Catalogue(), Entry()),
        )
    ]


@hookimpl
def portal_register_row_actions() -> list[RowAction]:
    return [LookUp()]


@hookimpl
def portal_register_renderers() -> list[Renderer]:
    return [StarCards()]
