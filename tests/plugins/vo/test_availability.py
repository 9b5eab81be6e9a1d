"""Whether a service answers, over real HTTP."""

import pytest

from portal.parameters import read_form
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal.plugins.testing import RunningJob
from portal_vo.availability import AvailabilityQuery
from tests.support.loopback import loopback
from tests.support.tap_service import refusal
from tests.support.tap_service import table

VOSI = """<avail:availability xmlns:avail="http://www.ivoa.net/xml/VOSIAvailability/v1.0">
<avail:available>{}</avail:available><avail:note>{}</avail:note></avail:availability>"""


@pytest.fixture
def server():
    with loopback() as running:
        yield running


@pytest.fixture
def ask(server, tmp_path):
    def ask_(standard="tap"):
        query = AvailabilityQuery()
        given = [("access_url", f"{server.url}/svc"), ("standard", standard)]
        job = RunningJob(data_dir=tmp_path)
        return query.run(read_form(query.Parameters, given), job.context())

    return ask_


def test_a_service_that_says_it_is_available_is(server, ask):
    server.routes["/svc/availability"] = lambda one: one.answer(VOSI.format("true", "all well"))

    assert ask().columns


def test_a_service_that_says_it_is_down_is_with_its_reason(server, ask):
    server.routes["/svc/availability"] = lambda one: one.answer(VOSI.format("false", "no  disk"))

    with pytest.raises(TransientError, match="not available: no disk"):
        ask()


def test_a_service_without_availability_shows_its_capabilities(server, ask):
    server.routes["/svc/availability"] = lambda one: one.answer(status=404)
    server.routes["/svc/capabilities"] = lambda one: one.answer("<capabilities/>")

    assert ask().columns


def test_where_there_is_no_service_that_is_said(server, ask):
    for name in ("availability", "capabilities"):
        server.routes[f"/svc/{name}"] = lambda one: one.answer(status=404)

    with pytest.raises(ServiceError, match="there is no TAP service"):
        ask()


@pytest.mark.parametrize(
    ("standard", "asked"),
    [
        ("scs", "RA=0&DEC=0&SR=0"),
        ("sia1", "POS=0,0&SIZE=0&FORMAT=METADATA"),
        ("sia2", "MAXREC=0"),
        ("ssa", "REQUEST=queryData&FORMAT=METADATA"),
    ],
)
def test_other_services_are_asked_the_least_that_they_must_answer(server, ask, standard, asked):
    server.routes["/svc"] = lambda one: one.answer(table())

    assert ask(standard).columns
    assert [one.query for one in server.requests] == [asked]


def test_a_refusal_is_told_in_its_own_words(server, ask):
    server.routes["/svc"] = lambda one: one.answer(refusal("closed for the winter"))

    with pytest.raises((ServiceError, UsageError), match="closed for the winter"):
        ask("scs")
