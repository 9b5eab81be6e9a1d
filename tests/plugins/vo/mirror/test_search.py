from datetime import datetime
from datetime import UTC

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st

from portal_vo.constraints import RegistryConstraints
from portal_vo.mirror import search as searching
from portal_vo.mirror.files import MirrorFiles
from portal_vo.mirror.search import search
from tests.support.regtap import record
from tests.support.regtap import write_mirror

MODEL = "/capability/dataModel/@ivo-id"
RECORDS = {
    "ivo://a/pulsars": record(
        "Pulsar timing observations",
        short_name="PSR",
        waveband="radio",
        res_subject=[{"res_subject": "Pulsars"}],
        res_role=[{"base_role": "creator", "role_name": "Bell Burnell, J."}],
        table_column=[{"table_index": 1, "name": "p", "ucd": "time.period"}],
        stc_spatial=[{"coverage": "0/0-11"}],
    ),
    "ivo://a/galaxies": record(
        "Galaxies of the north",
        services=[("conesearch", "http://x/scs?"), ("sia#query-2.0", "http://x/sia2")],
        res_description="A pulsar was seen as well. Ångström-sized dust.",
        waveband="optical#uv",
        table_column=[{"table_index": 1, "name": "m", "ucd": "phot.mag;em.opt.V"}],
        res_detail=[{"detail_xpath": MODEL, "detail_value": "ivo://ivoa.net/std/ObsCore#core-1.1"}],
        stc_spatial=[{"coverage": "6/19771-19900"}],
        stc_temporal=[{"time_start": 50000.0, "time_end": 51000.0}],
    ),
    "ivo://a/planets": record(
        "Planets",
        services=[("tap#aux", "http://x/tap")],
        waveband="x-ray",
        res_table=[{"table_index": 1, "table_utype": "ivo://ivoa.net/std/epntap#table-2.0"}],
        stc_spectral=[{"spectral_start": 2.8e-19, "spectral_end": 5e-19}],
    ),
    "ivo://a/authority": record("An authority on pulsars", services=[]),
}
TITLES = {ivoid.rpartition("/")[2]: one.resource["res_title"] for ivoid, one in RECORDS.items()}


@pytest.fixture(scope="module")
def mirror(tmp_path_factory):
    files = MirrorFiles(tmp_path_factory.mktemp("mirror"), "http://registry.example.org/tap")
    write_mirror(files, RECORDS, as_of=datetime.now(UTC))
    yield files.reader()
    files.close()


def found(mirror, **asked):
    position = asked.get("position")
    degrees = tuple(map(float, position.split())) if position else None
    answer = search(mirror, RegistryConstraints(**asked), position=degrees)
    names = [one.ivoid.rpartition("/")[2] for one in answer.resources]
    assert answer.total == len(names)
    return names


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["galaxies", "planets", "pulsars"]),
        ({"keywords": "pulsar"}, ["pulsars", "galaxies"]),
        ({"keywords": "pulsars timings"}, ["pulsars"]),
        ({"keywords": '"pulsar was"'}, ["galaxies"]),
        ({"keywords": '"was pulsar"'}, []),
        ({"keywords": "psr"}, ["pulsars"]),
        ({"keywords": "burnell"}, ["pulsars"]),
        ({"keywords": "angstrom"}, ["galaxies"]),
        ({"keywords": "PULS"}, ["pulsars", "galaxies"]),
        ({"keywords": "pulsar g"}, ["pulsars", "galaxies"]),
        ({"keywords": "pulsar -"}, ["pulsars", "galaxies"]),
        ({"keywords": "ivo://A/P"}, ["planets", "pulsars"]),
        ({"service_type": "tap"}, ["planets", "pulsars"]),
        ({"service_type": "sia2"}, ["galaxies"]),
        ({"service_type": "sia"}, ["galaxies"]),
        ({"service_type": ["scs", "tap"]}, ["galaxies", "planets", "pulsars"]),
        ({"waveband": "uv"}, ["galaxies"]),
        ({"waveband": ["radio", "x-ray"]}, ["planets", "pulsars"]),
        ({"keywords": "pulsar", "waveband": "uv"}, ["galaxies"]),
        ({"author": "bell"}, ["pulsars"]),
        ({"author": "Bell%J."}, ["pulsars"]),
        ({"subject": "pulsars"}, ["pulsars"]),
        ({"ucd": "phot.mag%"}, ["galaxies"]),
        ({"ucd": "phot.mag"}, []),
        ({"datamodel": "obscore"}, ["galaxies"]),
        ({"datamodel": "epntap"}, ["planets"]),
        ({"datamodel": "regtap"}, []),
        ({"ivoid": "ivo://A/Authority"}, ["authority"]),
        ({"time": "50500"}, ["galaxies"]),
        ({"time": "51000.5 52000"}, []),
        ({"spectrum": "500 nm"}, ["planets"]),
        ({"spectrum": "1 to 2 GHz"}, []),
    ],
)
def test_each_constraint_finds_what_it_should(mirror, asked, names):
    assert found(mirror, **asked) == names


