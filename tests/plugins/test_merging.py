"""The parts of a query in one table, and what became of each beside it."""

import csv
from dataclasses import replace

import pytest

from portal.plugins import Column
from portal.plugins import EndedQuery
from portal.plugins import merge_parts
from portal.plugins import PartOrigin
from portal.plugins import QueryLink
from portal.plugins import ResultTable
from portal.plugins.testing import read_result
from portal.plugins.testing import RunningJob
from portal.problems import NotFoundError
from portal.problems import ServiceError

LEADING = (Column(name="archive", arraysize="*"),)
NUMBER = Column(name="n", datatype="int")


def part(name, *numbers, open=None, **told):
    def open_table():
        return ResultTable.from_rows([NUMBER], [(n,) for n in numbers])

    told = {"phase": "COMPLETED", "rows": len(numbers), "open": open or open_table, **told}
    return EndedQuery(asked=QueryLink(query_id=name), job_id=f"job-{name}", **told)


def failed(name, error="It is closed"):
    return EndedQuery(asked=QueryLink(query_id=name), job_id=name, phase="ERROR", error=error)


@pytest.fixture
def job(tmp_path):
    return RunningJob(data_dir=tmp_path)


def merge(job, *parts, **options):
    context = replace(job.context(), parts=parts)
    return merge_parts(context, leading=LEADING, origin_of=origin, **options)


def origin(ended):
    name = ended.asked.query_id
    return PartOrigin(mark=name, leading=(name.upper(),))


def test_what_one_could_not_say_is_told_beside_the_rows_of_the_others(job):
    rows, end = read_result(merge(job, part("a", 1, 2), failed("b"), part("c", 3)))

    assert [(row["archive"], row["n"]) for row in rows] == [("A", 1), ("A", 2), ("C", 3)]
    assert end.infos == (("PARTIAL", "b: It is closed"),)
    assert job.lines == ["b: It is closed"]
    with job.files["parts"].path.open(newline="") as file:
        told = list(csv.DictReader(file))
    assert [(one["archive"], one["phase"], one["rows"], one["message"]) for one in told] == [
        ("A", "COMPLETED", "2", ""),
        ("B", "ERROR", "", "It is closed"),
        ("C", "COMPLETED", "1", ""),
    ]


def test_one_whose_job_was_deleted_meanwhile_is_told_like_a_failure(job):
    def gone():
        raise NotFoundError("This result is no longer there.")

    rows, end = read_result(merge(job, part("a", open=gone), part("b", 1)))

    assert len(rows) == 1
    assert end.infos == (("PARTIAL", "a: This result is no longer there."),)


def test_without_any_table_the_job_fails_with_their_reasons(job):
    with pytest.raises(ServiceError, match="a: It is closed; b: It burns"):
        merge(job, failed("a"), failed("b", "It burns"))


def test_many_reasons_are_not_all_in_the_error(job):
    with pytest.raises(ServiceError, match=r"e: .*; and 2 more$"):
        merge(job, *map(failed, "abcdefg"))


def test_one_that_was_stopped_counts_with_the_rows_it_had(job):
    rows, _ = read_result(merge(job, part("a", 1, phase="ABORTED", overflow=True)))

    assert len(rows) == 1


def test_a_view_is_merged_in_place_of_the_table(job):
    def doubled(_part, table):
        twice = [(2 * n["n"],) for batch in list(table.batches)[:-1] for n in batch.to_pylist()]
        return ResultTable.from_rows([NUMBER], twice)

    rows, _ = read_result(merge(job, part("a", 1, 2), view=doubled))

    assert [row["n"] for row in rows] == [2, 4]
