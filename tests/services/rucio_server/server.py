"""Runs the Rucio server of the tests: `server.py build`, once, or `server.py serve`.

Beside it a second server sends the files of the lake, and does for the tests what the daemons
of a real lake do, which are not running: it moves what rules want moved, or fails to.
"""

import json
import os
import sys
import threading

import lake
from flask import Flask
from flask import request
from flask import Response
from rucio.core import lock
from rucio.core import replica
from rucio.core.authentication import TOKENREGION
from rucio.db.sqla import models
from rucio.db.sqla.constants import LockState
from rucio.db.sqla.constants import ReplicaState
from rucio.db.sqla.session import read_session
from rucio.db.sqla.session import transactional_session
from sqlalchemy import delete
from sqlalchemy import select
from werkzeug.serving import make_server

daemons = Flask("daemons")


@daemons.get("/<place>/<scope>/<path:name>")
def send(place: str, scope: str, name: str) -> Response:
    """Send a file, which every place has."""
    return Response(lake.content(name), content_type="application/fits")


@daemons.post("/test/transfers")
def transfer() -> dict[str, int]:
    """Let as many transfers as are asked for succeed, or fail."""
    waiting = _waiting()[: request.json["count"]]
    for one in waiting:
        _end_transfer(one, succeeds=request.json["succeeds"])
    return {"ended": len(waiting)}


@daemons.post("/test/forget-tokens")
def forget_tokens() -> dict[str, int]:
    """Let every token be one that has expired."""
    TOKENREGION.invalidate()
    return {"forgotten": _delete_tokens()}


@daemons.get("/test/rules")
def rules() -> list[dict[str, str]]:
    """Return the rules that there are."""
    return _rules()


@read_session
def _waiting(*, session):
    statement = select(models.ReplicaLock).where(models.ReplicaLock.state == LockState.REPLICATING)
    found = session.execute(statement).scalars().all()
    return [(one.scope, one.name, one.rse_id) for one in found]


@transactional_session
def _end_transfer(one, *, succeeds, session):
    scope, name, rse_id = one
    if succeeds:
        state = {"scope": scope, "name": name, "rse_id": rse_id, "state": ReplicaState.AVAILABLE}
        replica.update_replicas_states([state], session=session)
        lock.successful_transfer(scope, name, rse_id, nowait=False, session=session)
    else:
        lock.failed_transfer(scope, name, rse_id, "no route to host", session=session)


@transactional_session
def _delete_tokens(*, session):
    return session.execute(delete(models.Token)).rowcount


@read_session
def _rules(*, session):
    found = session.execute(select(models.ReplicationRule)).scalars().all()
    return [
        {"id": one.id, "name": one.name, "state": one.state.name, "account": one.account.external}
        for one in found
    ]


def serve() -> None:
    """Serve, and say where in one line of JSON."""
    from rucio.web.rest.flaskapi.v1.main import application

    files = make_server("127.0.0.1", 0, daemons, threaded=True)
    lake.serve_files_at(files.server_port)
    tls = (os.environ["LAKE_CERTIFICATE"], os.environ["LAKE_KEY"])
    api = make_server("127.0.0.1", 0, application, threaded=True, ssl_context=tls)
    threading.Thread(target=files.serve_forever, daemon=True).start()
    print(json.dumps({"api": api.server_port, "files": files.server_port}), flush=True)
    api.serve_forever()


if __name__ == "__main__":
    {"build": lake.build, "serve": serve}[sys.argv[1]]()
