import io
import json
import re
import threading
from datetime import datetime
from datetime import timedelta
from datetime import UTC

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import update

from portal.db import clock
from portal.db import db
from portal.uws.models import Job
from portal.uws.models import new_id
from portal.uws.models import Result
from portal.uws.phases import ExecutionPhase

UWS = "{http://www.ivoa.net/xml/UWS/v1.0}"
XLINK = "{http://www.w3.org/1999/xlink}"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"  # when a program asks for nothing
ATOMS = ["phase", "executionduration", "destruction", "quote", "error", "owner"]


def job_id(path):
    return path.rpartition("/")[2]


def put_in(path, phase, **values):
    """Set a phase as a worker would."""
    statement = update(Job).where(Job.id == job_id(path)).values(phase=phase, **values)
    db.session.execute(statement)
    db.session.commit()


@pytest.fixture
def listed(app):
    """Give callers without credentials one list."""
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"uws_anonymous": "shared"})


def test_a_created_job_is_pending_and_found_at_an_absolute_location(uws):
    answer = uws.post("/uws/hello", {"NAME": "Vela"})

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("http://localhost/uws/hello/")
    assert answer.mimetype == "text/plain"
    job = uws.xml(answer.headers["Location"].removeprefix("http://localhost"))
    assert job.get("version") == "1.1"
    assert job.findtext(f"{UWS}phase") == "PENDING"
    assert job.find(f"{UWS}parameters/{UWS}parameter[@id='name']").text == "Vela"


def test_job_ids_begin_with_no_letter_that_clients_cut_off(uws):
    for _ in range(20):
        assert set(job_id(uws.create())) <= set("0123456789abcdef")


@pytest.mark.parametrize("where", ["body", "query", "lower"])
def test_a_job_can_be_created_and_run_at_once(uws, hinted, where):
    url, data = {
        "body": ("/uws/hello", {"PHASE": "RUN"}),
        "query": ("/uws/hello?PHASE=RUN", {}),
        "lower": ("/uws/hello", {"phase": "run"}),
    }[where]

    path = uws.create(data, url)

    assert uws.get(f"{path}/phase").text == "QUEUED"
    assert hinted == [job_id(path)]


def test_control_parameters_are_read_at_creation(uws):
    soon = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    path = uws.create({"RUNID": "night 3", "EXECUTIONDURATION": "60", "DESTRUCTION": soon})

    job = uws.xml(path)
    assert job.findtext(f"{UWS}runId") == "night 3"
    assert job.findtext(f"{UWS}executionDuration") == "60"
    assert job.findtext(f"{UWS}destruction") == soon
    assert job.findall(f"{UWS}parameters/{UWS}parameter")[0].get("id") == "name"


def test_the_root_of_all_types_needs_a_type(uws):
    assert uws.post("/uws/jobs", {}).status_code == 400
    assert uws.post("/uws/jobs", {"TYPE": "nothing"}).status_code == 404
    path = uws.create({"JobType": "HELLO"}, "/uws/jobs")
    assert path.startswith("/uws/jobs/")


def test_a_job_is_served_below_all_jobs_and_below_its_type_and_below_no_other(uws):
    path = uws.create()

    assert uws.get(f"/uws/jobs/{job_id(path)}").status_code == 200
    assert uws.get(f"/uws/HELLO/{job_id(path)}").status_code == 200
    assert uws.get(f"/uws/test.numbers/{job_id(path)}").status_code == 404
    assert uws.get(f"/uws/nothing/{job_id(path)}").status_code == 404


def test_the_links_of_a_document_stay_below_the_root_that_was_asked(uws, listed):
    path = uws.create({}, "/uws/hello")
    for root in ("/uws/jobs", "/uws/hello"):
        reference = uws.xml(root).find(f"{UWS}jobref")
        assert reference.get(f"{XLINK}href") == f"http://localhost{root}/{job_id(path)}"


def test_a_multipart_form_and_json_create_the_same_job(uws):
    multipart = uws.post("/uws/hello", {"name": "Ara"}, content_type="multipart/form-data")
    body = {"parameters": {"name": "Ara"}, "runId": "r", "phase": "RUN", "type": "hello"}
    as_json = uws.post("/uws/jobs", json=body)

    assert multipart.status_code == as_json.status_code == 303
    path = as_json.headers["Location"].removeprefix("http://localhost")
    job = uws.get(path, "application/json").json
    assert (job["phase"], job["runId"]) == ("QUEUED", "r")
    assert job["parameters"] == [{"id": "name", "value": "Ara", "byReference": False}]


