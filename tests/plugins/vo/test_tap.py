import threading
import time
from dataclasses import replace

import pytest

from portal.parameters import check_model
from portal.parameters import form_fields
from portal.parameters import read_form
from portal.plugins import AbortedError
from portal.plugins import DeadlineError
from portal.plugins import PortalError
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal.plugins.testing import check_abort
from portal_vo.tap import TapParameters
from portal_vo.tap import TapQuery
from tests.support.tap_service import BINARY2_OUTPUT
from tests.support.tap_service import refusal
from tests.support.tap_service import table

pytestmark = pytest.mark.usefixtures("_no_pauses")
QUERY = "SELECT n FROM t"
JOB_PATH = "/tap/async/1"


def ask(tap, job, *, url=None, mode="automatic"):
    parameters = TapParameters(access_url=url or tap.url, query=QUERY, mode=mode)
    return TapQuery().run(parameters, job.context())


def refuse(tap, path, **answer):
    tap.server.routes[path] = lambda exchange: exchange.answer(**answer)


def later(tap, *routes):
    """Let looks at the job be answered by one route after the other, the last for ever."""
    coming = iter(routes)

    def answer(exchange):
        next(coming, routes[-1])(exchange)

    tap.server.routes[JOB_PATH] = answer


def without_jobs(tap, status=404):
    refuse(tap, "/tap/async", body="no", status=status, content_type="text/plain")


def test_a_query_runs_as_a_job_that_is_deleted_after_the_last_row(tap, job, read):
    result = ask(tap, job)
    assert "DELETE /tap/async/1" not in tap.asked()
    rows, end = read(result)
    assert [row["n"] for row in rows] == [1, 2, 3]
    assert not end.overflow
    assert tap.asked() == [
        "GET /tap/capabilities",
        "POST /tap/async",
        "GET /tap/async/1",
        "POST /tap/async/1/phase",
        "GET /tap/async/1",
        "GET /tap/async/1/results/result",
        "DELETE /tap/async/1",
    ]


def test_the_query_is_sent_as_it_was_written_with_the_row_limit(tap, job):
    job.maxrec = 77
    ask(tap, job)
    assert tap.form("/tap/async") == {
        "REQUEST": "doQuery",
        "LANG": "ADQL",
        "QUERY": QUERY,
        "MAXREC": "77",
    }


def test_an_aborted_job_keeps_the_contract(tap, job):
    check_abort(TapQuery(), TapParameters(access_url=tap.url, query=QUERY), job)


def test_the_remote_job_is_known_before_it_is_run(tap, job):
    asked_before, checkpoints = [], {}

    def checkpoint(key, value):
        asked_before.extend(tap.asked())
        checkpoints[key] = value

    parameters = TapParameters(access_url=tap.url, query=QUERY)
    TapQuery().run(parameters, replace(job.context(), checkpoint=checkpoint))
    assert checkpoints == {"remote_job": f"{tap.server.url}{JOB_PATH}"}
    assert "POST /tap/async" in asked_before
    assert "POST /tap/async/1/phase" not in asked_before


@pytest.mark.parametrize("phase", ["PENDING", "QUEUED", "EXECUTING", "COMPLETED"])
def test_a_second_attempt_adopts_the_job_of_the_first(tap, job, read, phase):
    tap.phase, tap.seconds, tap.began = phase, 0.05, time.monotonic()
    if phase == "QUEUED":
        threading.Timer(0.1, lambda: setattr(tap, "phase", "EXECUTING")).start()
    job.checkpoints["remote_job"] = f"{tap.server.url}{JOB_PATH}"
    assert len(read(ask(tap, job))[0]) == 3
    assert "POST /tap/async" not in tap.asked()
    assert ("POST /tap/async/1/phase" in tap.asked()) == (phase == "PENDING")


@pytest.mark.parametrize("phase", ["ERROR", "ABORTED"])
def test_a_job_that_came_to_nothing_is_not_adopted(tap, job, read, phase):
    tap.phase = phase
    job.checkpoints["remote_job"] = f"{tap.server.url}{JOB_PATH}"
    assert len(read(ask(tap, job))[0]) == 3
    assert "POST /tap/async" in tap.asked()


