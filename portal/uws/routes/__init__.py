"""The REST tree of UWS 1.1, mounted below one path of any Flask application."""

from flask import Flask
from flask import Response

from portal.problems import PortalError
from portal.uws.answers import problem_answer
from portal.uws.answers import text_answer
from portal.uws.routes import jobs
from portal.uws.routes import parts
from portal.uws.routes import types
from portal.uws.routes import worker
from portal.uws.routes.answers import JSON
from portal.uws.routes.answers import wanted
from portal.uws.routes.surroundings import EXTENSION
from portal.uws.routes.surroundings import Surroundings
from portal.uws.routes.worker_door import EXTENSION as WORKER_EXTENSION
from portal.uws.routes.worker_door import WorkerDoor

__all__ = ["Surroundings", "WorkerDoor", "init_app", "init_worker_door"]


def init_app(app: Flask, surroundings: Surroundings, *, path: str = "/uws") -> None:
    """Mount the tree below `path` of an app that has a job service and a watcher.

    An app that does not render PortalError itself has it rendered for programs.
    """
    app.extensions[EXTENSION] = surroundings
    app.error_handler_spec[None][None].setdefault(PortalError, _tell_error)
    for blueprint in (types.bp, jobs.bp, parts.bp):
        app.register_blueprint(blueprint, url_prefix=path)


def init_worker_door(app: Flask, door: WorkerDoor, *, path: str = "/uws") -> None:
    """Mount what remote workers call below `path`/worker; without it there are none."""
    app.extensions[WORKER_EXTENSION] = door
    app.register_blueprint(worker.bp, url_prefix=f"{path}/worker")


def _tell_error(error: PortalError) -> Response:
    answer = problem_answer if wanted() == JSON else text_answer
    response = answer(error.problem())
    response.headers.extend(error.headers)
    return response
