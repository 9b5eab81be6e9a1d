import time

import pytest

from portal.plugins import AbortedError
from portal.plugins import DeadlineError
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal.plugins.testing import check_abort
from portal_zooniverse import answers
from portal_zooniverse.projects import ProjectsParameters
from portal_zooniverse.projects import ProjectsQuery
from portal_zooniverse.settings import ZooniverseSettings
from tests.support.panoptes import project
from tests.support.panoptes import refuse
from tests.support.panoptes import send

WEB_PAGE = "<html><head><title>We're sorry,\nbut something went wrong</title></head></html>"


@pytest.fixture
def ask(panoptes, zooniverse, job, read):
    """Return a function that asks for five projects on three pages."""
    panoptes.most_per_page["projects"] = 2
    panoptes.projects = [project(n) for n in range(1, 6)]

    def ask(**parameters):
        return read(ProjectsQuery(zooniverse).run(ProjectsParameters(**parameters), job.context()))

    return ask


def test_an_aborted_job_keeps_the_contract(ask, zooniverse, job):
    check_abort(ProjectsQuery(zooniverse), ProjectsParameters(), job)


@pytest.mark.slow
def test_a_rate_limit_is_kept_to(panoptes, ask, job):
    def refuse_once(exchange):
        del panoptes.instead[2]
        refuse(exchange, 429, "Slow down", retry_after="1")

    panoptes.instead[2] = refuse_once
    began = time.monotonic()
    rows, _ = ask()
    assert len(rows) == 5
    assert time.monotonic() - began >= 1
    assert "the Zooniverse asks to wait for 1 s" in job.messages


@pytest.mark.parametrize(("given", "told"), [("86400", "86400 s"), ("Fri, 31 Dec", "Fri, 31 Dec")])
def test_a_rate_limit_that_takes_too_long_is_told(panoptes, ask, given, told):
    panoptes.instead[2] = lambda one: refuse(one, 429, "Slow down", retry_after=given)
    with pytest.raises(TransientError) as caught:
        ask()
    assert caught.value.message == (
        f"{panoptes.server.host} answers 429 Too Many Requests: Slow down (Retry-After: {told})"
    )


def test_an_api_that_is_busy_for_ever_is_given_up(panoptes, ask):
    panoptes.instead[1] = lambda one: refuse(one, 503, "Maintenance", retry_after="0")
    with pytest.raises(TransientError, match=r"503 .*: Maintenance"):
        ask()
    assert len(panoptes.server.requests) == 6


@pytest.mark.slow
def test_a_rate_limit_that_outlasts_the_job_is_its_reason(panoptes, ask, job):
    job.seconds = 0.4
    panoptes.instead[1] = lambda one: refuse(one, 429, "Slow down", retry_after="30")
    with pytest.raises(DeadlineError, match="429 Too Many Requests: Slow down"):
        ask()


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, UsageError), (422, UsageError), (500, ServiceError), (503, TransientError)],
)
def test_the_api_refuses_in_its_own_words(panoptes, ask, status, kind):
    panoptes.instead[1] = lambda one: refuse(one, status, "Feature has been disabled")
    with pytest.raises(kind, match=f"{status} .*: Feature has been disabled"):
        ask()


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, ServiceError), (500, ServiceError), (502, TransientError), (504, TransientError)],
)
def test_web_pages_of_what_stands_before_the_api_are_its_failure(panoptes, ask, status, kind):
    panoptes.instead[1] = lambda one: one.answer(WEB_PAGE, status=status, content_type="text/html")
    with pytest.raises(kind, match=f"{status} .*: We're sorry, but something went wrong$"):
        ask()


def test_a_web_page_in_place_of_a_list_is_no_list(panoptes, ask):
    panoptes.instead[3] = lambda one: one.answer(WEB_PAGE, content_type="text/html")
    with pytest.raises(ServiceError, match="not JSON: We're sorry, but something went wrong"):
        ask()


@pytest.mark.parametrize("body", ["", '{"projects": [', "\x00", "[" * 100_000, '"\\ud800"'])
def test_what_is_not_json_is_refused(panoptes, ask, body):
    panoptes.instead[1] = lambda one: one.answer(body)
    with pytest.raises(ServiceError, match="something that is not JSON"):
        ask()


META = {"projects": {"next_page": None, "page_count": 1}}


@pytest.mark.parametrize(
    "document",
    [
        [],
        None,
        {"meta": META},
        {"projects": []},
        {"projects": None, "meta": META},
        {"projects": ["x"], "meta": META},
        {"projects": [{"id": "1"}], "meta": META},
        {"projects": [project(1, id="x")], "meta": META},
        {"projects": [project(1, id=10**30)], "meta": META},
        {"projects": [project(1, completeness=float("nan"))], "meta": META},
        {"projects": [], "meta": {"projects": {"next_page": "soon", "page_count": 1}}},
    ],
)
def test_json_of_another_form_is_refused(panoptes, ask, document):
    panoptes.instead[1] = lambda one: send(one, document)
    with pytest.raises(ServiceError, match="in a form that its API does not have"):
        ask()


@pytest.mark.parametrize("following", [0, 1, 3])
def test_pages_out_of_order_are_not_followed(panoptes, ask, following):
    meta = {"projects": {"next_page": following, "page_count": 3}}
    panoptes.instead[1] = lambda one: send(one, {"projects": [], "meta": meta})
    with pytest.raises(ServiceError, match="out of order after page 1"):
        ask()


def test_too_large_an_answer_is_left_unread(panoptes, ask, monkeypatch):
    monkeypatch.setattr(answers, "MOST_BYTES", 2_000_000)
    panoptes.instead[1] = lambda one: one.head() or one.flood(b" " * 65_536)
    with pytest.raises(ServiceError, match="more than 2 MB"):
        ask()


def test_an_api_that_hangs_is_given_up(panoptes, ask, job):
    job.read_timeout = 0.2
    panoptes.instead[2] = lambda one: one.hang()
    with pytest.raises(TransientError, match="does not answer within"):
        ask()


@pytest.mark.slow
def test_an_api_that_drips_is_given_up_at_the_deadline(panoptes, ask, job):
    job.seconds = 0.5
    panoptes.instead[2] = lambda one: one.head() or one.drip(b" ")
    with pytest.raises(DeadlineError):
        ask()


def test_an_abort_ends_a_search(panoptes, ask, job):
    panoptes.instead[2] = lambda one: job.aborted.set() or one.hang()
    with pytest.raises(AbortedError):
        ask()


def test_an_address_without_an_api_is_the_operators_mistake(panoptes, job, read):
    query = ProjectsQuery(ZooniverseSettings(api_url=f"{panoptes.server.url}/elsewhere/"))
    with pytest.raises(ServiceError, match="404 Not Found"):
        read(query.run(ProjectsParameters(), job.context()))


def test_the_server_of_these_tests_is_strict(panoptes, job):
    http = job.context().http
    known = {"Accept": "application/vnd.api+json; version=1"}
    assert http.get(f"{panoptes.url}/projects").status_code == 404
    assert http.get(f"{panoptes.url}/projects", headers=known).status_code == 200
    for query in ("approved=true", "sort=name", "page=0", "state=development"):
        panoptes.projects = [project(1)]
        answer = http.get(f"{panoptes.url}/projects?{query}", headers=known)
        assert answer.status_code == 422
        assert list(answer.json()) == ["errors"]
