"""Every kind of file becomes a table with what the file says about it."""

import gzip
import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.io.votable import from_table
from astropy.io.votable import writeto
from astropy.table import MaskedColumn
from astropy.table import QTable
from astropy.table import Table
from astropy.time import Time

from portal.plugins import arrow_schema
from portal.plugins import Column
from portal_files.readers import kind_of
from portal_files.readers import open_file

VOTABLE = """<?xml version="1.0"?>
<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">
<RESOURCE><INFO name="rights" value="CC0"/><INFO name="noise" value="x"/>
<TABLE name="stars"><DESCRIPTION>Two stars</DESCRIPTION>
<FIELD name="id" datatype="char" arraysize="*" ucd="meta.id;meta.main"/>
<FIELD name="ra" datatype="double" unit="deg" ucd="pos.eq.ra;meta.main" utype="x:ra">
  <DESCRIPTION>Right ascension</DESCRIPTION></FIELD>
<FIELD name="RA" datatype="float"/>
<FIELD name="n" datatype="short"><VALUES null="-1"/></FIELD>
<FIELD name="ok" datatype="boolean"/>
<FIELD name="pair" datatype="double" arraysize="2"/>
<FIELD name="list" datatype="int" arraysize="*"/>
<FIELD name="grid" datatype="int" arraysize="3x2"/>
<FIELD name="when" datatype="char" arraysize="*" xtype="timestamp"/>
<FIELD name="z" datatype="doubleComplex"/>
<DATA><TABLEDATA>
<TR><TD>a,b</TD><TD>1.5</TD><TD>NaN</TD><TD>-1</TD><TD>T</TD><TD>1 2</TD><TD>1 2 3</TD>
<TD>1 2 3 4 5 6</TD><TD>2020-01-01T00:00:00</TD><TD>1 2</TD></TR>
<TR><TD/><TD/><TD>2.5</TD><TD>7</TD><TD>F</TD><TD>3 4</TD><TD/>
<TD>7 8 9 10 11 12</TD><TD/><TD>3 4</TD></TR>
</TABLEDATA></DATA></TABLE>
<TABLE name="second"><FIELD name="other" datatype="int"/></TABLE></RESOURCE></VOTABLE>
"""


@dataclass(frozen=True)
class Content:
    columns: tuple[Column, ...]
    rows: pa.Table
    description: str
    infos: tuple[tuple[str, str], ...]


def read(path):
    """Read a file to its end."""
    with open_file(path) as reading:
        *batches, end = reading.table.batches
        rows = pa.Table.from_batches(batches, arrow_schema(reading.table.columns))
        return Content(
            columns=reading.table.columns,
            rows=rows,
            description=reading.description,
            infos=(*reading.origin, *end.infos),
        )


def column(content, name):
    return next(one for one in content.columns if one.name == name)


def values(content, name):
    return content.rows.column(name).to_pylist()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.vot", "VOTable"),
        ("a.XML", "VOTable"),
        ("a.fits.gz", "FITS"),
        ("a.b.csv", "CSV"),
        ("a.tsv", "CSV"),
        ("a.ecsv", "ECSV"),
        ("a.parquet", "Parquet"),
        ("a.txt", None),
        ("csv", None),
        (".gz", None),
    ],
)
def test_a_file_is_known_by_its_ending(tmp_path, name, kind):
    assert kind_of(tmp_path / name) == kind


@pytest.fixture(params=["plain", "gzip"])
def votable(tmp_path, request):
    if request.param == "plain":
        path = tmp_path / "stars.vot"
        path.write_text(VOTABLE)
    else:
        path = tmp_path / "stars.vot.gz"
        path.write_bytes(gzip.compress(VOTABLE.encode()))
    return read(path)


def test_a_votable_keeps_its_words(votable):
    assert votable.description == "Two stars"
    assert ("rights", "CC0") in votable.infos
    ra = column(votable, "ra")
    assert (ra.datatype, ra.unit, ra.ucd, ra.utype) == (
        "double",
        "deg",
        "pos.eq.ra;meta.main",
        "x:ra",
    )
    assert ra.description == "Right ascension"
    assert column(votable, "when").xtype == "timestamp"


def test_a_votable_keeps_its_values(votable):
    assert values(votable, "ra") == [1.5, None]
    assert values(votable, "n") == [None, 7]
    assert values(votable, "ok") == [True, False]
    assert values(votable, "id")[0] == "a,b"


def test_names_that_differ_by_case_only_are_told_apart(votable):
    assert values(votable, "RA_2") == [None, 2.5]


