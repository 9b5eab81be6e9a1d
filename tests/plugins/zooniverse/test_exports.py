import threading
import time

import pytest

from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins import AbortedError
from portal.plugins import Column
from portal.plugins import DeadlineError
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal_zooniverse.exports import ExportParameters
from portal_zooniverse.exports import ExportQuery
from portal_zooniverse.exports import waiting
from tests.support.panoptes import refuse

pytestmark = pytest.mark.slow  # an export from its request to its rows

CLASSIFICATIONS = (
    "classification_id,user_name,user_id,user_ip,workflow_id,workflow_name,workflow_version,"
    "created_at,gold_standard,expert,metadata,annotations,subject_data,subject_ids\n"
    '501,ada,7,0fbb,10,"Spiral, or not",22.10,2024-05-01 12:00:00 UTC,false,,'
    '"{""source"":""api""}","[{""task"":""T0"",""value"":""Yes""}]","{""9"":{}}",9\n'
    '502,not-logged-in-0fbb,,0fbb,10,"Spiral, or not",22.10,2024-05-02 12:00:00 UTC,,,{},[],{},9\n'
)
SUBJECTS = (
    "subject_id,project_id,workflow_id,subject_set_id,metadata,locations,"
    "classifications_count,retired_at,retirement_reason,created_at,updated_at\n"
    '9,1,10,3,"{""#name"":""ngc1""}","{""0"":""https://files.example.org/9.png""}",'
    "15,2024-05-01 12:00:00 UTC,classification_count,2024-01-01 00:00:00 UTC,\n"
    "9,1,,3,{},{},0,,,2024-01-01 00:00:00 UTC,\n"
    "8,1,10,3,{},{},4,,,2024-01-01 00:00:00 UTC,\n"
)
OF_PROJECT = "projects/1/classifications_export"
OF_WORKFLOW = "workflows/10/classifications_export"
OF_SUBJECTS = "projects/1/subjects_export"


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch):
    monkeypatch.setattr(waiting, "FIRST_PAUSE", 0.01)


@pytest.fixture
def exports(team):
    team.exports.text = {
        OF_PROJECT: CLASSIFICATIONS,
        OF_WORKFLOW: CLASSIFICATIONS,
        OF_SUBJECTS: SUBJECTS,
    }
    return team.exports


@pytest.fixture
def fetch(exports, ours, read):
    """Return a function that gives the rows of an export, and its end."""

    def fetch(job, **form):
        parameters = read_form(ExportParameters, list({"project": "1", **form}.items()))
        context = job.context()
        return read(ExportQuery(ours).run(parameters, context))

    return fetch


def test_an_export_is_asked_for_where_there_is_none(fetch, exports, member):
    rows, end = fetch(member)
    assert exports.asked == [OF_PROJECT]
    assert rows[0] == {
        "classification_id": 501,
        "user_name": "ada",
        "user_id": 7,
        "user_ip": "0fbb",
        "workflow_id": 10,
        "workflow_name": "Spiral, or not",
        "workflow_version": "22.10",
        "created_at": "2024-05-01T12:00:00Z",
        "gold_standard": False,
        "expert": None,
        "metadata": '{"source":"api"}',
        "annotations": '[{"task":"T0","value":"Yes"}]',
        "subject_data": '{"9":{}}',
        "subject_ids": "9",
    }
    assert rows[1]["user_id"] is None
    assert rows[1]["gold_standard"] is None
    assert not end.overflow
    assert end.infos == (("export_time", "2026-01-01T00:00:00.000Z"),)


def test_the_export_that_is_there_is_taken_with_its_age(fetch, exports, member):
    exports.have(OF_PROJECT, CLASSIFICATIONS)
    rows, _ = fetch(member)
    assert len(rows) == 2
    assert exports.asked == []
    assert "The export is of 2024-01-01T00:00:00.000Z" in member.lines


def test_a_new_export_is_made_when_it_is_wanted(fetch, exports, member):
    exports.have(OF_PROJECT, CLASSIFICATIONS)
    fetch(member, renew="true")
    assert exports.asked == [OF_PROJECT]


@pytest.mark.parametrize("renew", ["false", "true"])
def test_what_is_being_made_already_is_waited_for(fetch, exports, member, renew):
    exports.have(OF_PROJECT, CLASSIFICATIONS, state="creating")
    exports.to_come[OF_PROJECT] = ["creating", "requeued", "creating", "ready"]
    fetch(member, renew=renew)
    assert exports.asked == []
    assert "waiting for the Zooniverse to make the export: requeued for 0 s" in member.messages


