import dataclasses
from pathlib import Path

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from portal.parameters import check_model
from portal.parameters import form_fields
from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins import read_spectrum
from portal.plugins import ResolvedPosition
from portal.plugins import UsageError
from portal_vo.actions import QueryService
from portal_vo.registry import COLUMNS
from portal_vo.registry import RegistryParameters
from portal_vo.registry import RegistryQuery
from portal_vo.settings import VoSettings
from portal_vo.standards import type_of
from portal_vo.terms import split_terms
from tests.support.tap_service import refusal

DATA = Path(__file__).parents[2] / "data" / "vo"
ADDRESS = "http://vo.portal.test"


def asked(**parameters):
    return RegistryQuery("").text(RegistryParameters(**parameters))


def search(server, job, answer, **parameters):
    server.routes["/tap/sync"] = lambda exchange: exchange.answer(answer)
    query = RegistryQuery(f"{server.url}/tap")
    return query.run(RegistryParameters(**parameters), job.context())


@pytest.fixture
def services(server, job, read):
    """What the recorded registry has for the word "tests"."""
    answer = (DATA / "registry.vot").read_bytes()
    rows, _ = read(search(server, job, answer, keywords="tests"))
    return rows


def test_a_service_is_a_row_in_readable_words(services):
    found = next(row for row in services if row["ivoid"] == "ivo://portal.test/tap")
    assert found == {
        "title": "Test services TAP",
        "short_name": "test tap",
        "service_type": "Tables (TAP)",
        "waveband": "optical",
        "publisher": "Portal tests publisher",
        "creators": "Staff of Portal tests",
        "description": "All tables of the test services.",
        "access_url": f"{ADDRESS}/tap",
        "reference_url": "https://portal.test/about",
        "standard_id": "ivo://ivoa.net/std/tap",
        "ivoid": "ivo://portal.test/tap",
    }


def test_a_resource_with_two_services_is_two_rows(services):
    types = [row["service_type"] for row in services if row["ivoid"] == "ivo://portal.test/labcat"]
    assert sorted(types) == ["Catalogue (Cone Search)", "Tables (TAP, in a larger service)"]


def test_what_cannot_be_queried_is_absent(services):
    assert not any("without" in row["title"] or "document" in row["title"] for row in services)


def test_services_of_their_own_come_before_those_in_larger_ones(services):
    shared = ["larger" in row["service_type"] for row in services]
    assert shared == sorted(shared)


def test_what_is_named_like_the_search_comes_first(server, job, read):
    answer = (DATA / "registry.vot").read_bytes()
    rows, _ = read(search(server, job, answer, keywords="zephyr"))
    assert rows[0]["title"] == "Zephyr radio continuum images"


def test_commas_and_markup_stay_in_their_cell(services):
    found = next(row for row in services if row["ivoid"] == "ivo://portal.test/labcat")
    assert found["title"] == "Laboratory catalogue, with a comma"
    assert "<script>alert(1)</script>" in found["description"]


def test_the_registry_is_asked_with_the_row_limit(server, job):
    job.maxrec = 7
    search(server, job, (DATA / "registry.vot").read_bytes(), keywords="tests")
    assert server.requests[-1].form["MAXREC"] == "7"
    job.maxrec = 10_000_000
    search(server, job, (DATA / "registry.vot").read_bytes(), keywords="tests")
    assert server.requests[-1].form["MAXREC"] == "10000"


def test_a_list_that_was_cut_says_so(server, job, read):
    whole = (DATA / "registry.vot").read_bytes()
    cut = whole.replace(b"</TABLE>", b'</TABLE><INFO name="QUERY_STATUS" value="OVERFLOW"></INFO>')
    assert read(search(server, job, cut, keywords="tests"))[1].overflow
    assert not read(search(server, job, whole, keywords="tests"))[1].overflow


def test_a_registry_may_shout_its_column_names(server, job, read):
    answer = (DATA / "registry.vot").read_bytes().replace(b'name="ivoid"', b'name="IVOID"')
    assert b'name="IVOID"' in answer
    assert read(search(server, job, answer, keywords="tests"))[0][0]["ivoid"]


