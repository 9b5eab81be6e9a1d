"""The query of all archives: what it takes, a job for each archive, and one table of all."""

from collections import defaultdict
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from urllib.parse import urlencode

import pyarrow as pa

from portal.parameters import find_coordinates
from portal.plugins.cone import Cone
from portal.plugins.http import HttpPolicy
from portal.plugins.http import open_session
from portal.plugins.links import QueryLink
from portal.plugins.merging import merge_parts
from portal.plugins.merging import PartOrigin
from portal.plugins.multi.duplicates import Duplicates
from portal.plugins.multi.obscore import as_obscore
from portal.plugins.multi.parameters import cone_of
from portal.plugins.multi.parameters import MultiParameters
from portal.plugins.multi.targets import ask
from portal.plugins.multi.targets import CannotAnswerError
from portal.plugins.multi.targets import check_coverage
from portal.plugins.multi.targets import every_target
from portal.plugins.multi.targets import list_targets
from portal.plugins.multi.targets import Pairs
from portal.plugins.multi.targets import Target
from portal.plugins.multi.targets import written_form
from portal.plugins.parts import EndedQuery
from portal.plugins.registry import PluginRegistry
from portal.plugins.resolving import resolve
from portal.plugins.resolving import UnansweredNameError
from portal.plugins.resolving import UnknownNameError
from portal.plugins.types import JobContext
from portal.plugins.types import Query
from portal.problems import UsageError
from portal.tables import Column
from portal.tables import ResultTable
from portal.tables import TableEnd