def test_json_is_not_coerced_and_all_errors_come_at_once(uws):
    body = {"parameters": {"count": "3", "wrong": 1}}
    answer = uws.post("/uws/test.numbers", json=body, headers={"Accept": "application/json"})

    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    pointers = {error["pointer"] for error in answer.json["errors"]}
    assert pointers == {"/parameters/count", "/parameters/wrong"}


@pytest.mark.parametrize("body", ["[]", '"x"', "{", '{"parameters": []}', '{"colour": 1}'])
def test_json_that_is_no_job_is_refused(uws, body):
    answer = uws.post("/uws/hello", body, content_type="application/json")

    assert answer.status_code == 400


def test_wrong_parameters_are_all_named_in_plain_text(uws):
    answer = uws.post("/uws/test.numbers", {"COUNT": "ten", "COLOUR": "red"})

    assert answer.status_code == 403
    assert answer.mimetype == "text/plain"
    assert "count" in answer.text
    assert "COLOUR" in answer.text


@pytest.mark.parametrize(
    "control",
    [
        {"PHASE": "ABORT"},
        {"PHASE": "JUMP"},
        {"ACTION": "DELETE"},
        {"DESTRUCTION": "yesterday"},
        {"DESTRUCTION": "2026-01-01T00:00:00+01:00"},
        {"EXECUTIONDURATION": "-1"},
        {"EXECUTIONDURATION": "1.5"},
        {"EXECUTIONDURATION": "9" * 30},
        {"RUNID": "x" * 65},
        {"RUNID": "a\x0bb"},
    ],
)
def test_control_values_that_cannot_be_are_refused_and_no_job_is_made(uws, listed, control):
    assert uws.post("/uws/hello", control).status_code == 400
    assert uws.xml("/uws/hello").findall(f"{UWS}jobref") == []


@pytest.mark.peers
@pytest.mark.parametrize("phase", list(ExecutionPhase))
def test_every_document_of_every_phase_follows_the_schema(uws, uws_schema, phase):
    path = uws.create({"name": "a\x0b<&>\r\n\"'\U0001f52d", "RUNID": "<r>"})
    now = datetime.now(UTC)
    times = {"start_time": now, "end_time": now, "quote": now}
    error = {"error_type": "fatal", "error_message": "no <b>", "error_detail": "long"}
    put_in(path, phase, **(times if phase in ("COMPLETED", "ERROR") else {}))
    if phase == ExecutionPhase.ERROR:
        put_in(path, phase, **error)
    if phase == ExecutionPhase.COMPLETED:
        add_result(path, "result")

    uws_schema.assertValid(uws.xml(path))
    uws_schema.assertValid(uws.xml(f"{path}/parameters"))
    uws_schema.assertValid(uws.xml(f"{path}/results"))


@pytest.mark.peers
def test_the_list_follows_the_schema(uws, uws_schema, listed):
    uws_schema.assertValid(uws.xml("/uws/jobs"))
    uws.create({"RUNID": "<r>"})
    uws.create()
    uws_schema.assertValid(uws.xml("/uws/jobs"))


def add_result(path, name, *, partial=False):
    db.session.add(
        Result(
            job_id=job_id(path),
            name=name,
            token=new_id(),
            mime_type="application/x-votable+xml",
            size=12,
            partial=partial,
        )
    )
    db.session.execute(update(Job).where(Job.id == job_id(path)).values(start_time=clock()))
    db.session.commit()


def test_what_is_not_known_is_nil_and_what_may_not_be_nil_is_left_out(uws):
    job = uws.xml(uws.create())

    for name in ("ownerId", "quote", "startTime", "endTime"):
        assert job.find(f"{UWS}{name}").get(NIL) == "true"
    assert job.find(f"{UWS}runId") is None
    assert job.find(f"{UWS}errorSummary") is None


def test_times_are_utc_with_z(uws):
    job = uws.xml(uws.create())

    for name in ("creationTime", "destruction"):
        text = job.findtext(f"{UWS}{name}")
        assert text.endswith("Z")
        assert datetime.fromisoformat(text).tzinfo is not None