def test_what_the_registry_refuses_is_told(server, job):
    with pytest.raises(UsageError, match="Could not parse your query"):
        search(server, job, refusal("Could not parse your query"), keywords="x")


def test_services_lead_to_their_query_forms(services):
    action = QueryService()
    assert action.applies(COLUMNS)
    for row in services:
        link = action.link(row)
        assert link.query_id == type_of(row["standard_id"]).query_id
        assert link.parameters == {"access_url": row["access_url"]}
    assert {action.link(row).query_id for row in services} == {"query.tap", "query.scs"}


def test_other_tables_have_no_such_action():
    assert not QueryService().applies(COLUMNS[:3])


def test_services_can_be_kept_in_a_basket(services):
    (item,) = RegistryQuery("").to_items(COLUMNS, services[:1])
    assert item.title == services[0]["title"]
    assert item.publisher_did == services[0]["ivoid"]
    assert item.access_url == services[0]["access_url"]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", []),
        ("  pulsar   timing ", ["pulsar", "timing"]),
        ('"data release" lofar', ["data release", "lofar"]),
        ('un"finished', ["un", "finished"]),
        ('"', []),
    ],
)
def test_keywords_are_words_and_phrases(text, terms):
    assert split_terms(text) == terms


def test_a_phrase_is_looked_for_as_it_stands():
    query = asked(keywords='"data release"')
    assert "ivo_nocasematch(res_title, '%data release%')" in query
    assert "hasword" not in query


def test_an_identifier_finds_its_resource():
    query = asked(keywords="ivo://ORG.gavo.dc/tap")
    assert query.endswith("r.ivoid = 'ivo://org.gavo.dc/tap'")


def outside(query):
    """Return what of a query is not in its literals."""
    return [part for index, part in enumerate(query.split("'")) if index % 2 == 0 and part]


@given(st.text(st.characters(exclude_characters="\x00", codec="utf-8"), min_size=1))
@example("'; DROP TABLE")
def test_nothing_that_is_typed_leaves_its_literal(text):
    names = ("author", "subject", "ucd")
    hostile = asked(keywords=f'"x {text} y"', **dict.fromkeys(names, f"x{text[:190]}"))
    if '"' not in text:
        assert outside(hostile) == outside(asked(keywords='"x y"', **dict.fromkeys(names, "x")))


@pytest.mark.parametrize(
    ("constraint", "condition"),
    [
        ({"author": "Hubble"}, "role_name LIKE '%Hubble%' AND base_role = 'creator'"),
        ({"author": "Hub%"}, "role_name LIKE 'Hub%' AND"),
        ({"subject": "pulsars"}, "res_subject = 'pulsars'"),
        ({"ucd": "phot.mag%"}, "ucd LIKE 'phot.mag%'"),
        ({"datamodel": "epntap"}, "table_utype LIKE 'ivo://ivoa.net/std/epntap#table-2.%'"),
        ({"datamodel": "obscore"}, "ivo_nocasematch(detail_value, 'ivo://ivoa.net/std/obscore%')"),
        ({"ivoid": "ivo://A/B"}, "r.ivoid = 'ivo://a/b'"),
        ({"position": "10 -20.5"}, "CONTAINS(MOC(6, POINT(10.0, -20.5)), coverage)"),
        ({"position": "10 -20.5", "radius": 2}, "CIRCLE(10.0, -20.5, 2.0)"),
        ({"time": "54130"}, "54130.0 BETWEEN time_start AND time_end"),
        ({"time": "54200 54130"}, "(time_start, time_end, 54130.0, 54200.0)"),
        ({"spectrum": "2e-19 J"}, "2e-19 BETWEEN spectral_start AND spectral_end"),
        ({"service_type": "sia2"}, "c.standard_id LIKE 'ivo://ivoa.net/std/sia#query-2.%'"),
        ({"service_type": ["tap", "scs"]}, "c.standard_id IN ('ivo://ivoa.net/std/tap',"),
        ({"waveband": ["radio", "uv"]}, "OR 1 = ivo_hashlist_has(r.waveband, 'uv'))"),
    ],
)
def test_every_constraint_is_a_condition(constraint, condition):
    assert condition in asked(**constraint)


