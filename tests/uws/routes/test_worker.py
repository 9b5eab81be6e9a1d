"""What remote workers call: who may, for which job, and how large."""

import json
import re
import socket
import threading
from http import HTTPStatus
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from portal.accounts.tokens import Scope
from portal.db import db
from portal.results.intake import ResultIntake
from portal.results.store import ResultStore
from portal.uws import board as boards
from portal.uws.models import Job
from portal.uws.models import LogLine
from portal.uws.models import Result
from portal.uws.phases import ExecutionPhase
from portal.uws.routes import worker as routes
from tests.support.callers import bearer
from tests.support.remote import EveryResult
from tests.support.remote import open_door
from tests.support.remote import serving
from tests.support.remote import worker_token
from tests.uws.conftest import OWNER

pytestmark = pytest.mark.slow  # on two databases, over HTTP

CLAIM = "/uws/worker/claim"
NOBODYS = "0" * 32
RESULT = {"name": "result", "mime_type": "text/plain"}
CALLS = [
    ("GET", "", None),
    ("GET", "/standing", None),
    ("POST", "/lease", {}),
    ("POST", "/progress", {"progress": 0.5, "message": "half"}),
    ("POST", "/log", {"lines": ["a line"]}),
    ("POST", "/checkpoint", {"key": "a", "value": "b"}),
    ("POST", "/credential", {"service": "a.example"}),
    ("POST", "/credential/refused", {"service": "a.example"}),
    ("GET", "/children", None),
    ("GET", f"/uploads/{NOBODYS}", None),
    ("POST", "/partial", RESULT),
    ("PUT", "/results/result/rows.arrow", {}),
    ("POST", "/finish", {"results": []}),
    ("POST", "/fail", {"message": "no", "fatal": True}),
    ("POST", "/overrun", {}),
    ("POST", "/release", {}),
]
HOLDERS_CALLS = [call for call in CALLS if call[1] != "/standing"]


@pytest.fixture(autouse=True)
def door(app, gateway, service, tmp_path):
    """Let workers in to the jobs of the tests, with a store that takes 1,000 bytes."""
    intake = ResultIntake(ResultStore(tmp_path / "results"), max_result_bytes=1000)
    return open_door(app, gateway, intake)


@pytest.fixture
def token(app):
    return worker_token(app)


@pytest.fixture
def claimed(client, token, queued):
    """Return a function that claims a new job: what the worker is answered."""

    def claim():
        job_id = queued()
        answer = client.post(CLAIM, json={"job": job_id}, headers=bearer(token))
        assert answer.status_code == 200, answer.text
        return answer.json

    return claim


@pytest.fixture
def call(client):
    """Return a function that calls for a job with a key."""

    def call(method, path, message, *, job_id, key):
        return client.open(
            f"/uws/worker/jobs/{job_id}{path}",
            method=method,
            data=None if message is None else json.dumps(message),
            headers=bearer(key),
        )

    return call


def rows():
    return [
        [tuple(row) for row in db.session.execute(select(model.__table__)).all()]
        for model in (Job, Result, LogLine)
    ]


def phase(service, job_id):
    return service.get_job(job_id, owner=OWNER).phase


def test_a_claim_needs_a_token(client, queued):
    answer = client.post(CLAIM, json={"job": queued()})

    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert answer.mimetype == "application/problem+json"
    assert "WWW-Authenticate" in answer.headers


def test_a_users_token_claims_nothing(app, client, service, queued):
    job_id = queued()
    headers = bearer(worker_token(app, Scope.USER))

    answer = client.post(CLAIM, json={"job": job_id}, headers=headers)

    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert phase(service, job_id) == ExecutionPhase.QUEUED


def test_a_browsers_cookie_claims_nothing(client, service, queued):
    with client.session_transaction() as session:
        session["owner"] = OWNER
    job_id = queued()

    assert client.post(CLAIM, json={"job": job_id}).status_code == HTTPStatus.UNAUTHORIZED
    assert phase(service, job_id) == ExecutionPhase.QUEUED


def test_a_claimed_job_comes_with_its_key_and_is_not_kept_by_caches(client, token, queued):
    answer = client.post(CLAIM, json={"job": queued("Lyra")}, headers=bearer(token))

    assert answer.json["job"]["parameters"] == [["name", "Lyra"]]
    assert answer.json["lease"] == 3.0
    assert answer.json["job"]["token"] in answer.json["key"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("method", "path", "message"), CALLS)
def test_a_workers_token_opens_no_job(app, client, claimed, call, token, method, path, message):
    job = claimed()["job"]
    before = rows()

    answer = call(method, path, message, job_id=job["id"], key=token)

    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert rows() == before


@pytest.mark.parametrize(("method", "path", "message"), CALLS)
def test_the_key_of_one_job_is_nothing_to_another(claimed, call, method, path, message):
    mine, other = claimed(), claimed()
    before = rows()

    answer = call(method, path, message, job_id=other["job"]["id"], key=mine["key"])

    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert rows() == before


