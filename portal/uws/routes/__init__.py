"""The REST tree of UWS 1.1, mounted below one path of any Flask application."""

from flask import Flask

from portal.uws.routes import jobs
from portal.uws.routes import types
from portal.uws.routes.surroundings import EXTENSION
from portal.uws.routes.surroundings import Surroundings

__all__ = ["Surroundings", "init_app"]


def init_app(app: Flask, surroundings: Surroundings, *, path: str = "/uws") -> None:
    """Mount the tree below `path` of an app that has a job service and a watcher."""
    app.extensions[EXTENSION] = surroundings
    for blueprint in (types.bp, jobs.bp):
        app.register_blueprint(blueprint, url_prefix=path)