def test_a_job_that_the_service_has_forgotten_is_made_again(tap, job, read):
    job.checkpoints["remote_job"] = f"{tap.server.url}/tap/async/gone"
    assert len(read(ask(tap, job))[0]) == 3
    assert job.checkpoints["remote_job"] == f"{tap.server.url}{JOB_PATH}"


@pytest.mark.slow
def test_a_service_of_uws_1_1_is_waited_for_and_not_polled(tap, job, read):
    tap.seconds = 0.5
    read(ask(tap, job))
    looks = [one for one in tap.server.requests if one.path == JOB_PATH and one.method == "GET"]
    assert len(looks) <= 4
    assert looks[-1].form["PHASE"] == "EXECUTING"
    assert "waiting for the service: EXECUTING for 0 s" in job.messages


def test_a_service_of_uws_1_0_is_polled_without_wait(tap, job, read):
    tap.version, tap.seconds = None, 0.2
    read(ask(tap, job))
    assert all("WAIT" not in one.form for one in tap.server.requests)
    assert tap.asked().count("GET /tap/async/1") > 2


@pytest.mark.slow
def test_a_service_that_ignores_wait_is_not_hammered(tap, job, read):
    tap.honours_wait, tap.seconds = False, 0.5
    read(ask(tap, job))
    assert tap.asked().count("GET /tap/async/1") < 20


def test_a_service_that_fails_for_once_is_asked_again(tap, job, read):
    tap.seconds = 0.1
    look = tap.server.routes[JOB_PATH]
    later(tap, look, lambda exchange: exchange.answer(status=503), look)
    assert len(read(ask(tap, job))[0]) == 3
    assert any(message.endswith("trying again") for message in job.messages)


def test_a_service_that_keeps_failing_is_given_up(tap, job):
    down = {"body": "down for repair", "status": 503}
    later(tap, tap.server.routes[JOB_PATH], lambda exchange: exchange.answer(**down))
    with pytest.raises(TransientError, match="503 Service Unavailable: down for repair"):
        ask(tap, job)
    assert tap.asked().count("GET /tap/async/1") == 5


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"body": "<html/>"}, "not a job"),
        ({"body": "no xml"}, "no XML"),
        ({"body": " " * 4_500_000}, "larger than 1 MB"),
        ({"body": "boom", "status": 500}, "500 Internal Server Error: boom"),
    ],
)
def test_a_job_that_cannot_be_read_is_told(tap, job, answer, words):
    later(tap, tap.server.routes[JOB_PATH], lambda exchange: exchange.answer(**answer))
    with pytest.raises(ServiceError, match=words):
        ask(tap, job)


def test_an_xml_document_that_is_far_too_long_is_told(tap, job):
    job.max_bytes = 100_000_000
    later(tap, tap.server.routes[JOB_PATH], lambda exchange: exchange.answer(" " * 4_500_000))
    with pytest.raises(ServiceError, match="far too long"):
        ask(tap, job)


def test_a_job_that_must_not_be_run_is_told(tap, job):
    refuse(tap, f"{JOB_PATH}/phase", body="Query has a syntax error", status=400)
    with pytest.raises(UsageError, match="syntax error"):
        ask(tap, job)


def test_a_job_that_is_unknown_right_after_it_was_made_is_told(tap, job):
    refuse(tap, JOB_PATH, status=404)
    with pytest.raises(ServiceError, match="does not know the job"):
        ask(tap, job)


def test_an_error_that_cannot_be_explained_is_told(tap, job):
    tap.last_phase, tap.error = "ERROR", ("fatal", "")
    refuse(tap, "/tap/async/1/error", status=404)
    with pytest.raises(ServiceError, match="without a message"):
        ask(tap, job)


def test_a_job_that_vanishes_is_told(tap, job):
    later(tap, tap.server.routes[JOB_PATH], lambda exchange: exchange.answer(status=404))
    with pytest.raises(ServiceError, match="lost the job"):
        ask(tap, job)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (("fatal", "Syntax error at line 1"), UsageError),
        (("fatal", "the disk is full"), ServiceError),
        (("transient", "the disk is full"), TransientError),
        (("fatal", "too many queries, please try again later"), TransientError),
    ],
)
def test_a_failed_job_speaks_in_the_services_own_words(tap, job, error, kind):
    tap.last_phase, tap.error = "ERROR", error
    with pytest.raises(kind) as caught:
        ask(tap, job)
    assert type(caught.value) is kind
    assert caught.value.message == error[1]


