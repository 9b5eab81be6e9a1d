import csv
import re
from types import ModuleType

import pytest

import portal_names
from portal.plugins import Archive
from portal.plugins import Column
from portal.plugins import find_coordinates
from portal.plugins import hookimpl
from portal.plugins import parameter
from portal.plugins import Position
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal.plugins import ServiceUrl
from portal.plugins import Snippet
from portal.uws.limits import Wishes
from portal.uws.service import EXTENSION
from tests.faults.conftest import until
from tests.support import lab
from tests.support.loopback import loopback
from tests.support.pages import text_of

FORM = "/archives/lab/query.lab-stars"


@pytest.fixture
def plugins():
    return [("lab", lab), ("names", portal_names), ("places", places()), ("far", far())]


@pytest.fixture
def settings(settings):
    changes = {"plugins": {"names": {"sesame": False}}, "remote_allow": ("127.0.0.1",)}
    return settings.model_copy(update=changes)


def places():
    module = ModuleType("places")

    @hookimpl
    def portal_register_archives():
        return [Archive(id="places", title="Places", description="P.", queries=(WhereQuery(),))]

    module.portal_register_archives = portal_register_archives
    return module


def test_a_query_works_in_a_folder_that_goes_with_its_attempt(app, client, work, monkeypatch):
    run, seen = lab.Stars.run, []

    def remember(self, parameters, context):
        seen.append((context.job_id, context.data_dir, context.data_dir.is_dir()))
        return run(self, parameters, context)

    monkeypatch.setattr(lab.Stars, "run", remember)
    client.post(FORM, data={"rows": "3"})

    assert work() == 1

    [(job_id, folder, was_there)] = seen
    assert was_there
    assert folder.parents[1] == app.config["SETTINGS"].results_dir / job_id
    assert not folder.exists()


def test_what_had_come_of_an_aborted_job_is_kept_and_its_page_says_so(client, work, monkeypatch):
    asked, made = lab.Stars.run, []

    def arriving(table, context):
        yield next(iter(table.batches))
        client.post(f"{made[0]}/abort")
        until(context.is_aborted)
        raise ServiceError("The connection broke")

    def run_and_abort(self, parameters, context):
        table = asked(self, parameters, context)
        return ResultTable(columns=table.columns, batches=arriving(table, context))

    monkeypatch.setattr(lab.Stars, "run", run_and_abort)
    made.append(client.post(FORM, data={"rows": "3"}).location)
    work()

    assert "cut short by the abort" in client.get(made[0]).text
    assert len(rows_of(client, made[0])) == 3
    assert "Cut short by the abort" in client.get(f"{made[0]}/results/result").text


SKY = "/archives/lab/query.lab-sky"


def work_all(work):
    while work():
        pass


def rows_of(client, address):
    return list(csv.DictReader(client.get(f"{address}/results/result.csv").text.splitlines()))


def test_a_query_made_of_others_puts_their_tables_together(client, work):
    address = client.post(SKY, data={"counts": ["3", "5"]}).location

    work_all(work)

    assert rows_of(client, address) == [
        {"asked": "3", "phase": "COMPLETED", "rows": "3", "first": "Star 0, lab", "error": ""},
        {"asked": "5", "phase": "COMPLETED", "rows": "5", "first": "Star 0, lab", "error": ""},
    ]


def test_a_part_that_fails_is_told_with_its_reason_and_the_others_stand(client, work):
    address = client.post(SKY, data={"counts": ["3", "5"], "how": "service"}).location

    work_all(work)

    good, bad = rows_of(client, address)
    assert good["phase"] == "COMPLETED"
    assert (bad["phase"], bad["first"], bad["error"]) == ("ERROR", "", "The telescope fell over")


def test_the_page_of_a_job_made_of_others_leads_to_each_and_back(client, work):
    address = client.post(SKY, data={"counts": ["3", "5"], "how": "service"}).location
    work_all(work)

    page = client.get(address).text
    parts = re.findall(r'<a href="(/jobs/\w+)">Stars: \d stars', page)

    assert len(parts) == 2
    assert "The telescope fell over" in page
    assert f'href="{address}"' in client.get(parts[0]).text


def test_parts_are_put_together_as_they_were_asked_whatever_the_query_would_ask_now(
    client, work, monkeypatch
):
    address = client.post(SKY, data={"counts": ["3", "5"]}).location
    monkeypatch.setattr(lab.WholeSky, "parts", lambda self, parameters: [])

    work_all(work)

    assert [row["asked"] for row in rows_of(client, address)] == ["3", "5"]


