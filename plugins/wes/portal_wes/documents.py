"""What is written to a Workflow Execution Service, and what is read in its answers."""

import json
import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from typing import Literal

from pydantic import field_validator

from portal.plugins import InputFile
from portal.plugins import parameter
from portal.plugins import Parameters
from portal.plugins import Prepared
from portal.plugins import RunOutput
from portal.plugins import ServiceError
from portal.plugins import UsageError
from portal_wes.connector import Document
from portal_wes.connector import Submission

CWL, NEXTFLOW = ".cwl", ".nf"
CWL_VERSION = re.compile(r"""^\s*["']?cwlVersion["']?\s*:\s*["']?(v[0-9][\w.-]*)""", re.MULTILINE)
TAIL = 3_000
DEEPEST = 20
LONGEST_VALUE = 1_000
LIST, ONE = "list", "one"
SESSION = "session"  # the tag by which a run is found again


class Phase(StrEnum):
    """How a run is, as far as the portal cares."""

    WAITING = "waiting"
    RUNNING = "running"
    ENDING = "ending"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"


PHASES = {
    "QUEUED": Phase.WAITING,
    "INITIALIZING": Phase.WAITING,
    "PAUSED": Phase.WAITING,
    "RUNNING": Phase.RUNNING,
    "CANCELING": Phase.ENDING,
    "COMPLETE": Phase.DONE,
    "EXECUTOR_ERROR": Phase.FAILED,
    "SYSTEM_ERROR": Phase.FAILED,
    "PREEMPTED": Phase.FAILED,
    "CANCELED": Phase.CANCELED,
}


COUNTED = {"RUNNING": "Runs", "QUEUED": "Waiting runs"}


class RunOptions(Parameters):
    """What a run gets besides the workflow."""

    inputs: str = parameter(
        "{}",
        title="Inputs",
        description="A JSON object with the inputs of the workflow.",
        widget="textarea",
        max_length=20_000,
    )
    files_input: str = parameter(
        "files",
        title="Input for the basket",
        description="The input that gets the basket's files; nothing: they do not come along.",
        max_length=200,
    )
    files_as: Literal["list", "one"] = parameter(
        LIST, title="It takes", description="A list of files (File[]), or one file (File)."
    )

    @field_validator("inputs")
    @classmethod
    def _an_object(cls, text: str) -> str:
        text = text.strip() or "{}"
        try:
            is_object = isinstance(json.loads(text), dict)
        except (ValueError, RecursionError):
            is_object = False
        if not is_object:
            raise ValueError('has to be a JSON object, such as {"threshold": 5}')
        return text


def phase_of(state: str) -> Phase:
    """Return the phase of a state; one that WES does not know yet is RUNNING."""
    return PHASES.get(state, Phase.RUNNING)


def write_run(prepared: Prepared) -> Submission:
    """Return the form that hands in a run, with the files of its definition."""
    definition = prepared.sources[0]
    is_cwl = definition.path.endswith(CWL)
    found = CWL_VERSION.search(definition.content)
    fields = {
        "workflow_url": definition.path,
        "workflow_type": "CWL" if is_cwl else "NFL",
        "workflow_type_version": (found[1] if found else "v1.2") if is_cwl else "DSL2",
        "workflow_params": json.dumps(_parameters(prepared, as_cwl=is_cwl)),
        "tags": json.dumps({SESSION: prepared.id, "user": prepared.user}),
    }
    return Submission(
        fields=fields, attachments={one.path: one.content for one in prepared.sources}
    )


def read_outputs(log: Document) -> list[RunOutput]:
    """Return the outputs of a run that is complete, each file of a list or folder for itself."""
    outputs = log.get("outputs")
    if not isinstance(outputs, dict):
        return []
    return [one for name, value in outputs.items() for one in _outputs(str(name), value, DEEPEST)]


def read_end(log: Document, inputs: Sequence[InputFile]) -> str:
    """Return the end of what a run wrote to stderr, without the addresses of its inputs."""
    run_log = log.get("run_log")
    text = str(run_log.get("stderr") or "") if isinstance(run_log, dict) else ""
    for one in inputs:
        text = text.replace(one.url, one.name)
    return text[-TAIL:].strip()


def read_versions(info: Document) -> tuple[str, dict[str, str]]:
    """Return the newest version of WES that a service speaks, what it can run, and how busy it is.

    Raises ServiceError for an answer that no such service gives.
    """
    versions = info.get("supported_wes_versions")
    if not isinstance(versions, list) or not versions:
        raise ServiceError("It does not answer as a workflow service does.")
    types = info.get("workflow_type_versions")
    types = types if isinstance(types, dict) else {}
    said = {str(name): _versions(value) for name, value in sorted(types.items())}
    return str(versions[-1]), said | _counts(info)


def _counts(info: Document) -> dict[str, str]:
    """Return how many runs go on and wait, where a service counts them."""
    counts = info.get("system_state_counts")
    counts = counts if isinstance(counts, dict) else {}
    found = {words: counts.get(state) for state, words in COUNTED.items()}
    return {words: str(count) for words, count in found.items() if isinstance(count, int)}


def _versions(value: object) -> str:
    found = value.get("workflow_type_version") if isinstance(value, dict) else None
    return ", ".join(map(str, found)) if isinstance(found, list) else ""


def _parameters(prepared: Prepared, *, as_cwl: bool) -> dict[str, Any]:
    options: RunOptions = prepared.options
    given: dict[str, Any] = json.loads(options.inputs)
    name = options.files_input
    if not name or not prepared.inputs:
        return given
    if name in given:
        raise UsageError(f"The input {name!r} stands among the inputs, and is that of the basket.")
    files = [_file(one) if as_cwl else one.url for one in prepared.inputs]
    if options.files_as == ONE and len(files) != 1:
        raise UsageError(f"The input {name!r} takes one file; the basket has {len(files):,}.")
    return given | {name: files[0] if options.files_as == ONE else files}


def _file(one: InputFile) -> dict[str, Any]:
    known = {} if one.size is None else {"size": one.size}
    return {"class": "File", "location": one.url, "basename": one.name} | known


def _outputs(name: str, value: Any, depth: int) -> Iterator[RunOutput]:
    """Yield what one output holds, named after it and its place there."""
    if value is None or not depth:
        return
    if isinstance(value, list):
        for number, one in enumerate(value, start=1):
            yield from _outputs(name if len(value) == 1 else f"{name}[{number}]", one, depth - 1)
    elif isinstance(value, dict) and value.get("class") == "File":
        yield _output(name, value)
        yield from _outputs(f"{name}+", value.get("secondaryFiles"), depth - 1)
    elif isinstance(value, dict) and value.get("class") == "Directory":
        yield from _outputs(name, value.get("listing"), depth - 1)
    else:
        text = value if isinstance(value, str) else json.dumps(value)
        yield RunOutput(name=name, value=text[:LONGEST_VALUE])


def _output(name: str, file: Mapping[str, Any]) -> RunOutput:
    size = file.get("size")
    return RunOutput(
        name=f"{name}: {file['basename']}" if file.get("basename") else name,
        url=_text(file.get("location")),
        size=size if isinstance(size, int) else None,
        checksum=(_text(file.get("checksum")) or "").replace("$", ":", 1) or None,
        media_type=_text(file.get("format")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
