"""What is asked about a place, and what is left out with which reason."""

import pytest

from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins import Cone
from portal.plugins.discovery import Candidate
from portal.plugins.multi.coverage import may_have
from portal.plugins.multi.query import MultiQuery
from portal.plugins.registry import PluginRegistry
from portal.problems import UsageError
from tests.support.skies import skies_plugin
from tests.support.skies import Sky

M31 = Cone(ra=10.6847, dec=41.2688, radius=0.1)
NORTH, SOUTH = "0/0-3", "0/8-11"


def registry_of(tmp_path, *skies):
    registry = PluginRegistry()
    candidates = [Candidate(name="skies", load=lambda: skies_plugin(skies))]
    registry.load(candidates, settings={}, data_dir=tmp_path, probing=False)
    return registry


def sky(name, **more):
    return Sky(name=name, url="http://127.0.0.1:9/", **more)


def parameters(**given):
    pairs = [
        (name, one)
        for name, value in given.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    return read_form(MultiQuery.Parameters, [("position", "10.6847 41.2688"), *pairs])


@pytest.fixture
def query(tmp_path):
    return MultiQuery(
        registry_of(
            tmp_path,
            sky("plain"),
            sky("sets", collections=["deep", "wide"]),
            sky("south", coverage=SOUTH),
            sky("bands", knows_bands=True, coverage=NORTH),
        )
    )


def asked(query, **given):
    return [
        (part.query_id, part.parameters["collection"]) for part in query.parts(parameters(**given))
    ]


def test_each_data_set_is_asked_and_what_has_nothing_there_is_not(query):
    assert asked(query) == [
        ("query.bands", ""),
        ("query.plain", ""),
        ("query.sets", "deep"),
        ("query.sets", "wide"),
    ]


@pytest.mark.parametrize(
    ("archives", "found"),
    [
        (["sets"], [("query.sets", "deep"), ("query.sets", "wide")]),
        (["sets/wide", "plain"], [("query.plain", ""), ("query.sets", "wide")]),
        (["plain", "south"], [("query.plain", "")]),
        (["south/query.south"], [("query.south", "")]),
    ],
    ids=["archive", "data-set", "left-out", "by-its-name-nevertheless"],
)
def test_some_are_asked_by_their_names(query, archives, found):
    assert asked(query, archives=archives) == found


def test_everyone_is_asked_the_same(query):
    for part in query.parts(parameters(radius="2.5", rows="7")):
        given = dict(part.parameters)
        assert (given["position"], given["radius"], given["maxrec"]) == (
            "10.6847 +41.2688",
            "2.5",
            "7",
        )


def test_a_band_goes_only_to_those_that_know_one(query):
    assert asked(query, band="21 cm") == [("query.bands", "")]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"time": "2019-07-01"}, "cannot be asked for a time"),
        ({"time": "2019-07-01", "band": "21 cm"}, "cannot be asked for a band and a time"),
        ({"archives": ["south"]}, "has no data there"),
        ({"archives": ["plain"], "radius": "10"}, "does not take these values: radius"),
        ({"archives": ["plain"], "radius": "50"}, "cannot be asked for a radius of 50 deg"),
        ({"archives": ["gone/deep"]}, "There is no archive or data set gone/deep"),
        ({"position": "Nowhere at all"}, "Nobody knows where Nowhere at all is"),
    ],
)
def test_when_nobody_can_be_asked_it_says_why(query, given, reason):
    with pytest.raises(UsageError, match=reason):
        query.parts(read_form(query.Parameters, written(given)))


def written(given):
    pairs = [("position", "10.6847 41.2688")] if "position" not in given else []
    for name, value in given.items():
        pairs += [(name, one) for one in (value if isinstance(value, list) else [value])]
    return pairs


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("band", "blue"),
        ("time", "2019"),
        ("radius", "0"),
        ("radius", "91"),
        ("rows", "0"),
        ("position", "400 10"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(name, value):
    with pytest.raises(InvalidParametersError) as refused:
        read_form(MultiQuery.Parameters, written({name: value}))
    assert refused.value.errors[0].name == name


def test_a_query_that_breaks_takes_no_part(tmp_path, monkeypatch):
    registry = registry_of(tmp_path, sky("good"), sky("bad"))
    bad = registry.query("query.bad")
    monkeypatch.setattr(bad, "from_cone", lambda cone: 1 / 0)

    parts = MultiQuery(registry).parts(parameters())

    assert [part.query_id for part in parts] == ["query.good"]


@pytest.mark.parametrize(
    ("coverage", "cone", "may"),
    [
        (NORTH, M31, True),
        (SOUTH, M31, False),
        (SOUTH, Cone(ra=10, dec=1, radius=60), True),
        ("14/", Cone(ra=10, dec=1, radius=1), False),
        ("not a MOC", M31, True),
        ("4/99999999", M31, True),
        (None, M31, True),
        ("29/", M31, False),
        ("0/0-11", Cone(ra=0, dec=90, radius=1e-5), True),
    ],
)
def test_coverage_excludes_only_what_it_surely_has_not(coverage, cone, may):
    assert may_have(coverage, cone) is may