@pytest.mark.slow
def test_a_query_without_anything_to_ask_of_others_runs_at_once(client, work):
    address = client.post(SKY, data={}).location

    assert work() == 1

    assert rows_of(client, address) == []


def test_a_part_that_cannot_be_asked_is_refused_before_anything_is_made(client):
    response = client.post(SKY, data={"counts": ["-3"]})

    assert response.status_code == 422
    assert "rows" in response.text


class WhereQuery(Query):
    """Tells where something is."""

    id = "query.where"
    title = "Where"

    class Parameters(QueryParameters):
        position: Position = parameter(title="Position")

    def text(self, parameters):
        return parameters.position

    def code(self, parameters, *, maxrec):
        found = find_coordinates(parameters.position)
        return [Snippet(tool="where", title="Where", text=f"where is {found}")] if found else []

    def run(self, parameters, context):
        place = context.resolve(parameters.position)
        columns = [Column(name=name, datatype="double") for name in ("ra", "dec")]
        return ResultTable.from_rows(columns, [(place.ra, place.dec)])


@pytest.mark.parametrize(
    ("position", "phase", "words"),
    [
        ("M 31", "COMPLETED", "M 31 is at 10.684790 +41.269060 (NGC, IC and Messier (OpenNGC))"),
        ("10.5 -3", "COMPLETED", None),
        ("Andromdea", "ERROR", "Did you mean Andromeda Galaxy?"),
    ],
)
def test_a_job_tells_who_knew_where_something_is(app, client, work, position, phase, words):
    location = client.post("/archives/places/query.where", data={"position": position}).location
    work()

    page = text_of(client.get(location))
    job = client.get(f"/uws/jobs/{location.rpartition('/')[2]}", headers={"Accept": "text/xml"})
    assert phase in page
    assert words is None or words in page
    assert words is not None or "is at" not in page
    assert job.status_code == 200


def test_what_asks_the_same_without_the_portal_has_the_position_that_was_resolved(client, work):
    location = client.post("/archives/places/query.where", data={"position": "M 31"}).location
    before = text_of(client.get(location))
    work()

    assert "where is" not in before
    assert "where is (10.68479, 41.26906)" in text_of(client.get(location))


@pytest.mark.parametrize("position", ["400 0", "<b>", "12:61:00 3", "x" * 201])
def test_a_position_that_cannot_be_makes_no_job(client, work, position):
    answer = client.post("/archives/places/query.where", data={"position": position})

    assert answer.status_code == 422
    assert work() == 0


class FarQuery(Query):
    """Waits for what an archive answers."""

    id = "query.far"
    title = "Far"

    class Parameters(QueryParameters):
        url: ServiceUrl = parameter(title="Where")

    def text(self, parameters):
        return parameters.url

    def run(self, parameters, context):
        answer = context.http.get(parameters.url)
        return ResultTable.from_rows([Column(name="n", datatype="int")], [(len(answer.content),)])


def far():
    module = ModuleType("far")

    @hookimpl
    def portal_register_archives():
        return [Archive(id="far", title="Far", description="F.", queries=(FarQuery(),))]

    module.portal_register_archives = portal_register_archives
    return module


@pytest.fixture
def run_for(app, work):
    """Return a function that runs a job of one second that asks a server; and the job."""

    def run_for_(answer):
        with loopback() as server:
            service = app.extensions[EXTENSION]
            url = f"{server.url}/far"
            with app.app_context():
                job_id = service.create_job(
                    FarQuery.id,
                    FarQuery.Parameters(url=url),
                    owner="a" * 32,
                    wishes=Wishes(execution_duration=1),
                    run=True,
                )
            server.routes["/far"] = lambda exchange: answer(exchange, service, job_id)
            work()
        with app.app_context():
            return service.get_job(job_id, owner="a" * 32)

    return run_for_


@pytest.mark.slow
def test_a_job_that_waits_for_an_archive_longer_than_it_may_is_aborted(run_for):
    job = run_for(lambda exchange, _service, _job_id: exchange.hang())

    assert job.phase == "ABORTED"
    assert "longer than its execution duration" in job.message


@pytest.mark.slow
def test_a_job_that_is_given_more_time_waits_longer_for_its_archive(app, run_for):
    def answer_late(exchange, service, job_id):
        with app.app_context():
            service.change_job(job_id, owner="a" * 32, wishes=Wishes(execution_duration=60))
        exchange.stopping.wait(2.5)
        exchange.answer("late")

    assert run_for(answer_late).phase == "COMPLETED"