@pytest.mark.parametrize(("method", "path", "message"), CALLS)
def test_nobody_can_tell_whether_a_job_exists(claimed, call, method, path, message):
    job = claimed()["job"]
    forged = f"{job['id']}.{job['token']}.c2lnbmF0dXJl"

    theirs = call(method, path, None, job_id=job["id"], key=forged)
    nobodys = call(method, path, message, job_id=NOBODYS, key=forged)

    assert theirs.status_code == nobodys.status_code == HTTPStatus.UNAUTHORIZED
    assert theirs.json == nobodys.json


@pytest.mark.parametrize(("method", "path", "message"), HOLDERS_CALLS)
def test_after_the_end_the_key_is_nothing_any_more(claimed, call, method, path, message):
    given = claimed()
    mine = {"job_id": given["job"]["id"], "key": given["key"]}
    assert call("POST", "/finish", {"results": []}, **mine).status_code == HTTPStatus.NO_CONTENT
    before = rows()

    answer = call(method, path, message, **mine)

    assert answer.status_code == HTTPStatus.CONFLICT
    assert answer.mimetype == "application/problem+json"
    assert rows() == before


def test_a_lost_attempt_learns_that_and_no_more(claimed, call):
    given = claimed()
    mine = {"job_id": given["job"]["id"], "key": given["key"]}
    call("POST", "/release", {}, **mine)

    answer = call("GET", "/standing", None, **mine)

    assert answer.json == {"hold": "lost", "execution_duration": 0}


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/progress", {"progress": 2, "message": ""}),
        ("/progress", {"progress": "0.5", "message": ""}),
        ("/progress", {"progress": float("nan"), "message": ""}),
        ("/progress", {"progress": 0.5, "message": "", "phase": "COMPLETED"}),
        ("/progress", {}),
        ("/progress", []),
        ("/log", {"lines": ["x"] * 1001}),
        ("/log", {"lines": [1]}),
        ("/checkpoint", {"key": "", "value": ""}),
        ("/checkpoint", {"key": "k" * 65, "value": ""}),
        ("/partial", {"name": "../x", "mime_type": "x"}),
        ("/partial", {"name": "result\n", "mime_type": "x"}),
        ("/finish", {"results": [RESULT, RESULT]}),
        ("/finish", {"results": [RESULT | {"size": -1}]}),
        ("/fail", {"message": "no", "fatal": "yes"}),
    ],
)
def test_a_message_that_is_none_is_refused_with_its_fault(claimed, call, path, message):
    given = claimed()
    before = rows()

    answer = call("POST", path, message, job_id=given["job"]["id"], key=given["key"])

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert answer.json["detail"]
    assert rows() == before


def test_a_message_that_is_too_long_is_refused(claimed, call):
    given = claimed()
    message = {"lines": ["x" * 100_000] * 30}

    answer = call("POST", "/log", message, job_id=given["job"]["id"], key=given["key"])

    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_a_result_that_was_not_received_cannot_be_finished_with(service, claimed, call):
    given = claimed()
    job_id = given["job"]["id"]

    answer = call("POST", "/finish", {"results": [RESULT]}, job_id=job_id, key=given["key"])

    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "was not received" in answer.json["detail"]
    assert phase(service, job_id) == ExecutionPhase.EXECUTING


@pytest.mark.parametrize(
    "path",
    [
        "/results/result/..%2f..%2fportal.sqlite",
        "/results/result/%2e%2e",
        "/results/..%2f..%2f/rows.arrow",
        "/results/%2e%2e/rows.arrow",
        "/results/result/secret_key",
        "/results/Result/rows.arrow",
    ],
)
def test_no_name_leads_out_of_the_results_folder(claimed, call, tmp_path, path):
    given = claimed()
    before = sorted(tmp_path.rglob("*"))

    answer = call("PUT", path, {}, job_id=given["job"]["id"], key=given["key"])

    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert sorted(tmp_path.rglob("*")) == before


def test_a_file_that_is_too_large_is_refused_before_it_is_read(door, claimed, client, tmp_path):
    given = claimed()

    answer = client.put(
        f"/uws/worker/jobs/{given['job']['id']}/results/result/rows.arrow",
        headers=bearer(given["key"]),
        environ_overrides={"CONTENT_LENGTH": str(door.intake.max_bytes + 1)},
    )

    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert answer.json["detail"] == "The result is larger than this portal keeps."
    assert not list(tmp_path.rglob("rows.arrow"))


def test_a_file_larger_than_a_form_is_taken(claimed, client, tmp_path):
    given = claimed()

    answer = client.put(
        f"/uws/worker/jobs/{given['job']['id']}/results/result/rows.arrow",
        headers=bearer(given["key"]),
        data=b"x" * 3_000_000,
    )

    assert answer.status_code == HTTPStatus.NO_CONTENT
    (kept,) = tmp_path.rglob("rows.arrow")
    assert kept.stat().st_size == 3_000_000


