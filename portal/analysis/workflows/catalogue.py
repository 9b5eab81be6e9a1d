"""The workflows of all sources, and one of them by its name."""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.analysis.workflows.own import find_own
from portal.analysis.workflows.own import list_own
from portal.links import safe_href
from portal.plugins.described.workflows import OWN
from portal.plugins.registry import PluginRegistry
from portal.plugins.workflows import Workflow
from portal.plugins.workflows import WorkflowSource
from portal.problems import NotFoundError

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
SEPARATOR = ":"
NOT_THERE = "There is no such workflow, or no longer."


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundWorkflow:
    """A workflow and where the portal knows it from; `harvested` is when that was read."""

    workflow: Workflow
    source_id: str
    source_title: str
    source_url: str | None = None
    harvested: datetime | None = None

    @property
    def ref(self) -> str:
        """Its name in the whole portal: "<source>:<id>"."""
        return f"{self.source_id}{SEPARATOR}{self.workflow.id}"

    @property
    def is_own(self) -> bool:
        """Whether the user added it himself."""
        return self.source_id == OWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What all sources know, in the order they want, and the titles of those that failed."""

    found: Sequence[FoundWorkflow]
    failed: Sequence[str] = ()


def list_workflows(registry: PluginRegistry, owner: str) -> Catalogue:
    """Return every workflow that the owner may use; a source that fails is only named."""
    found = [_own(one) for one in list_own(owner)]
    failed: list[str] = []
    for source in registry.workflow_sources:
        known = _read(registry, source)
        if known is None:
            failed.append(source.title)
        else:
            found += known
    order = sorted(found, key=lambda one: (one.workflow.order, one.workflow.title.casefold()))
    return Catalogue(found=order, failed=failed)


def find_workflow(registry: PluginRegistry, owner: str, ref: str) -> FoundWorkflow:
    """Return a workflow of any source by "<source>:<id>"; raises NotFoundError."""
    source_id, _, workflow_id = ref.partition(SEPARATOR)
    if source_id == OWN and (own := find_own(workflow_id, owner=owner)):
        return _own(own)
    for source in registry.workflow_sources:
        if source.id == source_id:
            for one in _read(registry, source) or ():
                if one.workflow.id == workflow_id:
                    return one
    raise NotFoundError(NOT_THERE)


def _own(workflow: Workflow) -> FoundWorkflow:
    return FoundWorkflow(workflow=workflow, source_id=OWN, source_title="Added by you")


def _read(registry: PluginRegistry, source: WorkflowSource) -> Sequence[FoundWorkflow] | None:
    """Ask a source, guarded; None when it fails."""

    def ask() -> Sequence[FoundWorkflow]:
        harvested = source.harvested()
        return [
            FoundWorkflow(
                workflow=one,
                source_id=source.id,
                source_title=source.title,
                source_url=source.url,
                harvested=harvested,
            )
            for one in _usable(source.workflows())
        ]

    return registry.call(source, ask, otherwise=None)


def _usable(workflows: Iterable[Workflow]) -> Iterator[Workflow]:
    """Leave out what has no name for an address, and what git could not clone."""
    for one in workflows:
        if ID.fullmatch(one.id) and safe_href(one.repository) == one.repository:
            yield one
