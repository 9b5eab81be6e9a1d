"""How to ask the archive of a job the same, without the portal."""

from collections.abc import Sequence

from flask import current_app

from portal.config import Settings
from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins.registry import PluginRegistry
from portal.plugins.snippets import Snippet
from portal.problems import NotFoundError
from portal.uws.models import Job


def code_of(job: Job) -> Sequence[Snippet]:
    """Return programs that ask the same; none where the plugin is gone, fails or has none."""
    registry: PluginRegistry = current_app.extensions["plugins"]
    settings: Settings = current_app.config["SETTINGS"]
    try:
        query = registry.query(job.type)
        given = [(one.name, one.value) for one in job.parameters]
        parameters = read_form(query.Parameters, given)
    except (NotFoundError, InvalidParametersError):  # asked of another version of the plugin
        return ()
    maxrec = settings.row_limit(getattr(parameters, "maxrec", None))
    none: Sequence[Snippet] = ()
    return registry.call(query, lambda: query.code(parameters, maxrec=maxrec), otherwise=none)
