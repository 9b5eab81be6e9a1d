"""The archive on first start, and its place in the portal."""

import importlib.metadata

import pyarrow.parquet as pq
import pytest
from astropy.coordinates import SkyCoord

from portal.parameters import check_model
from portal.parameters import form_fields
from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins import ResultTable
from portal.plugins.discovery import installed
from portal.plugins.registry import PluginRegistry
from portal.plugins.testing import check_abort
from portal.plugins.testing import check_archive
from portal_files import demo
from portal_files.archive import build_archive
from portal_files.settings import FilesSettings


@pytest.fixture
def query(openngc):
    return {one.id: one for one in openngc.archive.queries}


@pytest.mark.slow
def test_the_plugin_is_found_by_its_entry_point_and_can_be_used(tmp_path):
    registry = PluginRegistry()
    candidates = [one for one in installed() if one.name == "files"]

    registry.load(candidates, settings={}, data_dir=tmp_path)

    assert [plugin.reason for plugin in registry.plugins] == [None]
    assert [one.id for one in registry.archives] == ["files"]
    assert {one.id for one in registry.queries} == {"query.files-cone", "query.files-adql"}
    assert (tmp_path / "files" / "tables" / demo.FILE_NAME).is_file()


def test_the_archive_keeps_the_contract(openngc):
    check_archive(openngc.archive)


def test_an_aborted_job_keeps_the_contract(openngc, query):
    adql = query["query.files-adql"]
    parameters = adql.Parameters.model_validate({"query": "SELECT * FROM openngc"})
    check_abort(adql, parameters, openngc.job())


def test_a_misspelt_setting_sets_the_plugin_aside(tmp_path):
    registry = PluginRegistry()
    candidates = [one for one in installed() if one.name == "files"]

    registry.load(candidates, settings={"files": {"foldr": "/x"}}, data_dir=tmp_path, probing=False)

    assert "foldr" in registry.plugins[0].reason


def test_on_first_start_there_is_openngc_with_its_licence(openngc):
    archive = openngc.archive

    assert archive.license == "CC-BY-SA-4.0"
    assert archive.license_url.startswith("https://creativecommons.org/licenses/by-sa/4.0")
    assert "Mattia Verga" in archive.citation
    assert archive.documentation_url == "https://github.com/mattiaverga/OpenNGC"
    assert "OpenNGC" in archive.description


def test_openngc_is_whole_and_where_it_should_be(openngc):
    count, galaxies = openngc.adql("SELECT COUNT(*), COUNT(DISTINCT name) FROM openngc").values[0]
    assert count == galaxies == 14_033

    row = openngc.adql(
        "SELECT name, ra, dec, messier, common_names, type_name, v_mag, constellation, hubble_type "
        "FROM openngc WHERE name = 'NGC0224'"
    ).values[0]
    andromeda = SkyCoord("00h42m44.35s +41d16m08.6s")
    assert SkyCoord(row[1], row[2], unit="deg").separation(andromeda).arcsec < 1
    assert row[3:6] == ("M31", "Andromeda Galaxy", "Galaxy")
    assert (round(row[6], 2), row[7], row[8]) == (3.44, "And", "Sb")


def test_all_of_messier_is_there(openngc):
    rows = openngc.adql("SELECT DISTINCT messier FROM openngc WHERE messier IS NOT NULL")

    assert {row[0] for row in rows.values} == {f"M{n}" for n in range(1, 111) if n != 102}


def test_every_column_of_openngc_is_described(openngc):
    openngc.adql("SELECT TOP 1 name FROM openngc")
    table = ResultTable.from_parquet(openngc.folder / demo.FILE_NAME)

    assert all(column.description and column.ucd for column in table.columns)
    assert {column.name: column.unit for column in table.columns}["major_axis"] == "arcmin"


def test_a_folder_with_tables_gets_no_demo(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "t.csv").write_text("a\n1\n")

    archive = build_archive(FilesSettings(folder=folder), tmp_path / "data")

    assert [one.name for one in folder.iterdir()] == ["t.csv"]
    assert (archive.license, archive.citation) == ("", "")
    assert all("openngc" not in str(one.examples) for one in archive.queries)


