from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.parameters import check_model
from portal.parameters import form_fields
from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins import UsageError
from portal_vo.actions import QueryService
from portal_vo.registry import COLUMNS
from portal_vo.registry import RegistryParameters
from portal_vo.registry import RegistryQuery
from portal_vo.regtap import registry_query
from portal_vo.regtap import split_terms
from portal_vo.settings import VoSettings
from portal_vo.standards import TAP_STANDARDS
from tests.support.tap_service import refusal

DATA = Path(__file__).parents[2] / "data" / "vo"
ADDRESS = "http://vo.portal.test"


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


def test_tap_services_lead_to_their_query_form(services):
    action = QueryService()
    assert action.applies(COLUMNS)
    for row in services:
        link = action.link(row)
        assert (link is not None) == (row["standard_id"] in TAP_STANDARDS)
        if link:
            assert link.query_id == "query.tap"
            assert link.parameters == {"access_url": f"{ADDRESS}/tap"}


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
    query = registry_query(terms=["data release"], standards=["s"], waveband=None)
    assert "ivo_nocasematch(res_title, '%data release%')" in query
    assert "hasword" not in query


def test_an_identifier_finds_its_resource():
    query = registry_query(terms=["ivo://ORG.gavo.dc/tap"], standards=["s"], waveband=None)
    assert query.endswith("r.ivoid = 'ivo://org.gavo.dc/tap'")


@given(st.text(st.characters(exclude_characters="\x00", codec="utf-8"), min_size=1))
def test_no_keyword_leaves_its_literal(text):
    plain = registry_query(terms=["x"], standards=["s"], waveband="radio")
    hostile = registry_query(terms=[f"x{text}"], standards=["s"], waveband="radio")
    outside = [part for index, part in enumerate(hostile.split("'")) if index % 2 == 0 and part]
    expected = [part for index, part in enumerate(plain.split("'")) if index % 2 == 0 and part]
    if " " not in f"x{text}":
        assert outside == expected


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
    assert not fields["service_type"].required
    for name in ("service_type", "waveband"):
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
