"""The query of all archives: what it takes, a job for each archive, and one table of all."""

import math
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import pyarrow as pa
from pydantic import AfterValidator
from pydantic import Field

from portal.parameters import find_coordinates
from portal.parameters import Interval
from portal.parameters import parameter
from portal.parameters import Position
from portal.parameters import QueryParameters
from portal.parameters import read_band
from portal.parameters import read_time
from portal.plugins.cone import Cone
from portal.plugins.http import HttpPolicy
from portal.plugins.http import open_session
from portal.plugins.links import QueryLink
from portal.plugins.merging import merge_parts
from portal.plugins.merging import PartOrigin
from portal.plugins.multi.duplicates import Duplicates
from portal.plugins.multi.obscore import as_obscore
from portal.plugins.multi.targets import ask
from portal.plugins.multi.targets import CannotAnswerError
from portal.plugins.multi.targets import check_coverage
from portal.plugins.multi.targets import list_targets
from portal.plugins.multi.targets import Pairs
from portal.plugins.multi.targets import Target
from portal.plugins.multi.targets import written_form
from portal.plugins.parts import EndedQuery
from portal.plugins.registry import PluginRegistry
from portal.plugins.resolving import resolve
from portal.plugins.types import JobContext
from portal.plugins.types import Query
from portal.problems import UsageError
from portal.tables import Column
from portal.tables import ResultTable
from portal.tables import TableEnd

QUERY_ID = "query.multi"
WIDEST = 90
MOST_TARGETS = 100
MOST_ROWS = 1_000_000
LEADING = (
    Column(
        name="archive", arraysize="*", ucd="meta.curation", description="Which archive it is of"
    ),
    Column(name="dataset", arraysize="*", description="Which of its data sets or queries"),
)


def _checked(read: Callable[[str], Interval]) -> Callable[[str], str]:
    def check(text: str) -> str:
        read(text)
        return text

    return check


class MultiParameters(QueryParameters):
    """Where, how wide, when, and which archives."""

    position: Position = parameter(
        title="Position",
        description="Coordinates in any notation, or the name of an object",
        placeholder="187.70 12.39, 12:30:49 +12:23:28 or M 87",
        ucd="pos.eq",
    )
    name: str | None = parameter(
        None, title="Name", description="Of what is there", widget="hidden", max_length=200
    )
    radius: float = parameter(
        0.1, title="Radius", unit="deg", ucd="pos.angDistance", gt=0, le=WIDEST
    )
    band: Annotated[str, Field(max_length=200), AfterValidator(_checked(read_band))] | None = (
        parameter(
            None,
            title="Band",
            description="A wavelength, frequency or energy, or two for an interval",
            placeholder="21 cm, 400 700 nm or > 2 keV",
            ucd="em.wl",
        )
    )
    time: Annotated[str, Field(max_length=200), AfterValidator(_checked(read_time))] | None = (
        parameter(
            None,
            title="Time",
            description="A day, or an interval; ISO dates in UTC, or MJD",
            placeholder="2019-07-01 2019-12-31",
            ucd="time",
        )
    )
    archives: list[Annotated[str, Field(max_length=200)]] = parameter(
        [],
        title="Archives and data sets",
        description="Such as astron or astron/lotss-dr1; without any, all that can answer",
        max_length=MOST_TARGETS,
    )
    rows: int = parameter(1_000, title="Rows of each", description="At most", ge=1, le=MOST_ROWS)


