"""Rows that go into a basket when their job is done."""

import os
import re
from datetime import timedelta

import pytest

from portal.accounts.belongings import take_over_all
from portal.basket import adding
from portal.basket import completion
from portal.basket import contents
from portal.db import clock
from portal.db import db
from portal.plugins.types import DataItem
from portal.runtime import create_runtime
from portal.uws.lines import list_lines
from portal.uws.models import Job
from portal.uws.phases import ExecutionPhase
from portal.uws.reconciler import reconcile
from portal.uws.service import jobs
from portal.uws.worker import execute_job
from tests.support import lab
from tests.support.callers import bearer
from tests.support.callers import make_token

FORM = "/archives/lab/query.lab-stars"
ROOT = "/uws/jobs"


@pytest.fixture
def plugins():
    return [("lab", lab)]


@pytest.fixture
def program(app, client):
    """Return a function by which a program of the browser's owner calls."""
    headers = bearer(make_token(client))
    caller = app.test_client(use_cookies=False)

    def call(method, address, **sent):
        return caller.open(address, method=method, headers=headers, **sent)

    return call


def stars(**control):
    return {"TYPE": "query.lab-stars", "PHASE": "RUN", "rows": "3", **control}


def in_basket(program, ref="current"):
    return program("GET", f"/api/baskets/{ref}/items").json["items"]


def basket(program, name):
    return program("POST", "/api/baskets", json={"name": name, "current": False}).json["ref"]


def lines(app, job_id):
    with app.app_context():
        owner = db.session.get(Job, job_id).owner
        return [line.text for line in list_lines(job_id, owner=owner, last=10)]


def test_the_form_of_a_query_puts_the_rows_into_the_basket_when_they_are_there(client, work):
    page = client.get(FORM).text
    assert re.search(r'<select id="when-done-basket" name="basket">', page)

    client.post(FORM, data={"rows": "3", "basket": "current"})
    assert "The basket is empty" in client.get("/basket").text
    work()

    assert "3 items" in client.get("/basket").text


@pytest.mark.parametrize("name", ["BASKET", "basket"])
def test_a_job_made_by_uws_names_the_basket_for_its_rows(program, work, name):
    other = basket(program, "Other")

    program("POST", ROOT, data=stars(**{name: other}))
    work()

    assert len(in_basket(program, other)) == 3
    assert program("GET", f"/api/baskets/{other}").json["count"] == 3


def test_a_job_made_of_json_names_the_basket_for_its_rows(program, work):
    sent = {"type": "query.lab-stars", "basket": "current", "parameters": {"rows": 1001}}
    program("POST", ROOT, json={**sent, "phase": "RUN"})
    work()

    [item] = in_basket(program)
    assert (item["origin"], item["rows"]) == ("result", 1001)


def test_of_a_job_made_of_others_the_rows_of_the_whole_go_into_the_basket(program, work):
    sent = {"TYPE": "query.lab-sky", "counts": ["1", "2"], "PHASE": "RUN", "BASKET": "current"}
    program("POST", ROOT, data=sent)
    while work():
        pass

    assert len(in_basket(program)) == 2
    assert len({item["job"] for item in in_basket(program)}) == 1


def test_a_waiting_job_can_be_told_its_basket_and_a_running_one_cannot(program, work):
    other = basket(program, "Other")
    job = program("POST", ROOT, data=stars(PHASE="")).location.rpartition("/")[2]

    assert program("POST", f"{ROOT}/{job}", data={"BASKET": other}).status_code == 303
    program("POST", f"{ROOT}/{job}/phase", data={"PHASE": "RUN"})
    assert program("POST", f"{ROOT}/{job}", data={"BASKET": ""}).status_code == 403
    work()

    assert len(in_basket(program, other)) == 3


def test_a_basket_that_is_not_the_callers_is_refused_and_no_job_is_made(app, program, client):
    stranger = app.test_client()
    stranger.post("/baskets", data={"name": "Theirs"})
    theirs = re.search(r"/baskets/([0-9a-f]{32})", stranger.get("/baskets").text)[1]

    for ref in (theirs, "0" * 32, "x" * 500, "\x01"):
        assert program("POST", ROOT, data=stars(BASKET=ref)).status_code == 404
        assert client.post(FORM, data={"rows": "1", "basket": ref}).status_code == 404
    with app.app_context():
        assert db.session.query(Job).count() == 0


