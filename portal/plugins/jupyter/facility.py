"""What all facilities have in common that run notebooks of git repositories."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote
from urllib.parse import urlsplit

from portal.plugins.facilities import Answer
from portal.plugins.facilities import BasketSummary
from portal.plugins.facilities import Facility
from portal.plugins.facilities import LaunchContext
from portal.plugins.facilities import Mode
from portal.plugins.facilities import Prepared
from portal.plugins.facilities import Staging
from portal.plugins.facilitysettings import FacilitySettings
from portal.plugins.workflows import Workflow
from portal.plugins.workflows import WorkflowType

UNGUESSABLE = 20  # characters: names that are longer are no names that people give
GIGABYTE = 1_000_000_000
RUNS_INSTEAD = {
    WorkflowType.DESKTOP: "This is software with windows of its own",
    WorkflowType.CLI: "This is software for the command line",
}


class NotebookFacility(Facility):
    """A place for notebooks, as its operator describes it; `mode` and `staging` are how."""

    mode: Mode = Mode.LAUNCH
    staging: Staging = Staging.REPOSITORY

    def __init__(self, settings: FacilitySettings) -> None:
        self.id = settings.id
        self.title = settings.title
        self.description = settings.description
        self.url = settings.root
        self.documentation_url = settings.documentation_url
        self.order = settings.order
        self._has = settings

    def accepts(self, workflow: Workflow, basket: BasketSummary) -> Answer:
        """Take notebooks in repositories, unless they need more than a session has."""
        refusal = _other_kind(workflow, self.title) or self._shortage(workflow, basket)
        answer = Answer(accepts=not refusal, reason=refusal, mode=self.mode, staging=self.staging)
        return replace(answer, warning="" if refusal else self._warning(basket))

    def log_of(self, prepared: Prepared, context: LaunchContext) -> Callable[[str], None]:
        """Return a log that leaves out where the repository is: who knows that may clone it."""
        name = urlsplit(prepared.repository).path.rpartition("/")[2].removesuffix(".git")

        def log(line: str) -> None:
            line = line.replace(prepared.repository, "the repository")
            context.log(line.replace(name, "…") if len(name) >= UNGUESSABLE else line)

        return log

    def _shortage(self, workflow: Workflow, basket: BasketSummary) -> str:
        """Say what a session has too little of, or nothing."""
        has = self._has
        if has.memory and workflow.memory and workflow.memory > has.memory:
            return (
                f"It needs {_size(workflow.memory)} of memory; sessions have {_size(has.memory)}."
            )
        if has.cores and workflow.cores and workflow.cores > has.cores:
            return f"It needs {workflow.cores:g} cores; sessions have {has.cores:g}."
        needed = (workflow.storage or 0) + basket.bytes
        if has.storage and needed > has.storage:
            return (
                f"The workflow and its data need {_size(needed)} of disk; "
                f"sessions have {_size(has.storage)}."
            )
        return ""

    def _warning(self, basket: BasketSummary) -> str:
        """Say what the user should know before."""
        if self._has.storage and basket.unsized:
            return (
                f"Sessions have {_size(self._has.storage)} of disk, and the size of "
                f"{basket.unsized} files is not known."
            )
        return ""


def binder_link(root: str, repository: str, ref: str, path: str | None) -> str:
    """Return the address that a Binder, or what understands its links, starts a repository at.

    It opens `path` in JupyterLab. The path is quoted twice, because it becomes part of an
    address after it was read out of this one.
    """
    page = f"lab/tree/{quote(path)}" if path else "lab"
    return f"{root}v2/git/{quote(repository, safe='')}/{quote(ref)}?urlpath={quote(page)}"


def _other_kind(workflow: Workflow, title: str) -> str:
    if workflow.type is not WorkflowType.NOTEBOOK:
        return f"{RUNS_INSTEAD[workflow.type]}; {title} runs notebooks."
    parts = urlsplit(workflow.repository)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return "It has no git repository with an address of http or https."
    return ""


def _size(count: int) -> str:
    return f"{count / GIGABYTE:.3g} GB"