QUERY_ID = "query.multi"
MOST_PARTS = 200
LOOK_UP = (
    "Only the lists of this portal are asked by this search: get /resolve?{}&remote=1 first, "
    "and send the coordinates as POSITION, and the name as NAME."
)
LEADING = (
    Column(
        name="archive", arraysize="*", ucd="meta.curation", description="Which archive it is of"
    ),
    Column(name="dataset", arraysize="*", description="Which of its data sets or queries"),
    Column(name="place", arraysize="*", description="What was asked about"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What one part was asked: of which target, and about which place."""

    target: Target
    place: str
    cone: Cone


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
        """Return the place, or the first of them."""
        first, *others = parameters.places
        more = f" and {len(others)} more" if others else ""
        return f"Around {parameters.called(first)}{more}, {parameters.radius:g} deg"

    def text(self, parameters: MultiParameters) -> str:
        """Return in words what every archive is asked."""
        places = [_in_words(place, parameters.called(place)) for place in parameters.places]
        lines = [f"Everything within {parameters.radius:g} deg of {', '.join(places)}"]
        lines += [f"band {parameters.band}"] if parameters.band else []
        lines += [f"time {parameters.time}"] if parameters.time else []
        return "\n".join([*lines, f"in {', '.join(parameters.archives) or 'all archives'}"])

    def parts(self, parameters: MultiParameters) -> Sequence[QueryLink]:
        """Return a query for each data set, or each archive without any, and each place.

        Raises UsageError where a name is not known here, for what is no archive, and when
        nobody can be asked. Those that say they have nothing there are left out, unless they
        are named one by one.
        """
        links, reasons = [], []
        targets = self._chosen(parameters.archives)
        for cone in map(self._cone_at(parameters), parameters.places):
            for target in targets:
                try:
                    if target.id not in parameters.archives:
                        check_coverage(target, cone)
                    links.append(ask(target, cone, self._registry, rows=parameters.rows))
                except CannotAnswerError as error:
                    reasons.append(f"{target.archive.title}, {target.title}: {error.message}")
        if not links:
            said = "; ".join(reasons[:3]) or "none of them can be searched by position"
            raise UsageError(f"No archive can be asked this: {said}.")
        if len(links) > MOST_PARTS:
            raise UsageError(
                f"These are {len(links)} questions, and at most {MOST_PARTS} are asked at once: "
                "choose fewer archives or positions."
            )
        return links

    def run(self, parameters: MultiParameters, context: JobContext) -> ResultTable:
        """Return the rows of all archives in ObsCore's columns, without those found twice."""
        questions = self._questions(parameters, context.parts)
        several = len(parameters.places) > 1
        duplicates: dict[str, Duplicates] = defaultdict(Duplicates)  # of each place

        def view(part: EndedQuery, table: ResultTable) -> ResultTable:
            query, asked = self._registry.query(part.asked.query_id), questions.get(part.job_id)
            rows = as_obscore(query, table, self._registry, asked.cone if asked else None)
            return duplicates[asked.place if asked else ""].without(rows)

        merged = merge_parts(
            context,
            leading=LEADING,
            origin_of=lambda part: self._origin(part, questions.get(part.job_id), several=several),
            view=view,
        )
        return replace(merged, batches=_telling(merged, duplicates, context))

    def _cone_at(self, parameters: MultiParameters) -> Callable[[str], Cone]:
        """Return what gives the cone around a place; it raises UsageError for unknown names."""
        local = [one for one in self._registry.resolvers if one.local]

        def cone_at(place: str) -> Cone:
            try:
                found = resolve(
                    place,
                    local,
                    open_session=lambda until: open_session(HttpPolicy(), deadline=until),
                )
            except (UnknownNameError, UnansweredNameError) as error:
                raise UsageError(
                    f"{error.message} {LOOK_UP.format(urlencode({'name': place}))}"
                ) from error
            return cone_of(parameters, found.ra, found.dec)

        return cone_at

    def _chosen(self, wanted: Sequence[str]) -> list[Target]:
        known = list_targets(self._registry)
        names = {name for one in known for name in (one.id, one.archive.id)}
        unknown = [name for name in wanted if name not in names]
        if unknown:
            raise UsageError(f"There is no archive or data set {unknown[0]} to be searched here.")
        return [one for one in known if not wanted or {one.id, one.archive.id} & set(wanted)]

    def _questions(
        self, parameters: MultiParameters, parts: Sequence[EndedQuery]
    ) -> dict[str, _Question]:
        """Return what each part, by the id of its job, was asked."""
        by_form = self._questions_by_form(parameters)
        found = {}
        for part in parts:
            query = self._registry.query(part.asked.query_id)
            if asked := by_form.get((query.id, written_form(part.asked, query))):
                found[part.job_id] = asked
        return found

    def _questions_by_form(self, parameters: MultiParameters) -> dict[tuple[str, Pairs], _Question]:
        """Return what may have been asked, by the type and the parameters of a job that asks."""
        found = {}
        targets = list(every_target(self._registry))
        cone_at = self._cone_at(parameters)
        for place in parameters.places:
            cone = cone_at(place)
            for target in targets:
                try:
                    link = ask(target, cone, self._registry, rows=parameters.rows)
                except CannotAnswerError:
                    continue
                asked = _Question(target=target, place=parameters.called(place), cone=cone)
                found[link.query_id, written_form(link, target.query)] = asked
        return found

    def _origin(self, part: EndedQuery, asked: _Question | None, *, several: bool) -> PartOrigin:
        query_id = part.asked.query_id
        archive = (asked.target.archive if asked else self._registry.archive_of(query_id)).title
        title = asked.target.title if asked else self._registry.query(query_id).title
        place = asked.place if asked else ""
        mark = [archive, title, place] if several else [archive, title]
        return PartOrigin(mark=", ".join(mark), leading=(archive, title, place))


def _in_words(place: str, name: str) -> str:
    found = find_coordinates(place)
    where = place if found is None else "{:.6f} {:+.6f}".format(*found)
    return where if name == place else f"{where} ({name})"


def _telling(
    merged: ResultTable, duplicates: Mapping[str, Duplicates], context: JobContext
) -> Iterator[pa.RecordBatch | TableEnd]:
    for element in merged.batches:
        count = sum(one.count for one in duplicates.values())
        if isinstance(element, TableEnd) and count:
            rows = "row was" if count == 1 else "rows were"
            line = f"{count:,} {rows} left out: an archive before had the same data"
            context.log(line)
            yield replace(element, infos=(*element.infos, ("DUPLICATES", line)))
        else:
            yield element
