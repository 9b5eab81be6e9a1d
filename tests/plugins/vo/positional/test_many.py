"""Several positions at once: one table, in the order of the file, whatever goes wrong."""

import subprocess
import sys
import threading
import time

import pytest
from astropy.io.votable import parse_single_table

from portal.plugins import AbortedError
from portal.plugins import ServiceError
from portal.plugins import UsageError
from portal_vo.positional.many import AT_ONCE
from portal_vo.positional.scs import ConeParameters
from portal_vo.positional.scs import ConeQuery
from tests.support.positional import FIELDS
from tests.support.positional import OVERFLOW
from tests.support.positional import scs_error
from tests.support.positional import votable

QUERY = ConeQuery(most_positions=50)
REFERENCE = "upload:" + "0" * 32


@pytest.fixture
def ask(service, job, tmp_path, read):
    def ask(*lines, **values):
        path = tmp_path / "positions.csv"
        path.write_text("\n".join(lines))
        job.uploads["positions"] = path
        parameters = ConeParameters(access_url=service.url, positions=REFERENCE, **values)
        return read(QUERY.run(parameters, job.context()))

    return ask


def test_rows_say_which_position_they_are_of(ask, service, job):
    job.positions["M 31"] = (10.5, 41.25)

    rows, end = ask("1 2", "M 31", "3,-4")

    assert [tuple(row.values()) for row in rows] == [
        (1, "1 2", "x", 1.0, 2.0),
        (2, "M 31", "x", 10.5, 41.25),
        (3, "3,-4", "x", 3.0, -4.0),
    ]
    assert list(rows[0]) == ["upload_row", "upload_target", "id", "ra", "dec"]
    assert len(service.asked) == 3
    assert ("POSITIONS", "3 of 3 answered") in end.infos


