"""Every facility is asked whether it runs a task; one that fails says no, and hurts nobody."""

from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass

from portal.analysis.planning.tasks import Task
from portal.plugins.facilities import Answer
from portal.plugins.facilities import BasketSummary
from portal.plugins.facilities import Facility
from portal.plugins.registry import PluginRegistry

SILENT = Answer(accepts=False, reason="The facility does not answer at the moment.")


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityAnswer:
    """What one facility says of a task."""

    facility: Facility
    answer: Answer


def ask(
    registry: PluginRegistry, task: Task, facilities: Iterable[Facility]
) -> Iterator[FacilityAnswer]:
    """Ask facilities about a task; how large its files are nobody knows."""
    for facility in facilities:
        yield FacilityAnswer(facility=facility, answer=_ask(registry, task, facility))


def _ask(registry: PluginRegistry, task: Task, facility: Facility) -> Answer:
    if task.refusal:
        return Answer(accepts=False, reason=task.refusal)

    def accepts() -> Answer:
        files = len(task.data)
        return facility.accepts(task.workflow, BasketSummary(files=files, unsized=files))

    return registry.call(facility, accepts, otherwise=SILENT)