def test_a_file_of_unknown_length_is_refused(claimed, client):
    given = claimed()

    answer = client.put(
        f"/uws/worker/jobs/{given['job']['id']}/results/result/rows.arrow",
        headers=bearer(given["key"]),
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert answer.status_code == HTTPStatus.LENGTH_REQUIRED


def test_what_comes_for_a_job_that_is_destroyed_meanwhile_is_not_kept(
    app, service, gateway, claimed, call, tmp_path
):
    given = claimed()
    job_id = given["job"]["id"]

    class Slow(ResultIntake):
        """Takes so long that the owner deletes the job."""

        def receive(self, *args):
            super().receive(*args)
            service.destroy_job(job_id, owner=OWNER)

    open_door(app, gateway, Slow(ResultStore(tmp_path / "results"), max_result_bytes=1000))

    answer = call("PUT", "/results/result/rows.arrow", {}, job_id=job_id, key=given["key"])

    assert answer.status_code == HTTPStatus.CONFLICT
    assert not list(tmp_path.rglob("rows.arrow"))


@pytest.mark.parametrize(
    ("path", "message"), [("/fail", {"message": "no", "fatal": True}), ("/release", {})]
)
def test_what_an_attempt_sent_goes_when_it_gives_up(claimed, call, tmp_path, path, message):
    given = claimed()
    mine = {"job_id": given["job"]["id"], "key": given["key"]}
    call("PUT", "/results/result/rows.arrow", {}, **mine)

    call("POST", path, message, **mine)

    assert not list(tmp_path.rglob("rows.arrow"))


def claim_any(client, token, *types, wait=0.0):
    message = {"types": list(types), "wait": wait}
    return client.post(CLAIM, json=message, headers=bearer(token))


def test_the_oldest_job_of_the_types_that_a_worker_runs_is_claimed(client, token, queued):
    first, second = queued(), queued()

    claimed = [claim_any(client, token, "other", "hello").json["job"]["id"] for _ in range(2)]

    assert claimed == [first, second]
    assert claim_any(client, token, "hello").status_code == HTTPStatus.NO_CONTENT


def test_a_job_of_a_type_that_the_worker_cannot_run_is_left_alone(client, token, service, queued):
    job_id = queued()

    assert claim_any(client, token, "other").status_code == HTTPStatus.NO_CONTENT
    assert claim_any(client, token).status_code == HTTPStatus.NO_CONTENT
    assert phase(service, job_id) == ExecutionPhase.QUEUED


def test_a_worker_waits_for_a_job(app, token, queued, monkeypatch):
    monkeypatch.setattr(boards, "LOOK_SECONDS", 0.01)
    answers = []
    with serving(app) as url:
        waiting = threading.Thread(
            target=lambda: answers.append(
                requests.post(
                    url + CLAIM,
                    json={"types": ["hello"], "wait": 20},
                    headers=bearer(token),
                    timeout=30,
                )
            )
        )
        waiting.start()
        job_id = queued()
        waiting.join()

    assert answers[0].json()["job"]["id"] == job_id


def test_a_worker_that_waited_in_vain_is_told_so(client, token):
    assert claim_any(client, token, "hello", wait=0.05).status_code == HTTPStatus.NO_CONTENT


def test_over_the_budget_nobody_waits(app, gateway, token, client):
    open_door(app, gateway, EveryResult(), budget=0)

    assert claim_any(client, token, "hello", wait=20).status_code == HTTPStatus.NO_CONTENT


def test_nothing_is_claimed_for_a_worker_that_has_gone(client, token, service, queued):
    here, there = socket.socketpair()
    there.close()
    job_id = queued()
    with here:
        answer = client.post(
            CLAIM,
            json={"types": ["hello"]},
            headers=bearer(token),
            environ_overrides={"gunicorn.socket": here},
        )

    assert answer.status_code == HTTPStatus.NO_CONTENT
    assert phase(service, job_id) == ExecutionPhase.QUEUED


def test_a_worker_that_is_there_is_not_taken_for_gone(client, token, queued):
    here, there = socket.socketpair()
    job_id = queued()
    with here, there:
        answer = client.post(
            CLAIM,
            json={"types": ["hello"]},
            headers=bearer(token),
            environ_overrides={"gunicorn.socket": here},
        )

    assert answer.json["job"]["id"] == job_id


@pytest.fixture
def rules(app):
    """Return the method and the path, below /uws/worker, of every route."""
    return {
        (method, rule.rule.removeprefix("/uws/worker"))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(f"{routes.bp.name}.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def test_every_route_of_a_job_is_in_the_list_above(rules):
    assert len(CALLS) == len([path for _, path in rules if "job_id" in path])


def test_every_route_is_described(rules):
    page = (Path(__file__).parents[3] / "docs" / "worker-api.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `([A-Z]+) ([^`]+)`", page, re.MULTILINE))

    assert {
        (method, path.replace("<", "{").replace(">", "}")) for method, path in rules
    } == described