def test_arrays_of_a_votable_stay_arrays(votable):
    assert values(votable, "pair") == [[1.0, 2.0], [3.0, 4.0]]
    assert column(votable, "pair").arraysize == "2"
    assert values(votable, "list")[0] == [1, 2, 3]
    assert column(votable, "list").arraysize == "*"
    assert values(votable, "grid")[1] == [7, 8, 9, 10, 11, 12]
    assert column(votable, "grid").arraysize == "3x2"
    assert values(votable, "z") == [[1.0, 2.0], [3.0, 4.0]]


def masked_table():
    return Table(
        {
            "name": MaskedColumn(["a", "b "], mask=[False, False]),
            "RA": MaskedColumn([10.0, math.nan], unit="deg", description="where"),
            "i2": MaskedColumn(np.array([1, 2], dtype=np.int16), mask=[True, False]),
            "flux": np.array([[1.0, 2.0], [3.0, math.nan]], dtype=np.float32),
            "flag": [True, False],
            "u8": np.array([1, 2**40], dtype=np.uint64),
        }
    )


def test_a_fits_table_is_read_with_its_comments_and_ucds(tmp_path):
    path = tmp_path / "a.fits"
    unit = fits.table_to_hdu(masked_table())
    unit.header["TUCD2"] = "pos.eq.ra;meta.main"
    unit.header["TCOMM1"] = "how it is called"
    unit.header["EXTNAME"] = "SOURCES"
    fits.HDUList([fits.PrimaryHDU(np.zeros((3, 3))), fits.ImageHDU(np.zeros(3)), unit]).writeto(
        path
    )

    content = read(path)

    assert content.description == "SOURCES"
    assert column(content, "RA").ucd == "pos.eq.ra;meta.main"
    assert column(content, "RA").unit == "deg"
    assert column(content, "name").description == "how it is called"
    assert values(content, "name") == ["a", "b"]
    assert values(content, "RA") == [10.0, None]
    assert values(content, "i2") == [None, 2]
    assert values(content, "flag") == [True, False]
    assert values(content, "u8") == [1, 2**40]
    assert column(content, "flux").arraysize == "2"
    assert values(content, "flux")[0] == [1.0, 2.0]


def test_lists_of_different_lengths_in_fits_are_read(tmp_path):
    path = tmp_path / "a.fits"
    cells = np.array([np.array([1, 2, 3]), np.array([], dtype=int)], dtype=object)
    fits.BinTableHDU.from_columns([fits.Column("v", format="PJ()", array=cells)]).writeto(path)

    content = read(path)

    assert values(content, "v") == [[1, 2, 3], []]
    assert column(content, "v").arraysize == "*"


def test_an_ecsv_table_keeps_units_words_and_mixed_columns(tmp_path):
    path = tmp_path / "a.ecsv"
    table = QTable(
        {
            "size": [1.0, 2.0] * u.arcmin,
            "when": Time(["2020-01-01T00:00:00", "2021-01-01T12:00:00"]),
            "place": SkyCoord([10.0, 20.0], [1.0, 2.0], unit="deg"),
            "label": ["x", "y"],
        },
        meta={"description": "A few things", "rights": "CC-BY-4.0"},
    )
    table["label"].info.description = "what it is"
    table["label"].info.meta = {"ucd": "meta.id"}
    table.write(path, format="ascii.ecsv")

    content = read(path)

    assert content.description == "A few things"
    assert content.infos == (("rights", "CC-BY-4.0"),)
    assert column(content, "size").unit == "arcmin"
    assert (column(content, "label").ucd, column(content, "label").description) == (
        "meta.id",
        "what it is",
    )
    assert column(content, "when").xtype == "timestamp"
    assert values(content, "when")[1].startswith("2021-01-01T12:00:00")
    assert values(content, "place.ra") == [10.0, 20.0]