def test_an_error_without_a_summary_is_read_from_the_error_resource(tap, job):
    tap.last_phase, tap.error = "ERROR", ("fatal", "")
    tap.error_document = refusal("Unknown column m")
    with pytest.raises(UsageError, match="Unknown column m"):
        ask(tap, job)


def test_a_job_that_the_service_ends_is_told(tap, job):
    tap.last_phase = "ABORTED"
    with pytest.raises(ServiceError, match="ended the job by itself: ABORTED"):
        ask(tap, job)


@pytest.mark.parametrize(
    "results",
    [
        (("result", "/elsewhere/table.vot"),),
        (("log", "/tap/log.txt"), ("result", "/tap/async/1/results/result")),
        (("votable", "/tap/async/1/results/votable"),),
        (),
    ],
)
def test_the_result_is_found_where_the_job_says(tap, job, read, results):
    tap.server.routes["/tap/log.txt"] = lambda exchange: exchange.answer("a log")
    for _, href in results[-1:]:
        tap.server.routes[href] = tap.answer_table
    tap.results = results
    assert len(read(ask(tap, job))[0]) == 3


def test_a_job_on_another_host_is_refused(tap, job):
    tap.location = "http://vo.example.org/tap/async/1"
    with pytest.raises(ServiceError, match=r"another host, vo\.example\.org"):
        ask(tap, job)


@pytest.mark.slow
def test_an_abort_is_passed_on_once(tap, job):
    tap.seconds = 60
    threading.Timer(0.3, job.abort).start()
    started = time.monotonic()
    with pytest.raises(AbortedError):
        ask(tap, job)
    assert time.monotonic() - started < 3
    assert tap.phase == "ABORTED"
    moves = [one.form["PHASE"] for one in tap.server.requests if one.path == f"{JOB_PATH}/phase"]
    assert moves == ["RUN", "ABORT"]


@pytest.mark.slow
def test_running_out_of_time_aborts_the_remote_job(tap, job):
    tap.seconds = 60
    job.seconds = 0.5
    with pytest.raises(DeadlineError):
        ask(tap, job)
    assert tap.phase == "ABORTED"


def test_the_service_is_asked_for_as_much_time_as_the_job_has(tap, job, read):
    job.seconds = 7_200
    read(ask(tap, job))
    wished = int(tap.form(f"{JOB_PATH}/executionduration")["EXECUTIONDURATION"])
    assert 7_100 < wished <= 7_200
    assert f"POST {JOB_PATH}/destruction" not in tap.asked()
    asked = tap.asked()
    assert asked.index(f"POST {JOB_PATH}/executionduration") < asked.index(f"POST {JOB_PATH}/phase")


def test_a_job_that_would_go_too_soon_is_kept_longer(tap, job, read):
    job.seconds, tap.destruction = 7_200, "2020-01-01T00:00:00Z"
    read(ask(tap, job))
    assert tap.form(f"{JOB_PATH}/destruction")["DESTRUCTION"] > "2026-"


def test_a_service_that_grants_no_time_does_no_harm(tap, job, read):
    job.seconds, tap.destruction = 60, "some day"
    refuse(tap, f"{JOB_PATH}/executionduration", body="no", status=403)
    assert len(read(ask(tap, job))[0]) == 3


@pytest.mark.slow
def test_an_abort_during_a_pause_is_noticed_at_once(tap, job, monkeypatch):
    monkeypatch.setattr("portal_vo.following.FIRST_PAUSE", 30)
    tap.version, tap.seconds = None, 60
    threading.Timer(0.3, job.abort).start()
    started = time.monotonic()
    with pytest.raises(AbortedError):
        ask(tap, job)
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("status", [404, 405, 410, 501])
def test_without_jobs_the_service_is_asked_directly(tap, job, read, status):
    without_jobs(tap, status)
    assert len(read(ask(tap, job))[0]) == 3
    assert tap.asked()[-1] == "POST /tap/sync"


