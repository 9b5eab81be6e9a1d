"""One request: its rows, and services that refuse, fail, hang or are something else."""

import time

import pytest

from portal.plugins import AbortedError
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal.plugins.testing import check_abort
from portal_vo.positional.scs import ConeParameters
from portal_vo.positional.scs import ConeQuery
from portal_vo.positional.sia2 import Sia2Parameters
from portal_vo.positional.sia2 import Sia2Query
from tests.support.positional import dali_error
from tests.support.positional import OVERFLOW
from tests.support.positional import scs_error
from tests.support.positional import votable

CONE = ConeQuery(most_positions=10)
SIA2 = Sia2Query(most_positions=10)


def cone(service, **values):
    return ConeParameters(**({"access_url": service.url, "position": "187.5 12"} | values))


def test_the_rows_of_a_service_arrive(service, job, read):
    rows, end = read(CONE.run(cone(service), job.context()))

    assert rows == [{"id": "x", "ra": 187.5, "dec": 12.0}]
    assert service.asked == [{"cat": "a", "RA": "187.5", "DEC": "12", "SR": "0.1"}]
    assert not end.overflow


def test_a_name_is_looked_up_first(service, job, read):
    job.positions["M 87"] = (187.70593, 12.39112)

    read(CONE.run(cone(service, position="M 87"), job.context()))

    assert service.asked[0]["RA"] == "187.70593"


def test_a_name_that_nobody_knows_asks_nobody(service, job):
    with pytest.raises(UsageError, match="Nobody knows where M 8x is"):
        CONE.run(cone(service, position="M 8x"), job.context())
    assert service.asked == []


def test_the_row_limit_is_sent_where_the_protocol_has_one(service, job, read):
    job.maxrec = 7
    read(SIA2.run(Sia2Parameters(access_url=service.url, position="1 2"), job.context()))
    read(CONE.run(cone(service), job.context()))
    read(CONE.run(cone(service, maxrec=5), job.context()))

    assert [form.get("MAXREC") for form in service.asked] == ["7", None, "5"]


def test_a_cut_answer_is_said_to_be_cut(service, job, read):
    service.answer = lambda form: votable([("x", 1, 2)], after=OVERFLOW)

    assert read(CONE.run(cone(service), job.context()))[1].overflow


def test_a_radius_of_nothing_asks_for_the_columns(service, job, read):
    service.answer = lambda form: votable([])
    table = CONE.run(cone(service, radius=0), job.context())

    assert [column.name for column in table.columns] == ["id", "ra", "dec"]
    assert read(table)[0] == []
    assert "tells its columns" in job.lines[0]


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (scs_error("SR is larger than 10 degrees"), ServiceError, "SR is larger than 10 degrees"),
        (dali_error("No such column FOO"), UsageError, "No such column FOO"),
        (dali_error("Service overloaded, try again"), TransientError, "try again"),
        ("<html><h1>Welcome to the archive</h1></html>", ServiceError, "Welcome to the archive"),
        ('{"error": "json"}', ServiceError, "Cone Search"),
        ("", ServiceError, "Cone Search"),
        (votable([("x", 1, 2)])[:-60], ServiceError, "Cone Search|cut|end"),
    ],
)
def test_what_a_service_refuses_is_told_in_its_own_words(service, job, read, answer, kind, words):
    service.answer = lambda form: answer

    with pytest.raises(kind, match=words):
        read(CONE.run(cone(service), job.context()))


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (400, UsageError, "400 Bad Request: RA out of range"),
        (404, UsageError, "There is no Cone Search service at"),
        (403, ServiceError, "may ask for a login"),
        (500, ServiceError, "500"),
        (503, TransientError, "503"),
    ],
)
def test_an_http_status_is_an_error_too(service, job, status, kind, words):
    service.reply = None
    service.server.routes["/q"] = lambda one: one.answer(
        "RA out of range", status=status, content_type="text/plain"
    )

    with pytest.raises(kind, match=words):
        CONE.run(cone(service), job.context())


@pytest.mark.slow
def test_a_service_that_hangs_ends_with_the_time_out(service, job):
    job.read_timeout = 0.3
    service.server.routes["/q"] = lambda one: one.hang()

    with pytest.raises(TransientError, match="does not answer"):
        CONE.run(cone(service), job.context())


@pytest.mark.slow
def test_a_service_that_drips_ends_with_the_job(service, job, read):
    job.seconds = 0.5

    def drip(exchange):
        exchange.head(content_type="application/x-votable+xml")
        exchange.drip(b" ")

    service.server.routes["/q"] = drip
    began = time.monotonic()
    with pytest.raises(Exception, match="time that the job may take"):
        read(CONE.run(cone(service), job.context()))
    assert time.monotonic() - began < 3


def test_an_abort_is_orderly(service, job):
    check_abort(CONE, cone(service), job)
    with pytest.raises(AbortedError):
        CONE.run(cone(service), job.context())


def test_private_addresses_are_refused(service, job):
    job.allow = frozenset()

    with pytest.raises(UsageError, match=r"127\.0\.0\.1"):
        CONE.run(cone(service), job.context())