def test_a_value_that_xml_cannot_hold_is_given_by_reference(uws):
    path = uws.create({"name": "a\x0bb"})

    one = uws.xml(path).find(f"{UWS}parameters/{UWS}parameter")
    assert one.get("byReference") == "true"
    assert one.text == f"http://localhost{path}/parameters/name"
    assert uws.get(f"{path}/parameters/name").text == "a\x0bb"


def test_a_carriage_return_comes_back_from_xml(uws):
    path = uws.create({"name": "a\r\nb"})

    assert uws.xml(path).findtext(f"{UWS}parameters/{UWS}parameter") == "a\r\nb"


@pytest.mark.parametrize("name", ATOMS)
def test_atoms_are_plain_text(uws, name):
    answer = uws.get(f"{uws.create()}/{name}", BROWSER)

    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"


def test_atoms_say_what_the_job_says(uws):
    path = uws.create()
    job = uws.xml(path)

    assert uws.get(f"{path}/phase").text == "PENDING"
    assert uws.get(f"{path}/executionduration").text == "600"
    assert uws.get(f"{path}/destruction").text == job.findtext(f"{UWS}destruction")
    assert uws.get(f"{path}/quote").text == ""
    assert uws.get(f"{path}/owner").text == ""


def test_an_error_is_shown_in_short_and_at_length(uws):
    path = uws.create()
    put_in(
        path,
        "ERROR",
        error_type="transient",
        error_message="too busy",
        error_detail="Line 1\nLine 2",
    )

    summary = uws.xml(path).find(f"{UWS}errorSummary")
    assert (summary.get("type"), summary.get("hasDetail")) == ("transient", "true")
    assert summary.findtext(f"{UWS}message") == "too busy"
    assert uws.get(f"{path}/error").text == "too busy\n\nLine 1\nLine 2"


def test_results_are_listed_when_they_are_whole(uws):
    path = uws.create()
    add_result(path, "result")
    add_result(path, "rest", partial=True)

    (result,) = uws.xml(f"{path}/results").findall(f"{UWS}result")
    assert result.get("id") == "result"
    assert result.get(f"{XLINK}href") == f"http://localhost{path}/results/result"
    assert result.get("mime-type") == "application/x-votable+xml"
    assert result.get("size") == "12"
    assert uws.get(f"{path}/results/rest").status_code == 404
    assert uws.get(f"{path}/results/nothing").status_code == 404


def test_a_browser_is_sent_to_the_pages(uws):
    path = uws.create()

    assert uws.get(path, BROWSER).headers["Location"] == f"http://localhost/jobs/{job_id(path)}"
    narrowed = "http://localhost/jobs?archive=hello&phase=ERROR"
    assert uws.get("/uws/jobs", BROWSER).headers["Location"] == "http://localhost/jobs"
    assert uws.get("/uws/hello?PHASE=ERROR", BROWSER).headers["Location"] == narrowed
    after = uws.get("/uws/jobs?AFTER=2026-02-03T04:05:06Z", BROWSER).headers["Location"]
    assert after == "http://localhost/jobs?since=2026-02-03"
    for part in ("parameters", "results"):
        shown = uws.get(f"{path}/{part}", BROWSER).headers["Location"]
        assert shown == f"http://localhost/jobs/{job_id(path)}"
    assert uws.get(path, "application/xml,text/html;q=0.9").mimetype == "application/xml"
    assert uws.get(path, "*/*").mimetype == "application/xml"
    assert uws.get(path, "text/html").status_code == 303
    assert uws.get(path, JAVA).mimetype == "application/xml"
    assert "Accept" in uws.get(path).headers["Vary"]


def test_run_moves_to_queued_before_it_is_answered(uws, hinted):
    path = uws.create()

    answer = uws.post(f"{path}/phase", {"PHASE": "RUN"})

    assert (answer.status_code, answer.headers["Location"]) == (303, f"http://localhost{path}")
    assert uws.get(f"{path}/phase").text == "QUEUED"
    assert hinted == [job_id(path)]


@pytest.mark.parametrize("url", ["{}/phase", "{}", "{}?PHASE=ABORT"])
def test_a_job_is_aborted_by_each_way_that_clients_use(uws, url):
    path = uws.create({"PHASE": "RUN"})

    answer = uws.post(url.format(path), {} if "?" in url else {"PHASE": "ABORT"})

    assert answer.status_code == 303
    assert uws.get(f"{path}/phase").text == "ABORTED"


