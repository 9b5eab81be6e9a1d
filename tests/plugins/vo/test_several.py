import dataclasses

import pytest

import portal_vo
from portal import config
from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins import Column
from portal.plugins import EndedQuery
from portal.plugins import ResultTable
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


def in_adql(**changes):
    pairs = [*(("access_url", url) for url in changes.pop("urls", URLS)), ("query", ADQL)]
    return read_form(SeveralTapQuery.Parameters, [*pairs, *changes.items()])


def cones(**services):
    pairs = [(name, url) for name, urls in services.items() for url in urls]
    return read_form(SeveralConesQuery.Parameters, [*PLACE.items(), *pairs])


@pytest.mark.parametrize("query", [SeveralTapQuery(), SeveralConesQuery()])
def test_they_keep_the_contract(query):
    check_query(query)


def test_each_tap_service_gets_the_query_once():
    parts = SeveralTapQuery().parts(in_adql(urls=[*URLS, URLS[0]], maxrec="7"))
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


def test_rows_come_in_one_table_that_says_which_service_they_are_of(job, read):
    query, parameters = SeveralConesQuery(), cones(scs=URLS[:1], ssa=URLS[1:])
    catalogue, spectra = query.parts(parameters)
    mag = Column(name="flux", datatype="float", unit="mag")
    jansky = Column(name="flux", datatype="float", unit="Jy")
    ended = (
        ended_with(catalogue, [mag], [(12.5,)]),
        ended_with(spectra, [jansky], [(0.5,)]),
    )
    rows, _ = read(query.run(parameters, dataclasses.replace(job.context(), parts=ended)))
    assert rows == [
        {"service": URLS[0], "protocol": "Cone Search", "flux": 12.5, "flux_b_example_org": None},
        {"service": URLS[1], "protocol": "SSA", "flux": None, "flux_b_example_org": 0.5},
    ]


def ended_with(part, columns, rows):
    return EndedQuery(
        asked=part,
        job_id="1",
        phase="COMPLETED",
        rows=len(rows),
        open=lambda: ResultTable.from_rows(columns, rows),
    )


class TestInThePortal:
    @pytest.fixture
    def plugins(self):
        return [("vo", portal_vo)]

    @pytest.fixture
    def settings(self, tmp_path):
        return config.load(
            instance=tmp_path / "instance", job_lease=3.0, remote_allow=["127.0.0.1"]
        )

    def test_one_that_fails_keeps_nothing_from_the_others(self, client, tap, work, server):
        good, bad = f"{server.url}/tap", f"{server.url}/nothing"
        asked = {"access_url": [good, bad], "query": ADQL}
        sent = client.post("/archives/vo/query.several-tap", data=asked)
        assert sent.status_code == 303
        while work():
            pass
        rows = client.get(f"{sent.location}/results/result.csv").text.splitlines()
        assert rows == ['"service","protocol","n"', *(f'"{good}","TAP",{n}' for n in (1, 2, 3))]
        with client.get(f"{sent.location}/results/parts/file") as told:
            assert f"{bad},TAP,ERROR,,False,there is no TAP service" in told.text
