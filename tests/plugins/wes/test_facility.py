"""A Workflow Execution Service that answers as a test tells it to."""

import json
import threading

import pytest
from pydantic import ValidationError

from portal.plugins import AbortedError
from portal.plugins import BasketSummary
from portal.plugins import InputFile
from portal.plugins import Mode
from portal.plugins import Prepared
from portal.plugins import RemoteCredential
from portal.plugins import RunOutput
from portal.plugins import ServiceError
from portal.plugins import SessionFile
from portal.plugins import SessionState
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal.plugins import Workflow
from portal.plugins import WorkflowType
from portal_wes import facility as facility_module
from portal_wes.documents import read_end
from portal_wes.documents import read_outputs
from portal_wes.documents import RunOptions
from portal_wes.documents import write_run
from portal_wes.facility import ExecutionService
from portal_wes.settings import ServiceSettings
from portal_wes.settings import WesSettings
from tests.support.launches import RunningLaunch
from tests.support.loopback import loopback

API = "/ga4gh/wes/v1"
SECRET = "https://portal.example.org/staging/a.vot?sig=s3cret"
INFO = {
    "supported_wes_versions": ["1.0.0", "1.1.0"],
    "workflow_type_versions": {"CWL": {"workflow_type_version": ["v1.0", "v1.2"]}},
    "system_state_counts": {"RUNNING": 3, "COMPLETE": 9},
}


class Service:
    """What is asked of it, and what it answers; the last state stays."""

    def __init__(self, server):
        self.server = server
        self.states = ["QUEUED", "RUNNING", "COMPLETE"]
        self.log = {"outputs": {"said": "hello"}}
        self.place = ExecutionService(ServiceSettings(id="b", title="Our Batch", url=server.url))
        say(server, "service-info", INFO)
        say(server, "runs", {"run_id": "r1"})
        say(server, "runs/r1/cancel", {"run_id": "r1"})
        server.routes[f"{API}/runs/r1/status"] = self._state
        server.routes[f"{API}/runs/r1"] = lambda asked: asked.answer(json.dumps(self.log))

    def _state(self, asked):
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        asked.answer(json.dumps({"run_id": "r1", "state": state}))

    def count(self, what):
        return self.server.asked().count(what)