def test_a_page_in_place_of_a_job_means_no_jobs(tap, job, read):
    refuse(tap, "/tap/async", body="<html>Welcome</html>", content_type="text/html")
    assert len(read(ask(tap, job))[0]) == 3


def test_who_insists_on_a_job_is_told_that_there_are_none(tap, job):
    without_jobs(tap)
    with pytest.raises(UsageError, match="offers no jobs"):
        ask(tap, job, mode="asynchronous")
    assert "POST /tap/sync" not in tap.asked()


def test_who_asks_directly_gets_no_job(tap, job, read):
    rows, _ = read(ask(tap, job, mode="synchronous"))
    assert len(rows) == 3
    assert tap.asked() == ["GET /tap/capabilities", "POST /tap/sync"]


@pytest.mark.parametrize("mode", ["automatic", "synchronous"])
def test_overflow_after_the_table_is_told(tap, job, read, mode):
    tap.answer = table(1, overflow=True)
    rows, end = read(ask(tap, job, mode=mode))
    assert len(rows) == 1
    assert end.overflow


@pytest.mark.parametrize("mode", ["automatic", "synchronous"])
def test_zero_rows_are_a_table(tap, job, read, mode):
    tap.answer = table()
    rows, end = read(ask(tap, job, mode=mode))
    assert rows == []
    assert not end.overflow


def test_binary2_is_asked_for_where_it_is_advertised(tap, job):
    tap.outputs = BINARY2_OUTPUT
    ask(tap, job)
    wanted = "application/x-votable+xml;serialization=BINARY2"
    assert tap.form("/tap/async")["RESPONSEFORMAT"] == wanted


@pytest.mark.parametrize(
    "answer",
    [
        {"body": "nothing", "status": 404},
        {"body": "<html>no xml", "content_type": "text/html"},
        {"body": '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'},
        {"body": "x" * 5_000_000},
    ],
)
def test_capabilities_that_cannot_be_read_do_no_harm(tap, job, read, answer):
    refuse(tap, "/tap/capabilities", **answer)
    assert len(read(ask(tap, job))[0]) == 3
    assert "RESPONSEFORMAT" not in tap.form("/tap/async")


@pytest.mark.parametrize("tail", ["", "/", "?", "/sync", "/async", "/sync?"])
def test_addresses_are_taken_as_registries_write_them(tap, job, read, tail):
    assert len(read(ask(tap, job, url=tap.url + tail))[0]) == 3


@pytest.mark.parametrize("mode", ["automatic", "synchronous"])
@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ({"body": refusal("No such column: x"), "status": 400}, UsageError, "No such column: x"),
        ({"body": "Bad ADQL", "status": 400}, UsageError, "Bad ADQL"),
        (
            {"body": "<html><style>x</style><p>ORA-0001 <b>boom</b></html>", "status": 500},
            ServiceError,
            "ORA-0001 boom",
        ),
        ({"body": refusal("syntax error near FROM"), "status": 500}, UsageError, "near FROM"),
        ({"body": "gone fishing", "status": 503}, TransientError, "gone fishing"),
        ({"body": "", "status": 429}, TransientError, "429 Too Many Requests"),
        ({"body": "members only", "status": 403}, ServiceError, "ask for a login"),
    ],
)
def test_a_refusal_by_status_is_told_in_its_own_words(tap, job, mode, answer, kind, words):
    refuse(tap, "/tap/async" if mode == "automatic" else "/tap/sync", **answer)
    with pytest.raises(kind) as caught:
        ask(tap, job, mode=mode)
    assert type(caught.value) is kind
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (refusal("Could not parse your query"), UsageError, "Could not parse your query"),
        (refusal("Query timed out"), ServiceError, "Query timed out"),
        (refusal("Too many jobs, try again"), TransientError, "try again"),
        ("<html><body><h1>It works!</h1></body></html>", ServiceError, "It works!"),
        ("", ServiceError, ""),
        ('{"n": 1}', ServiceError, ""),
    ],
)
def test_an_error_inside_an_answer_that_says_ok_is_told(tap, job, answer, kind, words):
    tap.answer = answer
    with pytest.raises(kind) as caught:
        ask(tap, job, mode="synchronous")
    assert type(caught.value) is kind
    assert words in caught.value.message