@pytest.mark.parametrize(
    ("position", "radius", "names"),
    [
        ("10 20", None, ["galaxies", "pulsars"]),
        ("10 20", 0.1, ["galaxies", "pulsars"]),
        ("10 20", 20, ["pulsars"]),
        ("200 -60", None, ["pulsars"]),
    ],
)
def test_coverage_contains_the_place_as_a_whole(mirror, position, radius, names):
    assert found(mirror, position=position, radius=radius) == names


@pytest.mark.parametrize(
    ("region", "names"),
    [
        ("CIRCLE 10 20 20", ["galaxies", "pulsars"]),
        ("POLYGON 9 19 11 19 11 21 9 21", ["galaxies", "pulsars"]),
        ("RANGE 199 201 -61 -59", ["pulsars"]),
    ],
)
def test_coverage_need_only_touch_a_region(mirror, region, names):
    assert found(mirror, region=region) == names


def test_a_region_is_looked_for_together_with_everything_else(mirror):
    assert found(mirror, region="CIRCLE 10 20 20", keywords="psr") == ["pulsars"]


@pytest.mark.parametrize("length", range(3, len("observations") + 1))
def test_a_word_is_found_at_every_letter_of_it(mirror, length):
    assert found(mirror, keywords="observations"[:length]) == ["pulsars"]


def test_types_and_wavebands_are_counted_each_without_its_own_choice(mirror):
    answer = search(mirror, RegistryConstraints(service_type="tap", waveband="radio"))
    assert answer.total == 1
    assert answer.types == {"tap": 1}
    assert answer.wavebands == {"radio": 1, "x-ray": 1}


def test_a_card_has_what_a_page_shows(mirror):
    (one,) = search(mirror, RegistryConstraints(ivoid="ivo://a/pulsars")).resources
    assert (one.title, one.short_name, one.creators) == (
        "Pulsar timing observations", "PSR", "Bell Burnell, J.",
    )  # fmt: skip
    assert one.fraction == 1.0
    assert one.services[0]["access_url"] == "http://vo.example.org/tap"


def test_words_that_are_everywhere_are_found_in_titles_first(mirror, monkeypatch):
    monkeypatch.setattr(searching, "MOST_RANKED", 1)
    assert found(mirror, keywords="pulsar") == ["pulsars", "galaxies"]
    monkeypatch.setattr(searching, "MOST_RANKED", 0)
    assert found(mirror, keywords="pulsar") == ["galaxies", "pulsars"]


def test_pages_follow_one_another(mirror):
    pages = [
        search(mirror, RegistryConstraints(), first=first, most=1).resources for first in range(4)
    ]
    assert [page[0].title for page in pages[:3]] == [
        TITLES["galaxies"], TITLES["planets"], TITLES["pulsars"],
    ]  # fmt: skip
    assert pages[3] == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=60))
@example('a AND "b')
@example("NEAR(a b, 2) OR NOT c* ^d {title}: e + (f")
@example('"""')
@example("'; DROP TABLE words; --")
@example("ivo://")
@example("x" * 400)
def test_nothing_that_is_typed_is_syntax(mirror, text):
    search(mirror, RegistryConstraints(keywords=text))
    names = dict.fromkeys(("author", "subject", "ucd"), text[:200])
    search(mirror, RegistryConstraints(**{**names, "keywords": f'"{text}'}))