def test_the_demo_can_be_left_out(files):
    assert files.archive.id == "files"
    assert list(files.folder.iterdir()) == []


def test_the_demo_is_written_once(openngc):
    before = (openngc.folder / demo.FILE_NAME).stat().st_mtime_ns if openngc.archive else 0

    assert openngc.archive.license
    assert (openngc.folder / demo.FILE_NAME).stat().st_mtime_ns == before


def test_the_demo_is_a_file_that_others_can_read(openngc):
    assert openngc.archive
    metadata = pq.read_schema(openngc.folder / demo.FILE_NAME).metadata
    header = metadata[b"IVOA.VOTable-Parquet.content"].decode()

    assert metadata[b"IVOA.VOTable-Parquet.version"] == b"1.0"
    assert f"pyongc {importlib.metadata.version('pyongc')}" in header


@pytest.mark.slow
def test_every_example_can_be_sent_and_finds_something(openngc):
    for query in openngc.archive.queries:
        check_model(query.Parameters)
        for example in query.examples:
            parameters = read_form(query.Parameters, list(example.parameters.items()))
            rows = openngc.ask(query.id, parameters.model_dump())
            assert rows.values, example.title
            assert query.text(parameters)
            assert query.job_title(parameters)


def test_the_neighbours_of_andromeda_are_found(openngc):
    rows = openngc.cone("openngc", "00:42:44.3 +41:16:08", 1)
    messier = rows.table["messier"].to_pylist()

    assert messier[0] == "M31"
    assert {"M32", "M110"} <= set(messier)


def test_the_form_offers_the_tables_with_their_licence(openngc, query):
    openngc.adql("SELECT TOP 1 name FROM openngc")
    (choice,) = query["query.files-cone"].choices("table")

    assert (choice.value, choice.title) == ("openngc", "openngc.parquet")
    assert choice.description.startswith("14,033 rows, 32 columns.")
    assert "CC-BY-SA-4.0" in choice.description
    assert query["query.files-cone"].choices("position") == ()


def test_the_form_knows_unit_and_bounds(query):
    fields = {one.name: one for one in form_fields(query["query.files-cone"].Parameters)}

    assert (fields["sr"].unit, fields["sr"].minimum, fields["sr"].maximum) == ("deg", 0, 180)
    assert fields["table"].kind == "select"
    assert {one.kind for one in form_fields(query["query.files-adql"].Parameters)} >= {"textarea"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("sr", "-1"), ("sr", "inf"), ("sr", "nan"), ("sr", "181"), ("position", "?")],
)
def test_impossible_cones_are_refused_at_the_form(query, name, value):
    given = {"table": "openngc", "position": "1 2", "sr": "1"} | {name: value}

    with pytest.raises(InvalidParametersError):
        read_form(query["query.files-cone"].Parameters, list(given.items()))


def test_rows_go_into_the_basket_with_name_and_place(openngc, query):
    rows = openngc.cone("openngc", "187.7059 12.3911", 0.2)
    mappings = rows.table.to_pylist()

    items = query["query.files-cone"].to_items(rows.columns, mappings)

    assert items[0].title == "NGC4486"
    assert (round(items[0].s_ra, 3), round(items[0].s_dec, 3)) == (187.706, 12.391)
    assert items[0].publisher_did == "files:NGC4486@187.70592+12.39111"
    assert len({one.publisher_did for one in items}) == len(items)


def test_the_identifier_of_an_object_does_not_depend_on_the_query(openngc, query):
    adql = query["query.files-adql"]
    asked = [
        openngc.adql("SELECT name, ra, dec FROM openngc WHERE messier = 'M87'"),
        openngc.adql("SELECT dec, v_mag, ra, name FROM openngc WHERE messier = 'M87'"),
    ]

    items = [adql.to_items(rows.columns, rows.table.to_pylist())[0] for rows in asked]

    assert items[0].publisher_did == items[1].publisher_did


def test_a_row_without_a_place_has_no_identifier(query):
    (item,) = query["query.files-adql"].to_items((), [{"n": 5}])

    assert item.publisher_did is None