def test_progress_is_reported(ask, job):
    ask(*[f"{number} 0" for number in range(10)])

    fractions = [fraction for fraction, _ in job.reports if fraction is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert job.messages[-1] == "10 of 10 positions"


@pytest.mark.slow
def test_the_order_is_that_of_the_file_and_few_are_asked_at_once(ask, service):
    lock, state = threading.Lock(), {"now": 0, "most": 0}

    def answer(form):
        with lock:
            state["now"] += 1
            state["most"] = max(state["most"], state["now"])
        time.sleep(0.02 if float(form["RA"]) % 2 else 0.05)
        with lock:
            state["now"] -= 1
        return votable([("x", form["RA"], 0)])

    service.answer = answer
    rows, _ = ask(*[f"{number} 0" for number in range(20)])

    assert [row["ra"] for row in rows] == list(range(20))
    assert 1 < state["most"] <= AT_ONCE


def test_what_fails_is_logged_and_the_rest_arrives(ask, service, job):
    def answer(form):
        return scs_error("not there") if form["RA"] == "2" else votable([("x", form["RA"], 0)])

    service.answer = answer
    rows, end = ask("1 0", "2 0", "nowhere", "99999 0", "5 0")

    assert [row["upload_row"] for row in rows] == [1, 5]
    assert ("PARTIAL", "3 of 5 positions failed") in end.infos
    lines = "\n".join(job.lines)
    assert "Row 2 (2 0): " in lines and "not there" in lines
    assert "Row 3 (nowhere): Nobody knows where nowhere is" in lines
    assert "Row 4 (99999 0): " in lines
    assert "3 of 5 positions failed" in lines


def test_when_all_fail_the_first_reason_is_the_error(ask, service):
    service.answer = lambda form: scs_error(f"no RA {form['RA']}")

    with pytest.raises(ServiceError, match="no RA 1"):
        ask("1 0", "2 0")


def test_when_no_name_is_known_the_user_is_told(ask, service):
    with pytest.raises(UsageError, match="Nobody knows where a is"):
        ask("a", "b")
    assert service.asked == []


def test_other_columns_are_fitted_to_those_of_the_first_answer(ask, service, job):
    fields = [FIELDS[1], FIELDS[0], '<FIELD name="new" datatype="int"/>']

    def answer(form):
        if form["RA"] == "2":
            return votable([(7.5, "y", 3)], fields)
        return votable([("x", 1, 2)])

    service.answer = answer
    rows, _ = ask("1 0", "2 0")

    assert [row["id"] for row in rows] == ["x", "y"]
    assert [row["ra"] for row in rows] == [1.0, 7.5]
    assert [row["dec"] for row in rows] == [2.0, None]


def test_columns_that_are_called_like_ours_are_kept(ask, service):
    service.answer = lambda form: votable([(5,)], ['<FIELD name="upload_row" datatype="int"/>'])

    rows, _ = ask("1 0", "2 0")

    assert [tuple(row.values()) for row in rows] == [(1, "1 0", 5), (2, "2 0", 5)]


def test_a_cut_answer_of_one_position_is_a_cut_table(ask, service):
    service.answer = lambda form: votable(
        [("x", 1, 2)], after=OVERFLOW if form["RA"] == "2" else ""
    )

    assert ask("1 0", "2 0")[1].overflow


def test_nothing_more_is_asked_when_there_are_rows_enough(ask, service, job):
    job.maxrec = 3
    service.answer = lambda form: votable([("x", 1, 2)] * 2)

    rows, end = ask(*[f"{number} 0" for number in range(30)])

    assert len(rows) >= 3
    assert end.overflow
    assert len(service.asked) < 15


def test_positions_without_rows_are_no_failure(ask, service):
    service.answer = lambda form: votable([] if form["RA"] == "1" else [("x", 1, 2)])

    rows, end = ask("1 0", "2 0")

    assert [row["upload_row"] for row in rows] == [2]
    assert ("POSITIONS", "2 of 2 answered") in end.infos


def test_too_many_positions_are_refused_before_anything_is_asked(ask, service):
    with pytest.raises(UsageError, match="51 positions; 50 can be asked at once"):
        ask(*["1 0"] * 51)
    assert service.asked == []


def test_an_abort_ends_it(ask, service, job):
    def answer(form):
        if form["RA"] == "3":
            job.abort()
        return votable([("x", 1, 2)])

    service.answer = answer
    with pytest.raises(AbortedError):
        ask(*[f"{number} 0" for number in range(40)])
    assert len(service.asked) < 20


def test_where_everything_was_asked_lies_beside_the_rows(ask, job):
    job.positions["M 31, the galaxy"] = (10.5, 41.25)

    ask("position", '"M 31, the galaxy"', "3 -4")

    assert job.files["positions"].path.read_text() == (
        'row,ra,dec,target\n1,10.5,41.25,"M 31, the galaxy"\n2,3.0,-4.0,3 -4\n'
    )


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["pyvo", "curl"])
def test_what_asks_the_same_without_the_portal_gets_the_same_rows(ask, job, service, tool):
    rows, _ = ask("1 2", "3 -4")
    folder = job.files["positions"].path.parent
    (folder / "positions.csv").write_text(job.files["positions"].path.read_text())
    parameters = ConeParameters(access_url=service.url, positions=REFERENCE)
    text = {one.tool: one.text for one in QUERY.code(parameters, maxrec=9)}[tool]
    if tool == "pyvo":
        text += "\ntable.write('result-all.vot', format='votable')\n"
        command = [sys.executable, "-W", "ignore", "-c", text]
    else:
        command = ["bash", "-euo", "pipefail", "-c", text]

    subprocess.run(command, cwd=folder, check=True, timeout=120)

    tables = [parse_single_table(path).to_table() for path in sorted(folder.glob("result-*.vot"))]
    found = [(float(row["ra"]), float(row["dec"])) for table in tables for row in table]
    assert found == [(row["ra"], row["dec"]) for row in rows]