def test_a_second_attempt_adopts_what_the_first_one_asked_for(fetch, exports, member):
    exports.states = ["creating"]
    member.seconds = 0.2
    with pytest.raises(DeadlineError):
        fetch(member, renew="true")
    assert exports.asked == [OF_PROJECT]
    exports.to_come[OF_PROJECT] = ["ready"]
    member.seconds = None
    assert len(fetch(member, renew="true")[0]) == 2
    assert exports.asked == [OF_PROJECT]


def test_a_second_attempt_asks_where_the_first_one_did_not_come_to_it(fetch, exports, member, team):
    exports.have(OF_PROJECT, CLASSIFICATIONS)
    export = team.server.routes.get("/api/" + OF_PROJECT)

    def break_off(exchange):
        if exchange.method == "GET":
            export(exchange)

    team.server.routes["/api/" + OF_PROJECT] = break_off
    with pytest.raises(TransientError):
        fetch(member, renew="true")
    del team.server.routes["/api/" + OF_PROJECT]
    fetch(member, renew="true")
    assert exports.asked == [OF_PROJECT]


def test_a_second_attempt_takes_what_became_ready_between_the_two(fetch, exports, member, team):
    exports.have(OF_PROJECT, CLASSIFICATIONS)
    exports.states = ["ready"]
    export = team.server.routes.get("/api/" + OF_PROJECT)

    def swallow(exchange):
        if exchange.method == "GET":
            export(exchange)
        else:
            exports.make(OF_PROJECT, exchange)

    team.server.routes["/api/" + OF_PROJECT] = swallow
    with pytest.raises(TransientError):
        fetch(member, renew="true")
    fetch(member, renew="true")
    assert exports.asked == [OF_PROJECT]


def test_an_export_that_failed_before_is_asked_for_again(fetch, exports, member):
    exports.have(OF_PROJECT, CLASSIFICATIONS, state="failed")
    assert len(fetch(member)[0]) == 2
    assert exports.asked == [OF_PROJECT]


def test_an_export_that_fails_is_said_to(fetch, exports, member):
    exports.states = ["creating", "failed"]
    with pytest.raises(ServiceError, match="could not make the export"):
        fetch(member)


@pytest.mark.slow
def test_an_export_that_never_ends_has_a_reason_before_the_deadline(fetch, exports, member):
    exports.states = ["creating"]
    member.seconds = 1
    began = time.monotonic()
    with pytest.raises(DeadlineError) as caught:
        fetch(member)
    assert time.monotonic() - began < 1
    assert caught.value.message.startswith(
        "The Zooniverse has not finished the export (creating for"
    )
    assert "run this job again later, and what is ready then is taken" in caught.value.message


def test_after_a_new_export_that_is_late_one_is_told_not_to_ask_again(fetch, exports, member):
    exports.states = ["creating"]
    member.seconds = 0.2
    with pytest.raises(DeadlineError, match="later, without asking for a new export, and what"):
        fetch(member, renew="true")


def test_an_abort_ends_the_wait(fetch, exports, member, monkeypatch):
    monkeypatch.setattr(waiting, "FIRST_PAUSE", 30)
    exports.states = ["creating"]
    threading.Timer(0.1, member.abort).start()
    began = time.monotonic()
    with pytest.raises(AbortedError):
        fetch(member)
    assert time.monotonic() - began < 5


@pytest.mark.slow
def test_pauses_grow(monkeypatch, fetch, exports, member):
    monkeypatch.setattr(waiting, "PAUSE_GROWTH", 10)
    monkeypatch.setattr(waiting, "LONGEST_PAUSE", 0.1)
    exports.states = ["creating"]
    member.seconds = 0.5
    with pytest.raises(DeadlineError):
        fetch(member)
    assert 4 <= len(member.messages) <= 8


def test_an_api_that_stumbles_while_one_waits_is_asked_again(fetch, exports, member, team):
    exports.states = ["creating", "creating", "ready"]
    looks = []
    export = team.server.routes.get("/api/" + OF_PROJECT)

    def stumble(exchange):
        looks.append(exchange.method)
        if len(looks) in (3, 4):
            refuse(exchange, 502, "Bad gateway")
        else:
            export(exchange)

    team.server.routes["/api/" + OF_PROJECT] = stumble
    assert len(fetch(member)[0]) == 2