@pytest.mark.parametrize("phase", ["RUN", "ABORT"])
def test_a_job_that_has_ended_can_neither_run_nor_be_aborted(uws, phase):
    path = uws.create()
    put_in(path, "COMPLETED")

    answer = uws.post(f"{path}/phase", {"PHASE": phase})

    assert answer.status_code == 403
    assert "COMPLETED" in answer.text
    assert uws.get(f"{path}/phase").text == "COMPLETED"


@pytest.mark.parametrize("sent", [{"PHASE": "SUSPEND"}, {"PHASE": ""}, {}])
def test_a_phase_that_cannot_be_asked_for_is_refused(uws, sent):
    path = uws.create()

    assert uws.post(f"{path}/phase", sent).status_code == 400
    assert uws.get(f"{path}/phase").text == "PENDING"


def test_of_eight_runs_at_once_one_is_accepted(app, uws, hinted):
    path = uws.create()
    codes = []

    def run():
        client = app.test_client(use_cookies=False)
        codes.append(client.post(f"{path}/phase", data={"PHASE": "RUN"}).status_code)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(codes) == [303] + [403] * 7
    assert hinted == [job_id(path)]


def test_duration_and_destruction_are_set_and_held_to_the_limits(uws):
    path = uws.create()
    far = "2999-01-01T00:00:00Z"

    for name, value in (("executionduration", "99999999999"), ("destruction", far)):
        answer = uws.post(f"{path}/{name}", {name.upper(): value})
        assert answer.headers["Location"] == f"http://localhost{path}"

    assert uws.get(f"{path}/executionduration").text == "3600"
    assert uws.get(f"{path}/destruction").text < far
    assert uws.get(f"{path}/destruction").text == uws.xml(path).findtext(f"{UWS}destruction")


def test_the_job_url_itself_takes_parameters_and_control_values(uws):
    path = uws.create()

    answer = uws.post(
        path, {"NAME": "Crux", "EXECUTIONDURATION": "7", "RUNID": "r", "PHASE": "RUN"}
    )

    assert answer.status_code == 303
    job = uws.xml(path)
    assert job.findtext(f"{UWS}parameters/{UWS}parameter") == "Crux"
    assert job.findtext(f"{UWS}executionDuration") == "7"
    assert job.findtext(f"{UWS}runId") == "r"
    assert job.findtext(f"{UWS}phase") == "QUEUED"


def test_parameters_can_be_posted_and_put_until_the_job_is_queued(uws):
    path = uws.create()

    assert uws.post(f"{path}/parameters", {"name": "Ara"}).status_code == 303
    assert uws.get(f"{path}/parameters/NAME").text == "Ara"
    assert uws.put(f"{path}/parameters/name", b"Lyra").status_code == 303
    assert uws.get(f"{path}/parameters/name").text == "Lyra"
    uws.post(path, {"PHASE": "RUN"})
    assert uws.post(f"{path}/parameters", {"name": "Vela"}).status_code == 403
    assert uws.put(f"{path}/parameters/name", b"Vela").status_code == 403
    assert uws.get(f"{path}/parameters/name").text == "Lyra"
    assert uws.put(f"{path}/parameters/name", b"\xff").status_code == 400
    assert uws.get(f"{path}/parameters/other").status_code == 404


def test_a_repeated_parameter_is_a_repeated_element(uws):
    path = uws.create({"words": ["b", "a"], "count": "2"}, "/uws/test.numbers")

    found = uws.xml(f"{path}/parameters")
    values = [(one.get("id"), one.text) for one in found]
    assert values == [("count", "2"), ("words", "b"), ("words", "a")]


