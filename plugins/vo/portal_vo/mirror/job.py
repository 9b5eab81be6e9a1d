"""The job that makes the copy of the registry, and keeps it up to date."""

import os
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from datetime import UTC

from portal.plugins import Column
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal_vo.mirror.files import MirrorFiles
from portal_vo.mirror.indexing import entry_of
from portal_vo.mirror.source import RegistrySource
from portal_vo.mirror.staging import is_of
from portal_vo.mirror.staging import open_staging
from portal_vo.mirror.staging import Staging

QUERY_ID = "vo.registry-mirror"
MINIMUM_AGE = timedelta(minutes=30)
MINIMUM_AGE_FOR_ALL = timedelta(hours=6)  # anybody may ask for it, and it costs the registry most
RUN_LENGTH = 500  # resources asked for at once, when nothing lies between them
LIST_LENGTH = 200
LARGEST_LOSS = 0.5  # of what is known: more than that is a broken registry
COLUMNS = (
    Column(name="registry", description="Which registry", ucd="meta.ref.url"),
    Column(name="as_of", description="When it was like this", ucd="time.epoch"),
    Column(name="total", datatype="long", description="Resources in the copy", ucd="meta.number"),
    Column(name="added", datatype="long", description="New ones", ucd="meta.number"),
    Column(name="changed", datatype="long", description="Changed ones", ucd="meta.number"),
    Column(name="removed", datatype="long", description="Gone ones", ucd="meta.number"),
    Column(name="note", description="What was done", ucd="meta.note"),
)


class MirrorParameters(QueryParameters):
    """How to copy."""

    full: bool = parameter(
        default=False,
        title="Everything",
        description="Read every record again, not only those that changed.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What to read of the registry: in its order, and whether all of it."""

    order: Sequence[str]
    wanted: frozenset[str]
    known: frozenset[str]
    gone: Sequence[str]


class MirrorQuery(Query):
    """Copies the registry into a file of this host."""

    id = QUERY_ID
    title = "Copy of the registry"
    description = "Keeps a copy of the registry, so that it can be searched as one types."
    Parameters = MirrorParameters
    hidden = True
    local = True

    def __init__(self, files: MirrorFiles) -> None:
        """Keep where the copy is."""
        self._files = files

    def text(self, parameters: MirrorParameters) -> str:
        """Return what is read."""
        which = "all records" if parameters.full else "the records that changed"
        return f"RegTAP: {which} of {self._files.registry}"

    def job_title(self, parameters: MirrorParameters) -> str:
        """Return what is made."""
        return self.title

    def run(self, parameters: MirrorParameters, context: JobContext) -> ResultTable:
        """Bring the copy up to date; one that is young enough stays as it is."""
        with self._files.locked() as is_mine:
            if not is_mine:
                return self._summary("another job is at it")
            if self._is_young(MINIMUM_AGE_FOR_ALL if parameters.full else MINIMUM_AGE):
                return self._summary("up to date: looked a short while ago")
            return self._update(context, is_full=parameters.full)

    def _is_young(self, least: timedelta) -> bool:
        as_of = self._files.as_of()
        if as_of is None or datetime.now(UTC) - as_of > least:
            return False
        return is_of(self._files.live, self._files.registry)

    def _update(self, context: JobContext, *, is_full: bool) -> ResultTable:
        files, as_of = self._files, datetime.now(UTC)
        context.report(None, "asking the registry what it has")
        source = RegistrySource(context, files.registry)
        there = dict(source.versions())
        _check_complete(there, source.count())
        if self._has_nothing_to_do(there, is_full=is_full):
            os.utime(files.live, (as_of.timestamp(), as_of.timestamp()))
            return self._summary("up to date: nothing changed")
        with closing(open_staging(files.staging, live=files.live, registry=files.registry)) as copy:
            plan = _plan(there, copy.versions(), is_full=is_full)
            copy.remove(plan.gone)
            written = _copy(source, plan, copy, context)
            context.report(None, "making the copy ready")
            copy.finish(files.live, as_of=as_of)
        return self._summary(
            "brought up to date",
            added=len(written - plan.known),
            changed=len(written & plan.known),
            removed=len(plan.gone),
        )

    def _has_nothing_to_do(self, there: Mapping[str, str], *, is_full: bool) -> bool:
        """Say whether the copy has what the registry lists, and nothing else was begun."""
        reader = self._files.reader()
        if is_full or reader is None or self._files.staging.exists():
            return False
        return dict(reader.connection.execute("SELECT ivoid, updated FROM resource")) == there

    def _summary(self, note: str, **counts: int) -> ResultTable:
        reader, as_of = self._files.reader(), self._files.as_of()
        total = len(reader.index.by_title) if reader else 0
        self._files.close()
        numbers = [counts.get(name, 0) for name in ("added", "changed", "removed")]
        moment = as_of.isoformat(timespec="seconds") if as_of else None
        row = (self._files.registry, moment, total, *numbers, note)
        return ResultTable.from_rows(COLUMNS, [row])


def _check_complete(there: Mapping[str, str], count: int) -> None:
    """Refuse a list that is shorter than the registry itself says."""
    if not there or len(there) < count * (1 - LARGEST_LOSS / 10):
        raise ServiceError(f"the registry lists only {len(there)} of its {count} resources")


def _plan(there: Mapping[str, str], here: Mapping[str, str], *, is_full: bool) -> _Plan:
    """Return what to read and what to forget; ServiceError when too much would be forgotten."""
    gone = [ivoid for ivoid in here if ivoid not in there]
    if len(gone) > LARGEST_LOSS * len(here):
        raise ServiceError(
            f"the registry has lost {len(gone)} of {len(here)} resources: the copy stays as it is"
        )
    wanted = frozenset(ivoid for ivoid in there if is_full or here.get(ivoid) != there[ivoid])
    return _Plan(order=list(there), wanted=wanted, known=frozenset(here), gone=gone)


def _copy(
    source: RegistrySource, plan: _Plan, copy: Staging, context: JobContext
) -> frozenset[str]:
    """Copy the records that are wanted, and say of which the registry gave something."""
    written: set[str] = set()
    for ivoids, is_run in _portions(plan):
        done = len(written) / len(plan.wanted)
        context.report(done, f"{len(written):,} of {len(plan.wanted):,} records read")
        records = source.records(ivoids, is_run=is_run)
        copy.put(entry_of(ivoid, record) for ivoid, record in records.items())
        written.update(records)
    return frozenset(written)


def _portions(plan: _Plan) -> Iterator[tuple[Sequence[str], bool]]:
    """Yield what to ask for at once: runs of neighbours, and lists of what is left over."""
    scattered: list[str] = []
    for start in range(0, len(plan.order), RUN_LENGTH):
        run = plan.order[start : start + RUN_LENGTH]
        wanted = [ivoid for ivoid in run if ivoid in plan.wanted]
        if len(wanted) == len(run):
            yield run, True
        else:
            scattered += wanted
    for start in range(0, len(scattered), LIST_LENGTH):
        yield scattered[start : start + LIST_LENGTH], False
