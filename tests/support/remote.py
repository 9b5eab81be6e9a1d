"""A portal on a loopback port, as remote workers see it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from flask import Flask
from werkzeug.serving import make_server
from werkzeug.serving import WSGIRequestHandler

from portal.accounts.owner import worker_caller
from portal.accounts.tokens import make_token
from portal.accounts.tokens import Scope
from portal.uws.board import JobBoard
from portal.uws.database import DatabaseGateway
from portal.uws.routes import WorkerDoor
from portal.uws.routes.worker_door import EXTENSION
from portal.uws.routes.worker_door import ResultIntake


class Silent(WSGIRequestHandler):
    """Writes no log."""

    protocol_version = "HTTP/1.1"

    def log(self, *_args: object) -> None:
        """Say nothing."""


class EveryResult:
    """An intake for tests without result files: whatever is finished was received."""

    max_bytes = 0

    def receive(
        self, job_id: str, token: str, name: str, file_name: str, content: IO[bytes]
    ) -> None:
        raise NotImplementedError

    def is_whole(self, job_id: str, token: str, name: str) -> bool:
        return True

    def drop_attempt(self, job_id: str, token: str) -> None:
        pass

    def drop_other_attempts(self, job_id: str, token: str) -> None:
        pass


def open_door(
    app: Flask, gateway: DatabaseGateway, intake: ResultIntake, *, budget: int = 10
) -> WorkerDoor:
    """Let workers in to the jobs of a gateway, instead of the app's own."""
    door = WorkerDoor(
        check_caller=worker_caller,
        gateway=gateway,
        board=JobBoard(app, gateway, budget=budget),
        intake=intake,
        lease_seconds=3.0,
    )
    app.extensions[EXTENSION] = door
    return door


def worker_token(app: Flask, scope: Scope = Scope.WORKER) -> str:
    """Return a new token."""
    with app.app_context():
        return make_token("user:ops", scope=scope).secret


@contextmanager
def serving(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve an app on 127.0.0.1 while the block lasts, and give its address."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Silent)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
