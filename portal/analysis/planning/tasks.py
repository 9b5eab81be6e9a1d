"""What somebody wants to run, read from what the drafts of several years call it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

from portal.analysis.planning.fields import Fields
from portal.plugins.repositories import check_path
from portal.plugins.repositories import check_ref
from portal.plugins.repositories import read_repository
from portal.plugins.workflows import DEFAULT_REF
from portal.plugins.workflows import Workflow
from portal.plugins.workflows import WorkflowType
from portal.problems import UsageError

GIBIBYTE = 1 << 30
ANY_REPOSITORY = "https://repository.invalid/any"  # of a question about no repository (RFC 2606)
TITLE_LENGTH = 200
NOTEBOOK_FILE = ".ipynb"
NOTEBOOKS = ("jupyter-notebook", "binder-notebook", "esap-notebook", "binder-repository")
OTHERS = ("zeppelin-notebook", "docker-container", "docker-compose")
VERSION = re.compile(r"(?:-v?\d+(?:\.\d+)*)?(?:\.(?:yaml|json))?$")
LONGEST_URI = 500

NamedAddress = tuple[str, str]
"""What a file is called, which may be nothing, and its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something to run, as a workflow, with what it needs at least.

    `refusal` says why nothing here can run it whatever a facility says. `warnings` are what
    nobody here can promise. With `is_general` no repository was named. `data` comes along.
    """

    workflow: Workflow
    refusal: str = ""
    warnings: tuple[str, ...] = ()
    is_general: bool = False
    data: tuple[NamedAddress, ...] = ()

    def refused(self, *reasons: str) -> "Task":
        """Return the task with the first of all reasons against it."""
        return replace(self, refusal=next(filter(None, (self.refusal, *reasons)), ""))

    def named(self, title: str | None) -> "Task":
        """Return the task under this title, if there is one."""
        return replace(self, workflow=replace(self.workflow, title=title)) if title else self

    def warned(self, *warnings: str) -> "Task":
        """Return the task with warnings."""
        return replace(self, warnings=warnings)

    def given(self, data: Sequence[NamedAddress]) -> "Task":
        """Return the task with files that come along."""
        return replace(self, data=tuple(data))


def kind_name(uri: str) -> str:
    """Return the name in the URI of a kind, whichever draft has spelt it.

    The same kind has been ".../types/executable/jupyter-notebook-1.0" and
    ".../kinds/executable/jupyter-notebook.yaml".
    """
    name = re.split(r"[/#:]", uri.rstrip("/"))[-1]
    return VERSION.sub("", name).casefold()


def read_kind(place: Fields) -> str:
    """Return the name of the kind of what is described at `place`; raises FieldError."""
    uri = place.text("kind", most=LONGEST_URI) or place.text("type", most=LONGEST_URI)
    if uri is None:
        raise place.error("kind", "Say of which kind this is.")
    return kind_name(uri)


def check_task_type(name: str) -> str:
    """Return why nothing here runs tasks of a kind, or an empty text."""
    if name in NOTEBOOKS:
        return ""
    if name in OTHERS:
        return f"Nothing here runs a {name}."
    return f"The kind {name!r} is not known here."


def read_task(name: str, place: Fields, needs: "Needs") -> Task:
    """Return the task that is described at `place`: a repository, or a notebook in one.

    Raises FieldError.
    """
    if refusal := check_task_type(name):
        return Task(workflow=_workflow(ANY_REPOSITORY), refusal=refusal)
    workflow, refusal = _read_workflow(place)
    if workflow is None:
        workflow = _workflow(ANY_REPOSITORY)
        return Task(workflow=_with(workflow, needs), refusal=refusal, is_general=True)
    task = Task(workflow=_with(workflow, needs), refusal=refusal)
    return task.named(place.text("name", most=TITLE_LENGTH))


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a task needs at least: cores, and bytes."""

    cores: float | None = None
    memory: int | None = None
    storage: int | None = None


def gibibytes(count: float | None) -> int | None:
    """Return the bytes of so many GiB."""
    return None if count is None else int(count * GIBIBYTE)


def _read_workflow(place: Fields) -> tuple[Workflow | None, str]:
    """Return the workflow that is named, or None, and why nothing here can run it."""
    repository, ref, path = (place.text(one) for one in ("repository", "ref", "path"))
    name = "repository" if repository else "notebook" if "notebook" in place else "location"
    address = repository or place.text(name)
    if address is None:
        _check("ref", ref, place)
        _check("path", path, place)
        return None, ""
    try:
        found = read_repository(address)
    except UsageError as error:
        raise place.error(name, error.message) from error
    refusal = ""
    if found.repository.casefold().endswith(NOTEBOOK_FILE):
        refusal = "A notebook is run in its git repository: give the address of its page there."
    _check("ref", ref, place)
    _check("path", path, place)
    workflow = _workflow(found.repository, ref or found.ref, path or found.path)
    return workflow, refusal


def _check(name: str, value: str | None, place: Fields) -> None:
    try:
        if value is not None:
            (check_ref if name == "ref" else check_path)(value)
    except UsageError as error:
        raise place.error(name, error.message) from error


def _workflow(repository: str, ref: str | None = None, path: str | None = None) -> Workflow:
    name = repository.rpartition("/")[2].removesuffix(".git")
    return Workflow(
        id="asked",
        title=name[:TITLE_LENGTH],
        repository=repository,
        ref=ref or DEFAULT_REF,
        path=path,
        type=WorkflowType.NOTEBOOK,
    )


def _with(workflow: Workflow, needs: Needs) -> Workflow:
    return replace(workflow, cores=needs.cores, memory=needs.memory, storage=needs.storage)
