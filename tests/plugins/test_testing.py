"""The checks for plugin authors find what they say they find, and the job is a real one."""

from dataclasses import replace

import pytest

from portal.plugins import AbortedError
from portal.plugins import Archive
from portal.plugins import arrow_schema
from portal.plugins import Column
from portal.plugins import Example
from portal.plugins import ResultTable
from portal.plugins import TableEnd
from portal.plugins.testing import check_abort
from portal.plugins.testing import check_archive
from portal.plugins.testing import check_query
from portal.plugins.testing import ContractError
from portal.plugins.testing import read_result
from portal.plugins.testing import RunningJob
from tests.support import lab
from tests.support.loopback import loopback

NUMBER = (Column(name="n", datatype="int"),)
TEXT = (Column(name="n", arraysize="*"),)


@pytest.fixture
def job(tmp_path):
    return RunningJob(data_dir=tmp_path)


def archive(**changes):
    (good,) = lab.portal_register_archives()
    return replace(good, **changes)


def query(**changes):
    return type("Changed", (lab.Stars,), changes)()


def test_an_archive_that_keeps_its_word_passes():
    check_archive(archive())


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (archive(id="The Lab"), "address"),
        (archive(description=""), "description"),
        (archive(queries=()), "at least one"),
        (archive(queries=(query(), query())), "same id"),
        (archive(queries=(query(id="query/lab"),)), "cannot name a job type"),
    ],
)
def test_what_an_archive_breaks_is_named(broken: Archive, promise):
    with pytest.raises(ContractError, match=promise):
        check_archive(broken)


def example(**parameters):
    return (Example(title="Odd", parameters=parameters),)


@pytest.mark.parametrize(
    ("changes", "promise"),
    [
        ({"version": ""}, "version"),
        ({"title": ""}, "no title"),
        ({"choices": lambda self, name: ["a"]}, "offers no Choice"),
        ({"examples": example(stars="3")}, "unknown names"),
        ({"examples": example(rows="many")}, "is refused"),
        ({"text": lambda self, parameters: ""}, "does not say"),
        ({"text": lambda self, parameters: str(id(parameters))}, "differs"),
        ({"job_title": lambda self, parameters: "a\nb"}, "one line"),
    ],
)
def test_what_a_query_breaks_is_named(changes, promise):
    with pytest.raises(ContractError, match=promise):
        check_query(query(**changes))


def test_an_example_may_leave_something_to_fill_in():
    class Needy(lab.StarsParameters):
        target: str

    check_query(query(Parameters=Needy, examples=example(rows="3")))


def test_a_result_is_read_to_its_end():
    rows, end = read_result(ResultTable.from_rows(NUMBER, [(1,), (None,)], overflow=True))

    assert rows == [{"n": 1}, {"n": None}]
    assert end.overflow


def batches(columns, *rows):
    return list(ResultTable.from_rows(columns, rows).batches)


@pytest.mark.parametrize(
    ("parts", "promise"),
    [
        ([], "looks cut"),
        (batches(NUMBER, [1])[:-1], "looks cut"),
        ([TableEnd(), *batches(NUMBER, [1])], "follows"),
        (batches(TEXT, ["1"]), "promise"),
    ],
)
def test_a_result_that_is_not_what_its_columns_say_is_refused(parts, promise):
    with pytest.raises(ContractError, match=promise):
        read_result(ResultTable(columns=NUMBER, batches=parts))


def test_two_columns_of_one_name_are_refused():
    assert len(arrow_schema(NUMBER * 2)) == 2
    with pytest.raises(ContractError, match="same name"):
        read_result(ResultTable(columns=NUMBER * 2, batches=[TableEnd()]))


def test_a_query_may_end_an_abort_with_an_error_of_the_portal_or_with_rows(job):
    check_abort(query(), lab.StarsParameters(rows=3), job)
    check_abort(query(), lab.StarsParameters(how="service"), job)


def test_a_query_may_not_end_an_abort_with_a_mistake(job):
    with pytest.raises(ZeroDivisionError):
        check_abort(query(), lab.StarsParameters(how="crash"), job)


def test_a_job_writes_down_what_its_query_does(job):
    context = job.context()
    told = []
    context.report(0.5, "half")
    context.log("line")
    context.checkpoint("remote", "42")
    context.on_abort(lambda: told.append(context.is_aborted()))
    job.abort()

    assert (job.reports, job.messages, job.lines) == ([(0.5, "half")], ["half"], ["line"])
    assert (context.checkpoints, job.context().checkpoints) == ({}, {"remote": "42"})
    assert told == [True]


def test_the_session_reaches_this_machine_until_the_job_is_aborted(job):
    with loopback() as server, job.context().http as session:
        server.routes["/"] = lambda exchange: exchange.answer("hello", content_type="text/plain")
        assert session.get(f"{server.url}/").status_code == 200
        job.abort()
        with pytest.raises(AbortedError):
            session.get(f"{server.url}/")