def test_an_api_that_is_gone_while_one_waits_is_given_up(fetch, exports, member, team):
    exports.have(OF_PROJECT, CLASSIFICATIONS, state="creating")
    looks = []
    export = team.server.routes.get("/api/" + OF_PROJECT)

    def vanish(exchange):
        looks.append(exchange)
        (export if len(looks) == 1 else lambda one: refuse(one, 502, "Bad gateway"))(exchange)

    team.server.routes["/api/" + OF_PROJECT] = vanish
    with pytest.raises(TransientError, match="Bad gateway"):
        fetch(member)
    assert len(looks) == 1 + waiting.FAILURES


def test_an_address_that_is_no_longer_good_is_replaced(fetch, exports, member):
    exports.have(OF_PROJECT, CLASSIFICATIONS)
    exports.first_good_link = 3
    assert len(fetch(member)[0]) == 2
    assert exports.links_given == 3
    assert (
        member.lines.count("The address of the export was no longer good: a new one is asked for")
        == 2
    )


def test_addresses_that_are_never_good_are_given_up(fetch, exports, member, team):
    exports.have(OF_PROJECT, CLASSIFICATIONS)
    exports.first_good_link = 100
    with pytest.raises(ServiceError) as caught:
        fetch(member)
    assert caught.value.message == f"{team.server.host} answers 403 Forbidden"


def test_a_store_that_asks_to_wait_is_given_time(fetch, exports, member):
    exports.have(OF_PROJECT, CLASSIFICATIONS)

    def busy(exchange):
        exports.instead = None
        exchange.answer("busy", status=429, content_type="text/plain", retry_after="0")

    exports.instead = busy
    assert len(fetch(member)[0]) == 2


@pytest.mark.parametrize(("status", "kind"), [(500, ServiceError), (502, TransientError)])
def test_a_store_that_fails_is_said_to(fetch, exports, member, status, kind):
    exports.have(OF_PROJECT, CLASSIFICATIONS)
    exports.instead = lambda one: one.answer("sig=secret-1", status=status)
    with pytest.raises(kind, match=str(status)) as caught:
        fetch(member)
    assert "secret" not in caught.value.message


def test_a_store_that_breaks_off_leaves_no_short_table(fetch, exports, member):
    exports.have(OF_PROJECT, CLASSIFICATIONS)
    exports.instead = lambda one: (
        one.head(200, content_length="1000") or one.write(CLASSIFICATIONS[:300].encode())
    )
    with pytest.raises(TransientError, match="broke the connection"):
        fetch(member)


def test_an_export_larger_than_the_portal_takes_is_refused(fetch, exports, member):
    exports.have(OF_PROJECT, CLASSIFICATIONS)
    member.max_bytes = 2_000_000
    exports.instead = lambda one: one.head() or one.flood(b"x" * 65_536)
    with pytest.raises(ServiceError, match="larger than 2 MB"):
        fetch(member)


@pytest.mark.parametrize("src", [None, "", "file:///etc/passwd", 7])
def test_an_export_that_is_nowhere_is_not_there(fetch, exports, member, monkeypatch, src):
    exports.have(OF_PROJECT, CLASSIFICATIONS)
    monkeypatch.setattr(exports, "_signed", lambda _path: src)
    with pytest.raises(ServiceError, match=r"not where it is|form that its API does not have"):
        fetch(member)


def test_a_workflow_has_an_export_of_its_own(fetch, exports, member):
    fetch(member, workflow="10")
    assert exports.asked == [OF_WORKFLOW]


def test_subjects_of_a_project_are_typed(fetch, exports, member):
    rows, _ = fetch(member, category="subjects")
    assert exports.asked == [OF_SUBJECTS]
    assert rows[0] == {
        "subject_id": 9,
        "project_id": 1,
        "workflow_id": 10,
        "subject_set_id": 3,
        "metadata": '{"#name":"ngc1"}',
        "locations": '{"0":"https://files.example.org/9.png"}',
        "classifications_count": 15,
        "retired_at": "2024-05-01T12:00:00Z",
        "retirement_reason": "classification_count",
        "created_at": "2024-01-01T00:00:00Z",
        "updated_at": None,
    }