@pytest.mark.parametrize("way", ["DELETE", "ACTION"])
def test_a_deleted_job_is_gone_at_once(uws, deleted, way):
    path = uws.create()

    answer = uws.delete(path) if way == "DELETE" else uws.post(path, {"ACTION": "DELETE"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "http://localhost/uws/hello")
    assert uws.get(path).status_code == 404
    assert deleted == [job_id(path)]


@pytest.mark.parametrize("name", [*ATOMS, "parameters", "results", "results/result"])
def test_nothing_else_can_be_deleted(uws, name):
    path = uws.create()

    assert uws.delete(f"{path}/{name}").status_code == 405
    assert uws.get(path).status_code == 200


def test_a_list_can_be_filtered_and_all_filters_must_hold(uws, listed):
    paths = [uws.create({"PHASE": "RUN"} if n % 2 else {}) for n in range(6)]
    put_in(paths[0], "ARCHIVED")
    ids = [job_id(path) for path in paths]
    created = uws.xml(paths[2]).findtext(f"{UWS}creationTime")

    def found(query):
        return [one.get("id") for one in uws.xml(f"/uws/jobs{query}")]

    assert found("") == ids[:0:-1]
    assert found("?PHASE=PENDING") == [ids[4], ids[2]]
    assert found("?PHASE=PENDING&PHASE=ARCHIVED") == [ids[4], ids[2], ids[0]]
    assert found("?LAST=2") == [ids[5], ids[4]]
    assert found("?LAST=100") == ids[:0:-1]
    assert found(f"?AFTER={created}") == [ids[5], ids[4], ids[3]]
    assert found(f"?AFTER={created}&PHASE=QUEUED&LAST=1") == [ids[5]]
    assert found("?after=2015&phase=queued") == [ids[5], ids[3], ids[1]]
    for date in ("20151026", "2015-10-26 09:00"):
        assert len(found(f"?AFTER={date}")) == 5


@pytest.mark.parametrize(
    "query",
    [
        "PHASE=DONE",
        "PHASE=",
        "LAST=0",
        "LAST=-1",
        "LAST=many",
        "LAST=",
        "LAST=1.5",
        "AFTER=noon",
        "AFTER=",
        "AFTER=2015-10-26T09:00:00%2B01:00",
        "AFTER=2015-13-01",
    ],
)
def test_a_filter_that_cannot_be_is_refused(uws, query):
    answer = uws.get(f"/uws/jobs?{query}")

    assert answer.status_code == 400
    assert answer.mimetype == "text/plain"


def test_a_list_in_json_says_the_same(uws, listed):
    path = uws.create({"RUNID": "r"})

    document = uws.get("/uws/jobs", "application/json").json

    assert document["version"] == "1.1"
    (one,) = document["jobs"]
    assert (one["id"], one["phase"], one["runId"]) == (job_id(path), "PENDING", "r")


def test_wait_returns_at_once_when_the_job_is_in_no_phase_to_wait_in(uws):
    path = uws.create()
    put_in(path, "COMPLETED")

    assert uws.xml(f"{path}?WAIT=-1").findtext(f"{UWS}phase") == "COMPLETED"
    put_in(path, "EXECUTING")
    assert uws.xml(f"{path}?WAIT=50&PHASE=QUEUED").findtext(f"{UWS}phase") == "EXECUTING"


@pytest.mark.slow
def test_wait_ends_with_its_time_and_with_a_change_of_the_phase(app, uws):
    path = uws.create()
    assert uws.xml(f"{path}?WAIT=1").findtext(f"{UWS}phase") == "PENDING"

    def abort():
        app.test_client(use_cookies=False).post(f"{path}/phase", data={"PHASE": "ABORT"})

    timer = threading.Timer(0.2, abort)
    timer.start()
    assert uws.xml(f"{path}?WAIT=-1&PHASE=PENDING").findtext(f"{UWS}phase") == "ABORTED"
    timer.join()


@pytest.mark.parametrize("wait", ["-2", "soon", "", "1.5", "1&PHASE=DONE"])
def test_a_wait_that_cannot_be_is_refused(uws, wait):
    assert uws.get(f"{uws.create()}?WAIT={wait}").status_code == 400


def test_who_knows_no_credentials_has_a_job_by_its_id_and_no_list(uws):
    path = uws.create()

    assert uws.xml("/uws/hello").findall(f"{UWS}jobref") == []
    assert uws.get(path).status_code == 200


def test_somebody_elses_job_is_not_there(app, uws, service):
    theirs = service.create_job("hello", service.types["hello"].parameters(), owner="user:somebody")
    for answer in (
        uws.get(f"/uws/hello/{theirs}"),
        uws.post(f"/uws/hello/{theirs}/phase", {"PHASE": "RUN"}),
        uws.delete(f"/uws/hello/{theirs}"),
        uws.get(f"/uws/hello/{'0' * 32}"),
    ):
        assert answer.status_code == 404
    assert service.get_job(theirs, owner="user:somebody").phase == "PENDING"


def test_the_owner_of_a_token_has_a_list_and_a_name(app, uws):
    from portal.accounts import tokens

    secret = tokens.make_token("user:alice", label="test").secret
    header = {"Authorization": f"Bearer {secret}"}
    client = app.test_client(use_cookies=False)
    made = client.post("/uws/hello", headers=header).headers["Location"]

    document = client.get(made, headers={**header, "Accept": "application/json"}).json
    assert document["ownerId"] == "alice"
    assert client.get(f"{made}/owner", headers=header).text == "alice"
    assert made.encode() in client.get("/uws/hello", headers=header).data
    assert uws.get(made.removeprefix("http://localhost")).status_code == 404
    assert "Set-Cookie" not in client.get(made, headers=header).headers


def test_a_wrong_token_is_told_how_to_log_in(app, uws):
    client = app.test_client(use_cookies=False)
    answer = client.get("/uws/hello", headers={"Authorization": "Bearer nonsense"})

    assert answer.status_code == 401
    challenges = answer.headers.getlist("WWW-Authenticate")
    assert [one.partition(" ")[0] for one in challenges] == ["Basic", "Bearer"]


def test_an_empty_basic_header_is_nobody(app, uws):
    client = app.test_client(use_cookies=False)

    assert client.get("/uws/hello", headers={"Authorization": "Basic Og=="}).status_code == 200


def test_a_value_that_a_shell_would_run_is_a_value(uws, tmp_path):
    text = f"$(touch {tmp_path}/x) `touch {tmp_path}/x` ; touch {tmp_path}/x"
    path = uws.create({"name": text})

    assert uws.get(f"{path}/parameters/name").text == text
    assert list(tmp_path.glob("x")) == []


def test_a_form_of_five_megabytes_is_refused(uws):
    answer = uws.post("/uws/hello", {"name": "x" * 5_000_000})

    assert answer.status_code == 413
    assert answer.mimetype == "text/plain"


def test_the_json_of_a_job_says_what_the_xml_says(uws):
    path = uws.create({"name": "Vela", "RUNID": "r"})
    document = json.loads(uws.get(path, "application/json").data)
    job = uws.xml(path)

    for name in ("jobId", "runId", "phase", "creationTime", "destruction"):
        assert document[name] == job.findtext(f"{UWS}{name}")
    assert document["quote"] is None
    assert document["jobInfo"]["type"] == "hello"


@pytest.mark.parametrize("phase", list(ExecutionPhase))
def test_json_documents_follow_the_schema_that_is_published(uws, listed, phase):
    schema = Draft202012Validator(
        uws.get("/uws/schema").json, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    path = uws.create({"RUNID": "r", "name": "a\x0bb"})
    put_in(path, phase)
    if phase == ExecutionPhase.ERROR:
        put_in(path, phase, error_type="fatal", error_message="no")
    add_result(path, "result")

    answer = uws.get(path, "application/json")
    schema.validate(answer.json)
    schema.validate(uws.get("/uws/jobs", "application/json").json)
    assert 'rel="describedby"' in answer.headers["Link"]


def test_a_request_that_cannot_be_granted_whole_changes_nothing(uws):
    path = uws.create()
    put_in(path, "COMPLETED")
    before = uws.get(f"{path}/destruction").text

    answer = uws.post(path, {"PHASE": "RUN", "DESTRUCTION": "2999-01-01T00:00:00Z"})

    assert answer.status_code == 403
    assert uws.get(f"{path}/destruction").text == before


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"<job/>", "application/xml", 415),
        (b"name=x", "text/plain", 415),
        (b"name=x", "application/octet-stream", 415),
        (b"name=x", "", 415),
        (b"garbage", "multipart/form-data; boundary=x", 400),
        (b"garbage", "multipart/form-data", 400),
    ],
)
def test_a_body_that_is_no_form_makes_no_job(uws, listed, body, kind, status):
    assert uws.post("/uws/hello", body, content_type=kind).status_code == status
    assert uws.xml("/uws/jobs").findall(f"{UWS}jobref") == []


