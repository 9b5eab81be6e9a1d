"""What files are called in ADQL, and which are tables at all."""

import pytest

from portal.plugins import quote_identifier
from portal_files.folder import adql_name
from portal_files.folder import find_sources


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("OpenNGC.parquet", "openngc"),
        ("my table (v2).csv", "my_table_v2"),
        ("a.b.c.fits.gz", "a_b_c"),
        ("2mass.vot", "t_2mass"),
        ("select.csv", "t_select"),
        ("size.csv", "t_size"),
        ("größe.csv", "gr_e"),
        ("表.csv", "t"),
        ("-.csv", "t"),
    ],
)
def test_a_file_name_becomes_a_regular_identifier(tmp_path, name, expected):
    assert adql_name(tmp_path / name, ()) == expected
    assert quote_identifier(expected) == expected


def test_files_that_differ_by_their_ending_only_are_told_apart(tmp_path):
    for name in ("a.csv", "a.fits", "A.vot", "a.csv.gz"):
        (tmp_path / name).touch()

    assert {one.path.name: one.name for one in find_sources(tmp_path)} == {
        "A.vot": "a",
        "a.csv": "a_csv",
        "a.csv.gz": "a_csv_2",
        "a.fits": "a_fits",
    }


def test_what_is_no_table_is_left_out(tmp_path):
    for name in ("notes.txt", ".hidden.csv", "README", "a.csv.swp"):
        (tmp_path / name).touch()
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere")

    assert find_sources(tmp_path) == ()


def test_a_folder_that_is_not_there_has_no_tables(tmp_path):
    assert find_sources(tmp_path / "none") == ()
