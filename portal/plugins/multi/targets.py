"""What can be asked about a place: data sets, and queries of archives without any."""

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace

from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.parameters import write_form
from portal.plugins.cone import Cone
from portal.plugins.datasets import Dataset
from portal.plugins.links import pairs_of
from portal.plugins.links import QueryLink
from portal.plugins.multi.coverage import may_have
from portal.plugins.registry import PluginRegistry
from portal.plugins.types import Archive
from portal.plugins.types import Query
from portal.problems import NotFoundError
from portal.problems import UsageError

ANYWHERE = Cone(ra=0.0, dec=0.0, radius=0.1)
NOTHING_THERE = "has no data there, as far as it says"

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A data set of an archive, or one of its queries that no data set names."""

    archive: Archive
    query: Query
    dataset: Dataset | None = None

    @property
    def id(self) -> str:
        """The archive and what of it, such as "astron/lotss-dr1"."""
        return f"{self.archive.id}/{self.dataset.id if self.dataset else self.query.id}"

    @property
    def title(self) -> str:
        """What it is called on the page of its archive."""
        return self.dataset.title if self.dataset else self.query.title

    @property
    def coverage(self) -> str | None:
        """Where it has data, as far as that is known."""
        return (self.dataset.coverage if self.dataset else None) or self.archive.coverage


class CannotAnswerError(UsageError):
    """A target cannot be asked what is to be asked; the message goes on after its name."""


def list_targets(registry: PluginRegistry) -> list[Target]:
    """Return all that can be asked about a place, by archive; a plugin that fails has none."""
    return [
        one for one in every_target(registry) if _parameters(one, ANYWHERE, registry) is not None
    ]


def every_target(registry: PluginRegistry) -> Iterator[Target]:
    """Go through all data sets and queries, also those that cannot be asked about a place."""
    for archive in registry.archives:
        yield from _targets_of(archive, registry)


def ask(target: Target, cone: Cone, registry: PluginRegistry, *, rows: int) -> QueryLink:
    """Return the query for what a target has in a cone, at most so many rows.

    Raises CannotAnswerError when it cannot be asked that. What a data set is about stays as
    it is.
    """
    found = _parameters(target, cone, registry)
    if found is None:
        raise CannotAnswerError(_reason(target, cone, registry))
    preset = target.dataset.parameters if target.dataset else {}
    link = QueryLink(query_id=target.query.id, parameters={"maxrec": str(rows), **found, **preset})
    try:
        written_form(link, target.query)
    except InvalidParametersError as error:
        first = error.errors[0]
        raise CannotAnswerError(
            f"does not take these values: {first.name} {first.message}"
        ) from error
    return link


def check_coverage(target: Target, cone: Cone) -> None:
    """Raise CannotAnswerError when a target says that it has nothing in a cone."""
    if not may_have(target.coverage, cone):
        raise CannotAnswerError(NOTHING_THERE)


def written_form(link: QueryLink, query: Query) -> Pairs:
    """Return the parameters that a job for this link has; raises InvalidParametersError."""
    return tuple(write_form(read_form(query.Parameters, pairs_of(link.parameters))))


def _targets_of(archive: Archive, registry: PluginRegistry) -> Iterator[Target]:
    named = set()
    for dataset in archive.datasets:
        try:
            query = registry.query(dataset.query_id)
        except NotFoundError:
            continue
        named.add(query.id)
        yield Target(archive=archive, query=query, dataset=dataset)
    for query in archive.queries:
        if query.id not in named:
            yield Target(archive=archive, query=query)


def _parameters(
    target: Target, cone: Cone, registry: PluginRegistry
) -> Mapping[str, str | list[str]] | None:
    query = target.query
    return registry.call(query, lambda: query.from_cone(cone), otherwise=None)


def _reason(target: Target, cone: Cone, registry: PluginRegistry) -> str:
    """Say what it is that a target cannot be asked."""
    anytime = replace(cone, band=None, time=None)
    asked = [name for name in ("band", "time") if getattr(cone, name)]
    if asked and _parameters(target, anytime, registry) is not None:
        return f"cannot be asked for a {' and a '.join(asked)}"
    if _parameters(target, replace(anytime, radius=ANYWHERE.radius), registry) is not None:
        return f"cannot be asked for a radius of {cone.radius:g} deg"
    return "cannot be asked this"