class MultiQuery(Query):
    """Ask all archives, or some, what they have near a place."""

    id = QUERY_ID
    title = "Search all archives"
    description = "What archives have near a place, each asked by a job of its own."
    Parameters = MultiParameters
    hidden = True  # it has a page of its own
    local = True

    def __init__(self, registry: PluginRegistry) -> None:
        """Keep who knows the archives and the names of objects."""
        self._registry = registry

    def job_title(self, parameters: MultiParameters) -> str:
        """Return the place."""
        return f"Around {parameters.name or parameters.position}, {parameters.radius:g} deg"

    def text(self, parameters: MultiParameters) -> str:
        """Return in words what every archive is asked."""
        found = find_coordinates(parameters.position)
        place = parameters.position if found is None else "{:.6f} {:+.6f}".format(*found)
        named = f" ({parameters.name})" if parameters.name else ""
        lines = [f"Everything within {parameters.radius:g} deg of {place}{named}"]
        lines += [f"band {parameters.band}"] if parameters.band else []
        lines += [f"time {parameters.time}"] if parameters.time else []
        return "\n".join([*lines, f"in {', '.join(parameters.archives) or 'all archives'}"])

    def parts(self, parameters: MultiParameters) -> Sequence[QueryLink]:
        """Return a query for each data set, or each archive without any, that is to be asked.

        Raises UsageError where a name is not known here, for what is no archive, and when
        nobody can be asked. Those that say they have nothing there are left out, unless they
        are named one by one.
        """
        cone = self.cone(parameters)
        links, reasons = [], []
        for target in self._chosen(parameters.archives):
            try:
                if target.id not in parameters.archives:
                    check_coverage(target, cone)
                links.append(ask(target, cone, self._registry, rows=parameters.rows))
            except CannotAnswerError as error:
                reasons.append(f"{target.archive.title}, {target.title}: {error.message}")
        if not links:
            said = "; ".join(reasons[:3]) or "none of them can be searched by position"
            raise UsageError(f"No archive can be asked this: {said}.")
        if len(links) > MOST_TARGETS:
            raise UsageError(f"At most {MOST_TARGETS} data sets are asked at once.")
        return links

    def run(self, parameters: MultiParameters, context: JobContext) -> ResultTable:
        """Return the rows of all archives in ObsCore's columns, without those found twice."""
        cone = self.cone(parameters)
        targets = self._by_question(cone, parameters.rows)
        duplicates = Duplicates()

        def view(part: EndedQuery, table: ResultTable) -> ResultTable:
            query = self._registry.query(part.asked.query_id)
            return duplicates.without(as_obscore(query, table, self._registry, cone))

        merged = merge_parts(
            context,
            leading=LEADING,
            origin_of=lambda part: self._origin(part, targets),
            view=view,
        )
        return replace(merged, batches=_telling(merged, duplicates, context))

    def cone(self, parameters: MultiParameters) -> Cone:
        """Return what is asked for; raises UsageError for a name that is not known here."""
        found = resolve(
            parameters.position,
            [one for one in self._registry.resolvers if one.local],
            open_session=lambda until: open_session(HttpPolicy(), deadline=until),
        )
        return cone_of(parameters, found.ra, found.dec)

    def _chosen(self, wanted: Sequence[str]) -> Iterator[Target]:
        known = list_targets(self._registry)
        names = {name for one in known for name in (one.id, one.archive.id)}
        unknown = [name for name in wanted if name not in names]
        if unknown:
            raise UsageError(f"There is no archive or data set {unknown[0]} to be searched here.")
        return (one for one in known if not wanted or {one.id, one.archive.id} & set(wanted))

    def _by_question(self, cone: Cone, rows: int) -> dict[tuple[str, Pairs], Target]:
        """Return the targets by the type and the parameters of the jobs that ask them."""
        found = {}
        for target in list_targets(self._registry):
            try:
                link = ask(target, cone, self._registry, rows=rows)
            except CannotAnswerError:
                continue
            found[link.query_id, written_form(link, target.query)] = target
        return found

    def _origin(self, part: EndedQuery, targets: dict[tuple[str, Pairs], Target]) -> PartOrigin:
        query_id = part.asked.query_id
        pairs = written_form(part.asked, self._registry.query(query_id))
        target = targets.get((query_id, pairs))
        archive = (target.archive if target else self._registry.archive_of(query_id)).title
        title = target.title if target else self._registry.query(query_id).title
        return PartOrigin(mark=f"{archive}, {title}", leading=(archive, title))


def cone_of(parameters: MultiParameters, ra: float, dec: float) -> Cone:
    """Return what is asked for, around a place in ICRS degrees."""
    return Cone(
        ra=ra,
        dec=dec,
        radius=parameters.radius,
        band=_open(read_band(parameters.band), least=0.0) if parameters.band else None,
        time=_open(read_time(parameters.time), least=-math.inf) if parameters.time else None,
    )


def _open(interval: Interval, *, least: float) -> tuple[float | None, float | None]:
    low, high = interval
    return None if low == least else low, None if high == math.inf else high


def _telling(
    merged: ResultTable, duplicates: Duplicates, context: JobContext
) -> Iterator[pa.RecordBatch | TableEnd]:
    for element in merged.batches:
        if isinstance(element, TableEnd) and duplicates.count:
            rows = "row was" if duplicates.count == 1 else "rows were"
            line = f"{duplicates.count:,} {rows} left out: an archive before had the same data"
            context.log(line)
            yield replace(element, infos=(*element.infos, ("DUPLICATES", line)))
        else:
            yield element