@pytest.mark.parametrize("content_type", ["text/xml", "text/plain", "application/octet-stream"])
def test_a_table_is_read_whatever_its_content_type(tap, job, read, content_type):
    refuse(tap, "/tap/sync", body=table(1), content_type=content_type)
    assert len(read(ask(tap, job, mode="synchronous"))[0]) == 1


def test_an_address_without_a_service_is_told(tap, job):
    with pytest.raises(UsageError, match="there is no TAP service at"):
        ask(tap, job, url=f"{tap.server.url}/nowhere")


def test_a_service_that_refuses_the_connection_is_told(tap, job):
    job.allow = frozenset(["127.0.0.1"])
    with pytest.raises(TransientError, match="refuses the connection"):
        ask(tap, job, url="http://127.0.0.1:9/tap")


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["automatic", "synchronous"])
def test_a_service_that_hangs_is_told(tap, job, mode):
    job.read_timeout = 0.3
    for path in ("/tap/async", "/tap/sync"):
        tap.server.routes[path] = lambda exchange: exchange.hang()
    with pytest.raises(TransientError, match=r"does not answer within 0\.3 s"):
        ask(tap, job, mode=mode)


def test_redirects_in_circles_are_told(tap, job):
    refuse(tap, "/tap/sync", status=307, location="/tap/sync")
    with pytest.raises(ServiceError, match="redirects in circles"):
        ask(tap, job, mode="synchronous")


@pytest.mark.slow
def test_a_table_that_drips_ends_with_the_time_of_the_job(tap, job):
    job.seconds = 0.6

    def drip(exchange):
        exchange.head(content_type="application/x-votable+xml")
        exchange.write(table(1).partition("</TABLEDATA>")[0].encode())
        exchange.drip(b"<TR><TD>1</TD></TR>")

    tap.server.routes["/tap/sync"] = drip
    with pytest.raises(DeadlineError):
        list(ask(tap, job, mode="synchronous").batches)


def test_a_table_without_end_is_cut(tap, job):
    def flood(exchange):
        exchange.head(content_type="application/x-votable+xml")
        exchange.write(table(1).partition("</TABLEDATA>")[0].encode())
        exchange.flood(b"<TR><TD>1</TD></TR>" * 1_000)

    tap.server.routes["/tap/sync"] = flood
    with pytest.raises(ServiceError, match="larger than 1 MB"):
        list(ask(tap, job, mode="synchronous").batches)


def test_a_table_that_breaks_off_is_told_and_its_job_stays(tap, job):
    def cut(exchange):
        exchange.head(content_length="100000")
        exchange.write(table(1).partition("</TABLEDATA>")[0].encode())

    tap.server.routes["/tap/async/1/results/result"] = cut
    with pytest.raises(PortalError, match="broke the connection"):
        list(ask(tap, job).batches)
    assert "DELETE /tap/async/1" not in tap.asked()


def test_a_service_that_does_not_let_jobs_be_deleted_does_no_harm(tap, job, read):
    def forbid_deletion(exchange, look=tap.server.routes[JOB_PATH]):
        look(exchange) if exchange.method == "GET" else exchange.write(b"?")

    tap.server.routes[JOB_PATH] = forbid_deletion
    assert len(read(ask(tap, job))[0]) == 3


def test_the_form_knows_its_fields():
    check_model(TapParameters)
    fields = {field.name: field for field in form_fields(TapParameters, {})}
    assert fields["query"].kind == "textarea"
    assert fields["access_url"].kind == "url"
    sent = [("ACCESS_URL", "http://x.org/tap"), ("Query", "SELECT 1"), ("mode", "synchronous")]
    assert read_form(TapParameters, sent).mode == "synchronous"


@pytest.mark.parametrize("example", TapQuery.examples, ids=lambda example: example.title)
def test_the_examples_are_valid(example):
    parameters = read_form(TapParameters, list(example.parameters.items()))
    assert TapQuery().text(parameters) == example.parameters["query"]


def test_the_title_of_a_job_names_its_service_and_is_one_line():
    parameters = TapParameters(
        access_url="https://dc.example.org/tap", query="SELECT *\n  FROM ivoa.obscore"
    )

    assert TapQuery().job_title(parameters) == "dc.example.org: SELECT * FROM ivoa.obscore"
