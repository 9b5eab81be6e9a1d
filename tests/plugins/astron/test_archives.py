"""ASTRON's archives, as they are described in the plugin."""

from pathlib import Path

import pytest

import portal_astron
from portal.parameters import form_fields
from portal.parameters import read_form
from portal.plugins import Cone
from portal.plugins.described.reading import DescribedFile
from portal.plugins.described.reading import read_archives
from portal.plugins.multi.coverage import may_have
from portal.plugins.testing import check_archive
from tests.support.descriptions import PROTOCOLS

COLLECTIONS = {
    "apertif-dr1", "hetdex", "lotss-dr1", "lotss-pdr", "MSSSVerification", "sauron", "tgssadr",
}  # fmt: skip
ABELL_2255 = Cone(ra=258.2, dec=64.05, radius=0.5)


@pytest.fixture
def archives():
    files = portal_astron.portal_register_archive_files()
    found = [one for path in files for one in read_archives(DescribedFile(path=path), PROTOCOLS)]
    return {one.id: one for one in found}


@pytest.fixture
def observations(archives):
    (query,) = archives["astron-vo"].queries
    return query


def asked(query, **values):
    return query.text(read_form(query.Parameters, values.items()))


def test_the_archives_keep_the_contract(archives):
    assert set(archives) == {"astron-vo", "lofar"}
    for archive in archives.values():
        check_archive(archive)
        assert archive.institute == "ASTRON"


def test_each_is_asked_whether_it_answers(archives):
    for archive in archives.values():
        assert archive.health.query_id == "vo.availability"
        assert archive.health.parameters["access_url"] == "https://vo.astron.nl/tap"


def test_the_form_has_every_field_choice_and_default(observations):
    fields = {
        one.name: one
        for one in form_fields(
            observations.Parameters, {"collection": observations.choices("collection")}
        )
    }

    assert set(fields) >= {"target", "position", "radius", "radius_unit", "level", "collection"}
    assert {one.value for one in fields["collection"].choices} == COLLECTIONS | {"all"}
    assert [one.value for one in fields["level"].choices] == ["processed"]
    assert not any(one.required for one in fields.values())
    assert "obs_collection = 'apertif-dr1'" in asked(observations)


def test_each_collection_is_a_data_set_that_asks_for_itself(archives, observations):
    datasets = archives["astron-vo"].datasets
    cone = observations.from_cone(ABELL_2255)

    texts = {one.collection: asked(observations, **{**cone, **one.parameters}) for one in datasets}

    assert set(texts) == COLLECTIONS
    for collection, text in texts.items():
        assert text.count("obs_collection") == 1
        assert f"obs_collection = '{collection}'" in text
        assert "CIRCLE('ICRS', 258.2, 64.05, 0.5)" in text


@pytest.mark.parametrize(
    ("dataset", "inside", "outside"),
    [("tgssadr", (10, -52.9), (10, -60)), ("lotss-dr1", (190, 55), (10.68, 41.27))],
)
def test_data_sets_that_cover_a_part_of_the_sky_say_so(archives, dataset, inside, outside):
    (coverage,) = [one.coverage for one in archives["astron-vo"].datasets if one.id == dataset]

    assert may_have(coverage, Cone(ra=inside[0], dec=inside[1], radius=0.1))
    assert not may_have(coverage, Cone(ra=outside[0], dec=outside[1], radius=0.1))


def test_all_collections_are_asked_at_once(observations):
    assert asked(observations, collection="all") == "SELECT *\nFROM ivoa.obscore"
    assert "obs_collection" not in asked(observations, **observations.from_cone(ABELL_2255))


def test_a_target_is_a_literal_whatever_it_is(observations):
    assert "target_name = 'x'' OR 1=1 --'" in asked(observations, target="x' OR 1=1 --")


def test_lofar_has_no_rows_of_its_own_making(archives):
    lofar = archives["lofar"]

    assert "Long Term Archive" in lofar.description
    assert {
        query.described.access_url.partition("/")[2].split("/")[1] for query in lofar.queries
    } == {"vo.astron.nl"}
    assert all(query.from_cone(ABELL_2255) for query in lofar.queries)


def test_the_form_of_lofar_has_every_field_choice_and_default(archives):
    mosaics = archives["lofar"].queries[0]
    model = mosaics.Parameters
    fields = {one.name: one for one in form_fields(model, {})}
    offered = {name: [one.value for one in mosaics.choices(name)] for name in fields}

    assert set(fields) >= {"target", "sasid", "position", "radius", "band", "time"}
    assert offered["dataproduct_type"] == [
        "all", "ImagingPipeline", "CorrelatedDataProduct", "AveragingPipeline",
        "CalibrationPipeline", "LongBaselinePipeline", "PulsarPipeline",
    ]  # fmt: skip
    assert offered["antenna_type"] == ["all", "HBA", "LBA"]
    assert offered["public"] == ["true", "false"]
    assert (model().antenna_type, model().public) == ("HBA", "true")
    for unit in ("deg", "arcmin", "arcsec", "rad"):
        assert read_form(model, [("radius_unit", unit)]).radius_unit == unit
    for place in ("4.507 1.118 rad", "258.2 64.1", "17:12:47 +64:03:48 B1950", "J2000 258.2 64.1"):
        assert "CIRCLE('ICRS', 25" in asked(mosaics, position=place)


def test_what_only_the_long_term_archive_has_brings_no_rows_and_says_so_before(archives):
    mosaics = archives["lofar"].queries[0]

    for choice in mosaics.choices("dataproduct_type")[2:]:
        assert "Long Term Archive only" in choice.title
        assert "WHERE (1 = 0)\n" in asked(mosaics, dataproduct_type=choice.value)
    assert "1 = 0" not in asked(mosaics)
    assert asked(mosaics, antenna_type="all") == "SELECT *\nFROM lotss_dr2.mosaics"
    assert "LOWER(lofar_obsids) LIKE '%l281008%'" in asked(mosaics, sasid="L281008")


def test_mosaics_are_of_either_antennas(archives):
    mosaics = archives["lofar"].queries[0]

    assert "(instid LIKE '%HBA%')" in asked(mosaics)
    assert "(instid LIKE '%LBA%')" in asked(mosaics, antenna_type="LBA")
    assert "instid" not in asked(mosaics, antenna_type="all")


def test_no_file_of_the_plugin_is_left_behind():
    folder = Path(portal_astron.__file__).parent

    assert sorted(folder.glob("*.toml")) == list(portal_astron.portal_register_archive_files())
