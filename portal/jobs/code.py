"""How to ask the archive of a job the same, without the portal."""

from collections.abc import Sequence

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


def code_of(job: Job) -> Sequence[Snippet]:
    """Return programs that ask the same; none where the plugin is gone, fails or has none."""
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


def _given(job: Job) -> list[tuple[str, str]]:
    """Return the job's parameters, with coordinates where it asked a resolver for a name's."""
    found = read_checkpoints(job.id) if job.start_time else {}
    return [(one.name, found.get(RESOLVED + one.name, one.value)) for one in job.parameters]