def test_a_body_of_unknown_length_is_refused(uws, listed):
    answer = uws.post(
        "/uws/hello",
        input_stream=io.BytesIO(b"name=" + b"x" * 3_000_000),
        headers={"Transfer-Encoding": "chunked"},
        content_type="application/x-www-form-urlencoded",
    )

    assert answer.status_code == 411
    assert uws.xml("/uws/jobs").findall(f"{UWS}jobref") == []


@pytest.mark.parametrize(
    "part", ["", "phase", "parameters", "results", "owner", "quote", "error", "destruction"]
)
def test_a_slash_at_the_end_of_an_address_is_no_other_address(uws, part):
    path = f"{uws.create()}/{part}".rstrip("/")

    assert uws.get(f"{path}/").data == uws.get(path).data
    assert uws.get(f"{path}/").status_code == 200


@pytest.mark.parametrize("body", [b"name=\xe9&PHASE=RUN", b"name=%FF%FE", b"name=a&%C3=b"])
def test_a_form_that_is_not_in_utf_8_makes_no_job(uws, listed, body):
    answer = uws.post("/uws/hello", body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 400
    assert "UTF-8" in answer.text
    assert uws.xml("/uws/jobs").findall(f"{UWS}jobref") == []


def test_json_is_asked_for_with_a_charset_too(uws):
    answer = uws.get("/uws/jobs", "application/json;charset=utf-8")

    assert answer.mimetype == "application/json"


def test_a_parameter_is_put_with_whatever_content_type_and_cookie(app, service):
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()
    page = client.get("/account").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    headers = {"X-CSRFToken": token}
    path = client.post("/uws/hello", data={}, headers=headers).headers["Location"]

    answer = client.put(
        f"{path}/parameters/name",
        data=b"Vela",
        content_type="application/x-www-form-urlencoded",
        headers=headers,
    )

    assert answer.status_code == 303
    assert client.get(f"{path}/parameters/name").text == "Vela"


def test_the_token_of_a_form_is_no_parameter(uws):
    path = uws.create({"name": "Vela", "csrf_token": "x"})

    assert [one.get("id") for one in uws.xml(f"{path}/parameters")] == ["name"]


@pytest.mark.parametrize(
    "parameters", [{"count": "3"}, {"count": None}, {"count": [1, 2]}, {"words": {"a": 1}}]
)
def test_json_that_changes_a_job_is_not_coerced_either(uws, parameters):
    path = uws.create({"count": "2", "words": "a"}, "/uws/test.numbers")

    assert uws.post(path, json={"parameters": parameters}).status_code == 403
    assert uws.get(f"{path}/parameters/count").text == "2"


def test_json_changes_what_it_names_and_nothing_else(uws):
    path = uws.create({"count": "2", "words": ["a", "b"]}, "/uws/test.numbers")

    assert uws.post(path, json={"parameters": {"COUNT": 3}}).status_code == 303
    assert uws.get(f"{path}/parameters/count").text == "3"
    assert uws.get(f"{path}/parameters/words").text == "a\nb"


def test_a_control_parameter_is_no_parameter(uws):
    path = uws.create()

    assert uws.put(f"{path}/parameters/PHASE", b"RUN").status_code == 400
    assert uws.post("/uws/hello", json={"parameters": {"PHASE": "RUN"}}).status_code == 400


def test_a_type_that_contradicts_the_list_is_refused(uws):
    assert uws.post("/uws/hello", {"TYPE": "test.numbers"}).status_code == 400
    assert uws.post("/uws/hello", {"TYPE": "HELLO"}).status_code == 303


@pytest.mark.parametrize("address", ["jobs/%00", "jobs/a%00b/phase", "jobs?AFTER=%00", "a%00b"])
def test_nul_in_an_address_finds_nothing(uws, address):
    assert uws.get(f"/uws/{address}").status_code in (400, 404)


@pytest.mark.parametrize("accept", [BROWSER, "application/json", "*/*"])
def test_caches_are_told_what_an_answer_depends_on(uws, accept):
    path = uws.create()

    for url in (path, "/uws/hello", "/uws/hello/nothing"):
        assert "Accept" in uws.get(url, accept).headers["Vary"]


def test_parameters_and_results_in_json_follow_the_schema_too(uws):
    schema = Draft202012Validator(uws.get("/uws/schema").json)
    path = uws.create()
    add_result(path, "result")

    schema.validate(uws.get(f"{path}/parameters", "application/json").json)
    schema.validate(uws.get(f"{path}/results", "application/json").json)


def test_jobs_say_where_their_type_is_described(uws):
    path = uws.create()
    kind = '<http://localhost/uws/types/hello>; rel="service-desc"'

    assert kind in uws.get(path).headers.get_all("Link")
    assert kind in uws.get("/uws/hello").headers.get_all("Link")
    assert kind in uws.get(path, "application/json").headers.get_all("Link")
    every = '<http://localhost/uws/types>; rel="service-desc"'
    assert every in uws.get("/uws/jobs").headers.get_all("Link")