@pytest.fixture
def service(monkeypatch):
    monkeypatch.setattr(facility_module, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(facility_module, "LONGEST_PAUSE", 0.01)
    with loopback() as server:
        yield Service(server)


def say(server, path, document, **more):
    server.routes[f"{API}/{path}"] = lambda asked: asked.answer(json.dumps(document), **more)


def prepared(name="main.cwl", content="cwlVersion: v1.1\n", inputs=(), **options):
    repository = "https://example.org/x.git"
    return Prepared(
        id="s3ss10n",
        user="us3r",
        title="Demo",
        workflow=Workflow(id="x", title="X", repository=repository, definition=name),
        repository=repository,
        commit="1" * 40,
        sources=[SessionFile(path=name, content=content)],
        inputs=inputs,
        options=RunOptions(**options),
    )


def test_a_run_is_handed_in_followed_and_its_outputs_are_told(service):
    launch = RunningLaunch()

    outputs = service.place.run(prepared(), launch.context())

    assert outputs == [RunOutput(name="said", value="hello")]
    assert launch.saved == [{"asked": "s3ss10n"}, {"run": "r1"}]
    assert launch.messages == ["Our Batch says: queued", "Our Batch says: running"]
    assert service.count(f"POST {API}/runs") == 1


def test_a_second_attempt_adopts_the_run(service):
    launch = RunningLaunch(saved=[{"run": "r1"}])

    service.place.run(prepared(), launch.context())

    assert service.count(f"POST {API}/runs") == 0


TAGGED = {"run_id": "r1", "tags": {"session": "s3ss10n"}}
OTHER = {"run_id": "r0", "tags": {"session": "other"}}
UNTAGGED = {"run_id": "r1", "state": "RUNNING"}


@pytest.mark.parametrize(
    "pages",
    [
        [{"runs": [OTHER, TAGGED]}],
        [{"runs": [OTHER], "next_page_token": "2"}, {"runs": [TAGGED]}],
        [{"runs": [UNTAGGED]}],
        [{"workflows": [UNTAGGED], "next_page_token": ""}],
    ],
    ids=["in a list", "on a later page", "listed without tags", "before version 1.0"],
)
def test_a_run_whose_id_was_lost_is_found_by_its_tag(service, pages):
    service.log["request"] = {"tags": {"session": "s3ss10n"}}
    left = list(pages)
    service.server.routes[f"{API}/runs"] = lambda asked: asked.answer(json.dumps(left.pop(0)))
    launch = RunningLaunch(saved=[{"asked": "s3ss10n"}])

    assert service.place.run(prepared(), launch.context())
    assert launch.handle == {"run": "r1"}

    left[:] = pages
    service.states = ["RUNNING"]
    service.place.stop({"asked": "s3ss10n"}, launch.later())
    assert service.count(f"POST {API}/runs") == 0
    assert service.count(f"POST {API}/runs/r1/cancel") == 1


def test_a_run_of_which_nobody_knows_whether_it_began_is_not_begun_again(service):
    say(service.server, "runs", {"runs": [OTHER], "next_page_token": ""})

    with pytest.raises(ServiceError, match="launch anew"):
        service.place.run(prepared(), RunningLaunch(saved=[{"asked": "s3ss10n"}]).context())

    assert service.count(f"POST {API}/runs") == 0


def test_a_service_that_is_busy_is_asked_again(service):
    say(service.server, "runs", {"msg": "Too much to do."}, status=503)
    launch = RunningLaunch()

    with pytest.raises(TransientError, match="Too much to do"):
        service.place.run(prepared(), launch.context())
    say(service.server, "runs", {"run_id": "r1"})

    assert service.place.run(prepared(), launch.context())


def test_a_run_whose_answer_a_proxy_has_lost_is_not_handed_in_again(service):
    say(service.server, "runs", {}, status=504)
    launch = RunningLaunch()

    with pytest.raises(TransientError):
        service.place.run(prepared(), launch.context())
    say(service.server, "runs", {"runs": [TAGGED]})

    assert service.place.run(prepared(), launch.context())
    assert service.count(f"POST {API}/runs") == 1


def test_a_run_outlives_a_service_that_is_away_for_a_moment(service):
    tries = iter([503, 503])
    status = service.server.routes[f"{API}/runs/r1/status"]

    def flaky(asked):
        code = next(tries, None)
        status(asked) if code is None else asked.answer("{}", status=code)

    service.server.routes[f"{API}/runs/r1/status"] = flaky

    assert service.place.run(prepared(), RunningLaunch().context())


@pytest.mark.parametrize("state", ["EXECUTOR_ERROR", "SYSTEM_ERROR"])
def test_a_run_that_fails_says_why_without_the_addresses_of_its_data(service, state):
    service.states = [state]
    service.log = {"run_log": {"stderr": f"cannot read {SECRET}\nno lens"}}
    launch = RunningLaunch()
    given = [InputFile(name="a.vot", url=SECRET)]

    with pytest.raises(ServiceError, match="failed at Our Batch") as caught:
        service.place.run(prepared(inputs=given), launch.context())

    assert caught.value.detail == "cannot read a.vot\nno lens"
    assert launch.lines[-1] == "no lens"


def test_a_run_that_was_cancelled_there_says_so(service):
    service.states = ["CANCELED"]

    with pytest.raises(ServiceError, match="cancelled"):
        service.place.run(prepared(), RunningLaunch().context())


def test_a_job_that_is_aborted_waits_no_longer(service):
    service.states = ["RUNNING"]
    launch = RunningLaunch()
    timer = threading.Timer(0.1, launch.aborted.set)
    timer.start()

    with pytest.raises(AbortedError):
        service.place.run(prepared(), launch.context())
    timer.join()


@pytest.mark.parametrize(
    ("state", "cancels"), [("RUNNING", 1), ("QUEUED", 1), ("COMPLETE", 0), ("CANCELING", 0)]
)
def test_only_what_goes_on_is_cancelled(service, state, cancels):
    service.states = [state]

    service.place.stop({"run": "r1"}, RunningLaunch().later())

    assert service.count(f"POST {API}/runs/r1/cancel") == cancels


def test_a_run_that_is_over_or_unknown_is_gone(service):
    later = RunningLaunch().later()
    service.states = ["RUNNING", "COMPLETE"]
    say(service.server, "runs/r2/status", {"msg": "no such run", "status_code": 404}, status=404)

    assert service.place.status({"run": "r1"}, later).state is SessionState.RUNNING
    assert service.place.status({"run": "r1"}, later).state is SessionState.GONE
    assert service.place.status({"run": "r2"}, later).state is SessionState.GONE
    service.place.stop({"run": "r2"}, later)


@pytest.mark.parametrize("status", [401, 403, 404, 500, 502, 503])
def test_a_service_that_does_not_tell_has_no_run_that_is_gone(service, status):
    service.server.routes[f"{API}/runs/r1/status"] = lambda asked: asked.answer(
        "<p>nothing here</p>", status=status, content_type="text/html"
    )

    with pytest.raises((ServiceError, TransientError)):
        service.place.status({"run": "r1"}, RunningLaunch().later())


def test_a_token_that_is_refused_is_forgotten(service):
    say(service.server, "service-info", {"msg": "Who are you?"}, status=401)
    stored = {"127.0.0.1": RemoteCredential(user_name="", secret="0ld")}
    launch = RunningLaunch(credentials=stored)

    with pytest.raises(UsageError, match="was deleted from your account"):
        service.place.run(prepared(), launch.context())

    assert service.server.requests[0].headers["authorization"] == "Bearer 0ld"
    assert stored == {}
    with pytest.raises(UsageError, match="store a token"):
        service.place.run(prepared(), launch.context())


def test_a_service_says_what_it_can_run(service):
    health = service.place.health(RunningLaunch().later())

    assert health.message == "WES 1.1.0"
    assert health.capacity == {"CWL": "v1.0, v1.2", "Runs": "3"}
    say(service.server, "service-info", {})
    with pytest.raises(ServiceError):
        service.place.health(RunningLaunch().later())


@pytest.mark.parametrize(
    ("definition", "kind", "accepts"),
    [
        ("a/main.cwl", WorkflowType.CLI, True),
        ("main.nf", WorkflowType.CLI, True),
        ("main.py", WorkflowType.CLI, False),
        (None, WorkflowType.CLI, False),
        ("main.cwl", WorkflowType.NOTEBOOK, False),
    ],
)
def test_batch_workflows_of_the_command_line_are_taken(service, definition, kind, accepts):
    workflow = Workflow(id="x", title="X", repository="h", definition=definition, type=kind)

    answer = service.place.accepts(workflow, BasketSummary())

    assert answer.accepts is accepts
    assert bool(answer.reason) is not accepts
    assert answer.mode is Mode.BATCH


def test_the_basket_is_an_input_as_the_workflow_language_wants_it():
    files = [
        InputFile(name="a.fits", url="http://x/a", size=5),
        InputFile(name="b", url="http://x/b"),
    ]

    cwl = write_run(prepared(inputs=files))
    nextflow = write_run(prepared("main.nf", inputs=files, files_input="reads"))
    single = write_run(prepared(inputs=files[:1], files_as="one", files_input="image"))

    assert json.loads(cwl.fields["workflow_params"])["files"][0] == {
        "class": "File",
        "location": "http://x/a",
        "basename": "a.fits",
        "size": 5,
    }
    assert cwl.fields["workflow_type_version"] == "v1.1"
    assert json.loads(nextflow.fields["workflow_params"]) == {"reads": ["http://x/a", "http://x/b"]}
    assert nextflow.fields["workflow_type"] == "NFL"
    assert json.loads(single.fields["workflow_params"])["image"]["basename"] == "a.fits"


def test_a_basket_that_does_not_fit_the_input_is_refused():
    files = [InputFile(name="a", url="http://x/a"), InputFile(name="b", url="http://x/b")]

    with pytest.raises(UsageError, match="takes one file"):
        write_run(prepared(inputs=files, files_as="one"))


@pytest.mark.parametrize("text", ["[1]", "{", "seven"])
def test_inputs_are_a_json_object(text):
    with pytest.raises(ValidationError):
        RunOptions(inputs=text)


def test_each_file_of_an_output_is_told_for_itself():
    file = {
        "class": "File",
        "location": "https://x/m.fits",
        "basename": "m.fits",
        "size": 9,
        "checksum": "sha1$abc",
        "secondaryFiles": [{"class": "File", "location": "https://x/m.idx"}],
    }
    folder = {"class": "Directory", "listing": [{"class": "File", "location": "s3://x/y"}]}
    log = {"outputs": {"map": file, "all": folder, "count": [1, 2], "none": None}}

    assert read_outputs(log) == [
        RunOutput(name="map: m.fits", url="https://x/m.fits", size=9, checksum="sha1:abc"),
        RunOutput(name="map+", url="https://x/m.idx"),
        RunOutput(name="all", url="s3://x/y"),
        RunOutput(name="count[1]", value="1"),
        RunOutput(name="count[2]", value="2"),
    ]


@pytest.mark.parametrize("odd", [{}, {"outputs": []}, {"outputs": "x"}, {"run_log": 7}])
def test_odd_logs_say_nothing(odd):
    assert read_outputs(odd) == []
    assert read_end(odd, ()) == ""


def test_tokens_are_those_of_facilities():
    block = {"id": "our-batch", "title": "B", "url": "https://x.org/"}

    [one] = WesSettings(facilities=[block], tokens={"our_batch": "t"}).all

    assert one.read_token() == "t"
    with pytest.raises(ValueError, match="no facility"):
        _ = WesSettings(tokens={"moon": "t"}).all
