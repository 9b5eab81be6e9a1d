import dataclasses

import pytest

from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins import EndedQuery
from portal.plugins.testing import check_query
from portal_vo.positional.scs import ConeQuery
from portal_vo.positional.sia1 import Sia1Query
from portal_vo.positional.sia2 import Sia2Query
from portal_vo.positional.ssa import SsaQuery
from portal_vo.several import SeveralConesQuery
from portal_vo.several import SeveralTapQuery
from portal_vo.tap import TapParameters

URLS = ["http://a.example.org/tap", "http://b.example.org/tap"]
ADQL = "SELECT * FROM ivoa.obscore"
PLACE = {"position": "10 20", "radius": "2"}


def tap(**changes):
    pairs = [*(("access_url", url) for url in changes.pop("urls", URLS)), ("query", ADQL)]
    return read_form(SeveralTapQuery.Parameters, [*pairs, *changes.items()])


def cones(**services):
    pairs = [(name, url) for name, urls in services.items() for url in urls]
    return read_form(SeveralConesQuery.Parameters, [*PLACE.items(), *pairs])


@pytest.mark.parametrize("query", [SeveralTapQuery(), SeveralConesQuery()])
def test_they_keep_the_contract(query):
    check_query(query)


def test_each_tap_service_gets_the_query_once():
    parts = SeveralTapQuery().parts(tap(urls=[*URLS, URLS[0]], maxrec="7"))
    assert [part.parameters["access_url"] for part in parts] == URLS
    for part in parts:
        asked = read_form(TapParameters, part.parameters.items())
        assert (asked.query, asked.maxrec) == (ADQL, 7)


@pytest.mark.parametrize(
    ("name", "query"),
    [("scs", ConeQuery), ("sia1", Sia1Query), ("sia2", Sia2Query), ("ssa", SsaQuery)],
)
def test_each_type_of_service_is_asked_in_its_own_way(name, query):
    (part,) = SeveralConesQuery().parts(cones(**{name: ["http://a.example.org/x?"]}))
    assert part.query_id == query.id
    asked = read_form(query.Parameters, part.parameters.items())
    assert asked.position == "10 20"
    assert (asked.size if name == "sia1" else 2 * asked.radius) == 4


@pytest.mark.parametrize(
    "services", [{}, {"scs": [f"http://a.example.org/{n}" for n in range(21)]}]
)
def test_none_and_too_many_are_refused(services):
    with pytest.raises(InvalidParametersError):
        cones(**services)


def test_the_result_tells_how_each_service_ended(job, read):
    query, parameters = SeveralTapQuery(), tap()
    good, bad = query.parts(parameters)
    ended = (
        EndedQuery(asked=good, job_id="1", phase="COMPLETED", rows=7, overflow=True),
        EndedQuery(asked=bad, job_id="2", phase="ERROR", error="No such table"),
    )
    rows, _ = read(query.run(parameters, dataclasses.replace(job.context(), parts=ended)))
    assert [(row["service"], row["phase"], row["rows"], row["message"]) for row in rows] == [
        (URLS[0], "COMPLETED", 7, None),
        (URLS[1], "ERROR", None, "No such table"),
    ]
