"""Workflows that TOML describes: what a block `[[workflows]]` may say, and the source of them."""

import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Annotated
from typing import Any
from typing import Literal
from typing import TypeVar

from pydantic import BeforeValidator
from pydantic import Field

from portal.plugins.described.faults import DescriptionError
from portal.plugins.described.faults import Faults
from portal.plugins.described.values import Described
from portal.plugins.described.values import Id
from portal.plugins.described.values import Line
from portal.plugins.described.values import Text
from portal.plugins.described.values import WebAddress
from portal.plugins.repositories import check_path
from portal.plugins.repositories import check_ref
from portal.plugins.repositories import read_repository
from portal.plugins.workflows import DEFAULT_REF
from portal.plugins.workflows import Workflow
from portal.plugins.workflows import WorkflowSource
from portal.plugins.workflows import WorkflowType
from portal.problems import UsageError

LOCAL = "local"  # the source of what files describe
OWN = "own"  # that of what a user added himself: no plugin can be called so
T = TypeVar("T")
SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([kMGT]i?)?B")
DOI = re.compile(r"10\.\d{4,9}/\S+")
POWERS = "kMGT"
MOST_BYTES = 2**60


def _bytes(value: Any) -> Any:
    """Read "4 GB" or "4 GiB" as a number of bytes."""
    if not isinstance(value, str):
        return value
    match = SIZE.fullmatch(value.strip())
    if match is None:
        raise ValueError('write a number of bytes, or a text such as "4 GB"')
    unit = match[2] or ""
    base = 1024 if unit.endswith("i") else 1000
    return round(float(match[1]) * base ** (POWERS.index(unit[0]) + 1 if unit else 0))


def _doi(value: Any) -> Any:
    if isinstance(value, str) and not DOI.fullmatch(value):
        raise ValueError("a DOI is written as 10.5281/zenodo.1234567")
    return value


Size = Annotated[int, BeforeValidator(_bytes), Field(ge=0, le=MOST_BYTES)]
Lines = Annotated[list[Line], Field(max_length=100)]
Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")]


class WorkflowDescription(Described):
    """A workflow; `repository` may be the address of a page about a branch or a file."""

    id: Id
    title: Line
    repository: WebAddress
    ref: Line | None = None
    path: Line | None = None
    type: Literal["notebook", "desktop", "cli"] = "notebook"
    description: Text = ""
    keywords: Lines = Field([])
    authors: Lines = Field([])
    platforms: Lines = Field([])
    documentation_url: WebAddress | None = None
    tutorial_url: WebAddress | None = None
    doi: Annotated[Line, BeforeValidator(_doi)] | None = None
    license: Line | None = None
    citation: Text = ""
    version: Line | None = None
    cores: float | None = Field(None, gt=0, le=1_000_000)
    memory: Size | None = None
    storage: Size | None = None
    definition: Line | None = None
    parameters: dict[Variable, str | int | float | bool] = Field({}, max_length=100)
    order: int = Field(100, ge=-1_000_000, le=1_000_000)


def build_workflow(raw: Any) -> Workflow:
    """Return the workflow of a block; raises DescriptionError with everything that is wrong."""
    faults = Faults()
    described = faults.read(WorkflowDescription, raw)
    faults.close()
    if described is None:
        raise DescriptionError(faults.found)
    named = _checked(faults, "repository", lambda: read_repository(described.repository))
    ref = _place(faults, "ref", described.ref, named.ref if named else None, check_ref)
    path = _place(faults, "path", described.path, named.path if named else None, check_path)
    definition = _place(faults, "definition", described.definition, None, check_path)
    faults.close()
    values = described.model_dump(exclude={"license", "version", "type"})
    for name in ("keywords", "authors", "platforms"):
        values[name] = tuple(values[name])
    values["parameters"] = tuple(values["parameters"].items())
    return Workflow(
        **values
        | {
            "repository": named.repository if named else "",
            "ref": ref or DEFAULT_REF,
            "path": path,
            "definition": definition,
            "type": WorkflowType(described.type),
            "license": described.license or "",
            "version": described.version or "",
        }
    )


def _place(
    faults: Faults,
    key: str,
    described: str | None,
    in_address: str | None,
    check: Callable[[str], str],
) -> str | None:
    """Return what a key says, or else the address; it is wrong when they differ."""
    if described is None:
        return in_address
    if in_address not in (None, described):
        faults.add(key, message=f"{key}: the address of the repository says {in_address}")
    return _checked(faults, key, lambda: check(described))


def _checked(faults: Faults, key: str, read: Callable[[], T]) -> T | None:
    try:
        return read()
    except UsageError as error:
        faults.add(key, message=f"{key}: {error.message[0].lower()}{error.message[1:]}")
        return None


class DescribedWorkflows(WorkflowSource):
    """The workflows of all files of this portal."""

    id = LOCAL
    title = "Described here"

    def __init__(self, workflows: Iterable[Workflow]) -> None:
        """Keep them as they are."""
        self._workflows = tuple(workflows)

    def workflows(self) -> Sequence[Workflow]:
        """Return all of them."""
        return self._workflows
