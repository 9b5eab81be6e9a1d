"""How to ask the archive of a job the same, without the portal."""

from collections.abc import Sequence
from dataclasses import replace

from flask import current_app

from portal.config import Settings
from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins.registry import PluginRegistry
from portal.plugins.resolving import RESOLVED
from portal.plugins.snippets import Snippet
from portal.problems import NotFoundError
from portal.uws.models import Job
from portal.uws.records import read_checkpoints

MOST_PARTS = 20


def code_of(job: Job, parts: Sequence[Job] = ()) -> Sequence[Snippet]:
    """Return programs that ask the same; none where the plugin is gone, fails or has none.

    Of a job made of others, those of its parts one after the other, when all have ended.
    """
    if parts:
        known = job.is_finished and len(parts) <= MOST_PARTS
        return put_together([(one.title, code_of(one)) for one in parts]) if known else ()
    registry: PluginRegistry = current_app.extensions["plugins"]
    settings: Settings = current_app.config["SETTINGS"]
    try:
        query = registry.query(job.type)
        parameters = read_form(query.Parameters, _given(job))
    except (NotFoundError, InvalidParametersError):  # asked of another version of the plugin
        return ()
    maxrec = settings.row_limit(getattr(parameters, "maxrec", None))
    none: Sequence[Snippet] = ()
    return registry.call(query, lambda: query.code(parameters, maxrec=maxrec), otherwise=none)


def put_together(parts: Sequence[tuple[str, Sequence[Snippet]]]) -> Sequence[Snippet]:
    """Return a program for each tool that does what those of the parts do, each with a title.

    Python's has the rows of all parts in `tables`; those of a shell use a folder for each.
    """
    known: dict[str, Snippet] = {}
    for _, snippets in parts:
        for one in snippets:
            known.setdefault(_runner(one), one)
    return [replace(one, text=_of_all(one, parts)) for one in known.values()]


def _runner(snippet: Snippet) -> str:
    """Return what tells apart what cannot be put together: Python runs all of its tools."""
    return snippet.language if snippet.language == "python" else snippet.tool


def _of_all(kind: Snippet, parts: Sequence[tuple[str, Sequence[Snippet]]]) -> str:
    pieces = ["tables = []\n"] if kind.language == "python" else []
    for number, (title, snippets) in enumerate(parts, 1):
        comment = f"# {number}. {' '.join(title.split())}\n"
        text = next((one.text for one in snippets if _runner(one) == _runner(kind)), None)
        if text is None:
            pieces.append(f"{comment}# (how to ask this without the portal is not known)\n")
        elif kind.language == "python":
            pieces.append(f"{comment}{text}tables.append(table)\n")
        else:
            pieces.append(f"{comment}(mkdir -p part-{number} && cd part-{number}\n{text})\n")
    return "\n".join(pieces)


def _given(job: Job) -> list[tuple[str, str]]:
    """Return the job's parameters, with coordinates where it asked a resolver for a name's."""
    found = read_checkpoints(job.id) if job.start_time else {}
    return [(one.name, found.get(RESOLVED + one.name, one.value)) for one in job.parameters]