def test_a_range_of_wavelengths_is_sent_as_ascending_energies():
    low, high = read_spectrum("400-700 nm")
    assert low < high
    assert f"(spectral_start, spectral_end, {low!r}, {high!r})" in asked(spectrum="400-700 nm")
    assert asked(spectrum="700 400 nm") == asked(spectrum="400-700 nm")


def test_a_name_is_resolved_by_the_worker(server, job):
    server.routes["/tap/sync"] = lambda exchange: exchange.answer(
        (DATA / "registry.vot").read_bytes()
    )
    query, parameters = RegistryQuery(f"{server.url}/tap"), RegistryParameters(position="M31")
    assert "M31" in query.text(parameters)
    context = dataclasses.replace(
        job.context(), resolve=lambda name: ResolvedPosition(ra=10.5, dec=41.0, resolver="test")
    )
    query.run(parameters, context)
    assert "POINT(10.5, 41.0)" in server.requests[-1].form["QUERY"]


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("time", "yesterday", "give dates"),
        ("spectrum", "21", "give the unit"),
        ("ivoid", "http://x", "starts with ivo://"),
        ("radius", "-1", "more than 0"),
    ],
)
def test_values_that_cannot_be_used_are_told(name, value, complaint):
    with pytest.raises(InvalidParametersError, match=complaint):
        read_form(RegistryParameters, [("keywords", "x"), (name, value)])


@pytest.mark.parametrize("keywords", ["", "  ", '""'])
def test_an_empty_search_is_refused(keywords):
    with pytest.raises(InvalidParametersError, match="give a keyword"):
        read_form(RegistryParameters, [("keywords", keywords)])


@pytest.mark.parametrize("chosen", [("service_type", "tap"), ("waveband", "radio")])
def test_a_choice_alone_is_a_search(chosen):
    read_form(RegistryParameters, [("keywords", ""), chosen])


def test_the_form_offers_types_and_wavebands_in_words():
    check_model(RegistryParameters)
    query = RegistryQuery("")
    offered = {name: query.choices(name) for name in RegistryParameters.model_fields}
    fields = {field.name: field for field in form_fields(RegistryParameters, offered)}
    assert fields["keywords"].kind == "search"
    assert fields["service_type"].multiple
    for name in ("service_type", "waveband", "datamodel"):
        for choice in fields[name].choices:
            read_form(RegistryParameters, [(name, choice.value)])


def test_the_job_is_named_by_what_is_looked_for():
    parameters = RegistryParameters(keywords="pulsar", waveband="radio")
    assert RegistryQuery("").job_title(parameters) == "Find services: pulsar, radio"


@pytest.mark.parametrize("example", RegistryQuery.examples, ids=lambda example: example.title)
def test_the_examples_are_valid(example):
    read_form(RegistryParameters, list(example.parameters.items()))


def test_the_environment_names_the_registry(monkeypatch):
    monkeypatch.delenv("IVOA_REGISTRY", raising=False)
    assert VoSettings().registry == "https://reg.g-vo.org/tap"
    assert (
        VoSettings(registry_url="http://a.example.org/tap").registry == "http://a.example.org/tap"
    )
    monkeypatch.setenv("IVOA_REGISTRY", "http://b.example.org/tap")
    assert (
        VoSettings(registry_url="http://a.example.org/tap").registry == "http://b.example.org/tap"
    )


def test_a_search_can_be_opened_as_adql_and_asked_with_other_tools():
    query = RegistryQuery("https://registry.example.org/tap")
    parameters = RegistryParameters(keywords="pulsar", position="10 20")

    link = query.in_adql(parameters)

    assert link.query_id == "query.tap"
    assert link.parameters["access_url"] == "https://registry.example.org/tap"
    assert link.parameters["query"] == query.text(parameters)
    assert [one.tool for one in query.code(parameters, maxrec=10)] == ["pyvo", "curl", "stilts"]


def test_a_search_around_a_name_is_adql_only_when_somebody_has_looked_it_up():
    query = RegistryQuery("https://registry.example.org/tap")
    parameters = RegistryParameters(position="M 31")

    assert query.in_adql(parameters) is None
    assert query.code(parameters, maxrec=10) == ()
