"""Software that can be run on data, and who knows of it."""

from abc import ABC
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

DEFAULT_REF = "HEAD"
Scalar = str | int | float | bool | None


class WorkflowType(StrEnum):
    """How one works with a workflow."""

    NOTEBOOK = "notebook"
    DESKTOP = "desktop"
    CLI = "cli"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A git repository with something to run in it, as its authors describe it.

    `id` is unique among the workflows of its source. `repository` is an address of http or
    https that git can clone, `ref` a branch, a tag or a commit of it, and `path` what is
    opened, relative to its root; None opens the folder. `platforms` are languages and
    environments ("Python", "Jupyter"), `memory` and `storage` are bytes and `cores` a number
    that it needs at least, where that is known. `description` is plain text. `definition` is
    the file of a batch workflow (CWL, Nextflow) that a batch service runs. `parameters` are
    variables of its notebook that users may set, with their defaults. `updated` is when
    the authors last changed what is said here.
    """

    id: str
    title: str
    repository: str
    ref: str = DEFAULT_REF
    path: str | None = None
    type: WorkflowType = WorkflowType.NOTEBOOK
    description: str = ""
    keywords: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    documentation_url: str | None = None
    tutorial_url: str | None = None
    doi: str | None = None
    license: str = ""
    citation: str = ""
    version: str = ""
    cores: float | None = None
    memory: int | None = None
    storage: int | None = None
    definition: str | None = None
    parameters: tuple[tuple[str, Scalar], ...] = ()
    updated: datetime | None = None
    order: int = 100


class WorkflowSource(ABC):
    """Knows workflows. What it says comes from its plugin's own folder, within milliseconds.

    A source that reads another site has a scheduled query that does so.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    url: str | None = None

    @abstractmethod
    def workflows(self) -> Sequence[Workflow]:
        """Return all of them, in any order; the same objects as long as nothing has changed."""

    def harvested(self) -> datetime | None:
        """Return when they were read where they come from; None for those that are local."""
        return None