def write_csv(tmp_path, text, name="a.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return read(path)


def test_a_csv_table_has_numbers_where_there_are_numbers(tmp_path):
    content = write_csv(tmp_path, 'name,ra,n,ok\n"M 31, Andromeda",10.68,3,true\nM33,NaN,,false\n')

    assert [one.datatype for one in content.columns] == ["char", "double", "long", "boolean"]
    assert values(content, "name") == ["M 31, Andromeda", "M33"]
    assert values(content, "ra") == [10.68, None]
    assert values(content, "n") == [3, None]


def test_dates_of_a_csv_table_stay_as_they_are_written(tmp_path):
    content = write_csv(tmp_path, "d,t\n2020-01-02,2020-01-02 03:04\n2020-05-06,2020-05-06 07:08\n")

    assert values(content, "d") == ["2020-01-02", "2020-05-06"]
    assert values(content, "t") == ["2020-01-02 03:04", "2020-05-06 07:08"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_usual_separator_is_found(tmp_path, separator):
    content = write_csv(tmp_path, "# made by hand\n\na,b\n1,x\n".replace(",", separator))

    assert (values(content, "a"), values(content, "b")) == ([1], ["x"])


def test_repeated_and_missing_names_in_a_csv_table_become_names(tmp_path):
    content = write_csv(tmp_path, "a,A,,a\n1,2,3,4\n")

    assert content.rows.column_names == ["a", "A_2", "column", "a_3"]


def test_old_encodings_and_byte_order_marks_are_read(tmp_path):
    assert values(write_csv(tmp_path, "n\nCöte\n", encoding="latin-1"), "n") == ["Cöte"]
    assert values(write_csv(tmp_path, "n\nCöte\n", encoding="utf-8-sig"), "n") == ["Cöte"]


def test_an_empty_text_in_a_csv_table_is_no_value_and_other_words_are(tmp_path):
    content = write_csv(tmp_path, 'a,b\n"",1\nNone,2\n')

    assert values(content, "a") == [None, "None"]


@pytest.mark.parametrize("text", ["a,b", "a,b\n", "# c\na,b\r\n"])
def test_a_csv_table_without_rows_is_a_table(tmp_path, text):
    content = write_csv(tmp_path, text)

    assert content.rows.num_rows == 0
    assert content.rows.column_names == ["a", "b"]


def test_a_compressed_csv_table_is_read(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a\n1\n"))

    assert values(read(path), "a") == [1]


def test_every_type_of_a_parquet_file_becomes_one_of_ours(tmp_path):
    path = tmp_path / "a.parquet"
    table = pa.table(
        {
            "i": pa.array([1, None], pa.int8()),
            "u": pa.array([1, 2], pa.uint32()),
            "big": pa.array([1, 2**40], pa.uint64()),
            "f": pa.array([math.nan, 2.5], pa.float32()),
            "half": pa.array(np.array([1.5, 2.5], dtype=np.float16)),
            "dec": pa.array([1, 2], pa.decimal128(5, 2)),
            "text": pa.array(["x", "y"]).dictionary_encode(),
            "long": pa.array(["x", None], pa.large_string()),
            "when": pa.array([0, 1_500_000_000], pa.timestamp("ms", tz="Europe/Amsterdam")),
            "day": pa.array([0, 1], pa.date32()),
            "list": pa.array([[1, 2], None], pa.list_(pa.int16())),
            "three": pa.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], pa.list_(pa.float64(), 3)),
            "struct": pa.array([{"a": 1}, None]),
            "bytes": pa.array([b"ab", b"\xff"]),
            "nothing": pa.nulls(2),
        }
    )
    pq.write_table(table, path)

    content = read(path)

    assert {one.name: one.datatype for one in content.columns} == {
        "i": "short",
        "u": "long",
        "big": "long",
        "f": "float",
        "half": "float",
        "dec": "double",
        "text": "char",
        "long": "char",
        "when": "char",
        "day": "char",
        "list": "short",
        "three": "double",
        "struct": "char",
        "bytes": "char",
        "nothing": "char",
    }
    assert values(content, "f") == [None, 2.5]
    assert values(content, "text") == ["x", "y"]
    assert values(content, "when")[0].startswith("1970-01-01T00:00:00")
    assert values(content, "day") == ["1970-01-01", "1970-01-02"]
    assert values(content, "list") == [[1, 2], None]
    assert column(content, "three").arraysize == "3"
    assert values(content, "struct") == ['{"a": 1}', None]
    assert values(content, "nothing") == [None, None]


def test_a_votable_in_parquet_metadata_describes_the_columns(tmp_path):
    path = tmp_path / "a.parquet"
    header = VOTABLE.partition("<DATA>")[0] + "</TABLE></RESOURCE></VOTABLE>"
    metadata = {b"IVOA.VOTable-Parquet.content": header.encode()}
    pq.write_table(pa.table({"ra": [1.5], "extra": [1]}).replace_schema_metadata(metadata), path)

    content = read(path)

    assert content.description == "Two stars"
    assert ("rights", "CC0") in content.infos
    assert (column(content, "ra").unit, column(content, "ra").ucd) == ("deg", "pos.eq.ra;meta.main")
    assert column(content, "extra").ucd is None


def test_a_binary_votable_reads_like_its_text(tmp_path):
    path = tmp_path / "b.vot"
    document = from_table(masked_table()["RA", "i2", "flux"])
    document.set_all_tables_format("binary2")
    writeto(document, str(path))

    content = read(path)

    assert values(content, "RA") == [10.0, None]
    assert values(content, "i2") == [None, 2]