def test_subjects_of_a_workflow_are_those_of_its_project(fetch, exports, member):
    rows, _ = fetch(member, category="subjects", workflow="10")
    assert exports.asked == [OF_SUBJECTS]
    assert [row["subject_id"] for row in rows] == [9, 8]


@pytest.mark.parametrize(("number", "words"), [("20", "not one of project 1"), ("77", "id='77'")])
def test_a_workflow_of_another_project_is_refused(fetch, exports, member, number, words):
    with pytest.raises(UsageError, match=words):
        fetch(member, workflow=number)
    assert exports.asked == []


def test_a_stranger_is_told_who_may_have_exports(fetch, exports, stranger):
    with pytest.raises(UsageError, match="store your login for zooniverse under Account"):
        fetch(stranger)
    assert exports.asked == []


def test_somebody_of_another_team_is_told_who_may_have_exports(fetch, exports, member):
    with pytest.raises(UsageError, match="owner and the collaborators") as caught:
        fetch(member, project="4")
    assert "Could not find project with id='4'" in caught.value.message
    assert exports.asked == []


def test_a_project_that_does_not_exist_is_said_so(fetch, member):
    with pytest.raises(UsageError, match="Could not find project with id='999'"):
        fetch(member, project="999")


@pytest.mark.parametrize(("maxrec", "count", "over"), [(0, 0, True), (1, 1, True), (2, 2, False)])
def test_the_row_limit_cuts_and_says_so(fetch, member, maxrec, count, over):
    member.maxrec = maxrec
    rows, end = fetch(member)
    assert (len(rows), end.overflow) == (count, over)


def test_no_signature_is_told_kept_or_sent_with_a_login(fetch, exports, member, team):
    exports.first_good_link = 3
    fetch(member)
    told = repr((member.lines, member.reports, member.checkpoints))
    assert "secret" not in told
    assert "token-" not in told
    downloads = [one for one in team.server.requests if one.path.startswith("/store/")]
    assert downloads
    assert not any("authorization" in one.headers for one in downloads)


def test_the_server_of_these_tests_is_strict(exports, team, member):
    http = member.context().http
    team.accounts.tokens["t"] = "Ada"
    accept = {"Accept": "application/vnd.api+json; version=1", "Authorization": "Bearer t"}
    url = f"{team.url}/{OF_PROJECT}"
    assert http.post(url, json={"media": {}}, headers={"Accept": "*/*"}).status_code == 404
    assert http.post(url, data="{}", headers=accept).status_code == 415
    assert http.post(url, json={"media": {"kind": "x"}}, headers=accept).status_code == 422
    assert http.get(f"{url}?page_size=1", headers=accept).status_code == 422
    wanted = {"media": {"content_type": "text/csv"}}
    anonymous = {"Accept": accept["Accept"]}
    assert http.post(url, json=wanted, headers=anonymous).status_code == 401
    assert http.get(url, headers=anonymous).status_code == 404
    assert http.post(url, json=wanted, headers=accept).status_code == 201


@pytest.mark.parametrize(
    "form",
    [
        {"workflow": "0"},
        {"workflow": "ten"},
        {"workflow": "9" * 30},
        {"category": "talk"},
        {"project": "1,2"},
        {"project": "a b/c"},
    ],
)
def test_what_cannot_be_exported_is_refused_in_the_form(form):
    with pytest.raises(InvalidParametersError):
        read_form(ExportParameters, list({"project": "1", **form}.items()))


def test_the_text_and_the_title_say_what_is_fetched(ours, team):
    parameters = ExportParameters(project="ada/comets", workflow=20)
    assert ExportQuery(ours).text(parameters).splitlines() == [
        f"{team.url}/projects?slug=ada/comets",
        f"{team.url}/workflows/20",
        f"{team.url}/workflows/20/classifications_export",
    ]
    assert ExportQuery(ours).job_title(parameters) == ("Classifications of ada/comets, workflow 20")


def test_rows_of_an_export_can_be_kept_in_a_basket(ours, fetch, member):
    query = ExportQuery(ours)
    rows, _ = fetch(member, category="subjects")
    columns = [Column(name=name) for name in rows[0]]
    item, bare, _ = query.to_items(columns, rows)
    assert item.publisher_did == "zooniverse://subject/9"
    assert item.access_url == "https://files.example.org/9.png"
    assert bare.access_url is None
    broken = dict(rows[0], locations="{")
    assert query.to_items(columns, [broken])[0].access_url is None
