import gzip

import numpy as np
import pytest
from astropy.table import Table

from portal.plugins import UsageError
from portal_vo.positional import places
from portal_vo.positional.places import Place
from portal_vo.positional.places import read_places


@pytest.fixture
def read(tmp_path):
    def read(content, most=100):
        path = tmp_path / "file"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_places(path, most=most)

    return read


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ("M 31\nM 33\n", ["M 31", "M 33"]),
        ("# mine\n10.5 -3\n\n12:30:49 +12:23:28\n", ["10.5 -3", "12:30:49 +12:23:28"]),
        ("10.5,-3\n11.5,4\n", ["10.5,-3", "11.5,4"]),
        ("galactic 10 20", ["galactic 10 20"]),
        ("\ufeffM 31\r\nM 33\r\n", ["M 31", "M 33"]),
        ("ra,dec\n10,20\n30,-40\n", ["10 20", "30 -40"]),
        ("RA;DEC;mag\n10;20;5\n", ["10 20"]),
        ("ra\tdec\n00:42:44\t+41:16:08\n", ["00:42:44 +41:16:08"]),
        ("id,RAJ2000,DEJ2000\nx,10,20\n", ["10 20"]),
        ("name\nM 31\n\nM 33\n", ["M 31", "M 33"]),
        ("name,position\nmine,10 20\nM 31,\n", ["10 20", "M 31"]),
        ('"target",ra,dec\n"a, b",1,2\n', ["1 2"]),
        ("name,ra,dec\nM 31,,\n", ["M 31"]),
    ],
)
def test_positions_and_names_are_read_from_text_and_csv(read, content, texts):
    assert [place.text for place in read(content)] == texts


def test_a_place_knows_its_row_and_what_it_is_called(read):
    assert read("ra,dec,name\n1,2,here\n,,\n3,4,there\n") == [
        Place(1, "1 2", "here"),
        Place(3, "3 4", "there"),
    ]


@pytest.mark.parametrize("written", ["votable", "ascii.ecsv"])
def test_tables_with_units_and_ucds_are_read(read, tmp_path, written):
    table = Table({"a": [10.5, 20.0], "b": [-3.25, 4.0], "main_id": ["x", "y"]})
    table["a"].unit = table["b"].unit = "deg"
    table["a"].meta["ucd"], table["b"].meta["ucd"] = "pos.eq.ra;meta.main", "pos.eq.dec;meta.main"
    table.rename_columns(["a", "b"], ["ra", "dec"])
    table.write(tmp_path / "t", format=written)

    assert read((tmp_path / "t").read_bytes()) == [
        Place(1, "10.5 -3.25", "x"),
        Place(2, "20 4", "y"),
    ]


def test_other_units_become_degrees_or_are_refused(read, tmp_path):
    def table(unit):
        made = Table({"ra": [1.0], "dec": [0.5]})
        made["ra"].unit = made["dec"].unit = unit
        made.write(tmp_path / "t", format="ascii.ecsv", overwrite=True)
        return (tmp_path / "t").read_bytes()

    assert read(table("rad"))[0].text == "57.2957795131 28.6478897565"
    with pytest.raises(UsageError, match="is in arcsec, not in degrees"):
        read(table("arcsec"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no position and no name"),
        ("\n\n# only a comment\n", "no position and no name"),
        ("ra,dec\n", "no position and no name"),
        ("<VOTABLE><RESOURCE></RESOURCE></VOTABLE>", "cannot be read as a VOTable"),
        ("<html>", "cannot be read as a VOTable"),
        ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><VOTABLE/>', "VOTable"),
        ("# %ECSV 1.0\nnonsense", "cannot be read as ECSV"),
        (
            "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: x, datatype: int64}\nx\n1\n",
            "no columns of",
        ),
        ("\n".join("M 1" for _ in range(101)), "101 positions; 100 can be asked"),
    ],
)
def test_files_without_positions_say_what_is_wrong(read, content, words):
    with pytest.raises(UsageError, match=words):
        read(content)


def test_a_file_that_is_far_too_large_is_not_read(read, monkeypatch):
    monkeypatch.setattr(places, "MOST_BYTES", 10)
    with pytest.raises(UsageError, match="at most"):
        read("M 31\nM 33\nM 51\n")


def test_bytes_that_are_no_text_are_lines_all_the_same(read):
    assert len(read(b"M 31\n\xff\xfe\n")) == 2


def test_a_compressed_table_is_read_no_further_than_needed(read, tmp_path):
    table = Table({"ra": np.zeros(4_000), "dec": np.zeros(4_000)})
    table.write(tmp_path / "t.vot", format="votable", tabledata_format="binary2")
    packed = gzip.compress((tmp_path / "t.vot").read_bytes())

    assert len(packed) < 5_000
    with pytest.raises(UsageError, match="more rows than the 100"):
        read(packed)