def test_a_caller_without_a_name_has_no_basket_for_rows(app):
    nobody = app.test_client(use_cookies=False)

    assert nobody.post(ROOT, data=stars(BASKET="current")).status_code == 401


@pytest.mark.parametrize("how", ["usage", "cut", "crash"])
def test_a_job_that_fails_leaves_the_basket_as_it_was(program, work, how):
    program("POST", ROOT, data=stars(BASKET="current", how=how))
    work()

    assert in_basket(program) == []


def test_a_basket_that_is_gone_when_the_job_ends_fails_nobody(app, program, work):
    other = basket(program, "Other")
    job = program("POST", ROOT, data=stars(BASKET=other)).location.rpartition("/")[2]
    program("DELETE", f"/api/baskets/{other}")
    work()

    assert program("GET", f"{ROOT}/{job}/phase").text == "COMPLETED"
    assert "The basket for these rows is gone, or no longer shared." in lines(app, job)


def test_a_basket_that_is_nearly_full_gets_the_rows_as_one_item(program, work, monkeypatch):
    monkeypatch.setattr(adding, "MOST_ITEMS", 1)
    for _ in range(2):
        program("POST", ROOT, data=stars(BASKET="current"))
        work()

    [item] = in_basket(program)
    assert item["origin"] == "result"


def test_an_archive_that_cannot_describe_its_rows_still_gets_them_there(program, work, monkeypatch):
    def fail(*_args):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(lab.Stars, "to_items", fail)
    program("POST", ROOT, data=stars(BASKET="current"))
    work()

    [item] = in_basket(program)
    assert item["rows"] == 3


def test_who_signs_in_while_the_rows_are_read_finds_them_in_his_basket(
    app, client, program, work, monkeypatch
):
    with app.app_context():
        adding.add_received("user:ada", [DataItem(title="mine")], sender="test")
    client.get("/basket")
    with client.session_transaction() as kept:
        browser = kept["owner"]
    prepare = completion.BasketCompletions.prepare

    def sign_in_meanwhile(*args):
        prepared = prepare(*args)
        take_over_all(browser, "user:ada")
        db.session.commit()
        return prepared

    monkeypatch.setattr(completion.BasketCompletions, "prepare", sign_in_meanwhile)
    program("POST", ROOT, data=stars(BASKET="current"))
    work()

    with app.app_context():
        assert contents.count_items("user:ada") == 4


@pytest.mark.slow
@pytest.mark.parametrize("dies", ["before", "after"])
def test_a_worker_that_is_killed_at_the_end_leaves_nothing_half_done(app, program, dies):
    """The rows are in the basket and the job has ended, or neither; the next attempt does both."""
    job = program("POST", ROOT, data=stars(BASKET="current")).location.rpartition("/")[2]
    _work_and_die(app, job, dies)

    assert program("GET", f"{ROOT}/{job}/phase").text == "EXECUTING"
    assert in_basket(program) == []

    _give_up(app, job)
    with app.app_context():
        assert db.session.get(Job, job).phase == ExecutionPhase.QUEUED
    assert execute_job(job, create_runtime(app))
    assert program("GET", f"{ROOT}/{job}/phase").text == "COMPLETED"
    assert len(in_basket(program)) == 3


def _work_and_die(app, job_id, dies):
    """Run a job in a process of its own, which is gone when the rows were or are to be put."""
    with app.app_context():
        db.engine.dispose()
    runtime = create_runtime(app)
    put_all = completion._put_all
    pid = os.fork()
    if pid == 0:

        def die(*args):
            if dies == "after":
                put_all(*args)
            os._exit(9)

        completion._put_all = die
        try:
            execute_job(job_id, runtime)
        finally:
            os._exit(0)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 9


def _give_up(app, job_id):
    """Let the lease of a job end, and the reconciler see it."""
    with app.app_context():
        db.session.get(Job, job_id).lease = clock() - timedelta(seconds=1)
        db.session.commit()
        reconcile(jobs().types, lambda _job: None, lambda _job, _token: None)
