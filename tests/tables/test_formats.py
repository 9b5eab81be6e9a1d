"""What the files of each format look like from outside."""

import csv
import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from astropy.io.votable import parse
from astropy.table import Table

from portal.problems import UsageError
from portal.tables import arrow_schema
from portal.tables import Column
from portal.tables import FORMATS
from portal.tables import ResultTable
from portal.tables.writers.header import header_document
from tests.tables.documents import end_of
from tests.tables.documents import read

COLUMNS = (
    Column(name="ra", datatype="double", unit="deg", ucd="pos.eq.ra", description='"a" <b> & c'),
    Column(name="n", datatype="int", unit="km.s**-1", utype="x:y", xtype="t"),
    Column(name="name", datatype="char", arraysize="*"),
    Column(name="shape", datatype="float", arraysize="2x2"),
)
ROWS = [(1.5, 1, "M 31", [1, 2, 3, 4]), (None, None, None, None)]


def batches_of(columns, rows):
    return [
        item for item in ResultTable.from_rows(columns, rows).batches if hasattr(item, "schema")
    ]


def written(name, columns=COLUMNS, rows=ROWS, **options):
    batches = batches_of(columns, rows)
    return b"".join(FORMATS[name].write(columns, lambda: iter(batches), **options))


def text_column(*cells):
    return (Column(name="s", datatype="char", arraysize="*"),), [(cell,) for cell in cells]


def test_every_format_has_its_own_extension():
    assert len({one.extension for one in FORMATS.values()}) == len(FORMATS)
    assert {"votable", "fits", "csv", "ecsv", "parquet"} < set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_table_without_rows_is_a_whole_file(name):
    assert written(name, rows=[])


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_a_file_comes_in_pieces_far_smaller_than_itself(name):
    columns, rows = text_column(*("x" * 1_000_000 for _ in range(4)))
    (batch,) = batches_of(columns, rows)
    sizes = [len(piece) for piece in FORMATS[name].write(columns, lambda: [batch] * 30)]
    assert max(sizes) < sum(sizes) / 2


@pytest.mark.parametrize("name", ["votable", "votable-tabledata"])
def test_astropy_finds_no_fault_in_a_votable(name):
    document = parse(io.BytesIO(written(name, overflow=True)), verify="exception")
    table = document.get_first_table()
    assert [field.name for field in table.fields] == ["ra", "n", "name", "shape"]
    assert [str(field.unit) for field in table.fields[:2]] == ["deg", "km / s"]
    assert table.fields[0].ucd == "pos.eq.ra"
    assert table.fields[0].description == '"a" <b> & c'
    assert table.fields[3].arraysize == "2x2"


@pytest.mark.parametrize("name", ["votable", "votable-tabledata"])
def test_a_cut_table_says_so_after_its_rows(name):
    assert end_of(read(written(name, overflow=True))).overflow
    assert not end_of(read(written(name))).overflow


def test_ascii_text_is_char_and_other_text_unicode():
    assert b'datatype="char" arraysize="*"' in written("votable", *text_column("abc"))
    assert b'datatype="unicodeChar" arraysize="*"' in written("votable", *text_column("abc", "é"))


def test_text_that_xml_forbids_is_replaced():
    columns, rows = text_column("a\0b\x1fc", "\ufffe", "line\r\nend", "<&>]]>")
    document = written("votable-tabledata", columns, rows)
    array = parse(io.BytesIO(document)).get_first_table().array
    assert list(array["s"]) == ["a\ufffdb\ufffdc", "\ufffd", "line\r\nend", "<&>]]>"]


def test_names_that_xml_forbids_are_replaced():
    column = Column(name='a"<\x01>', datatype="int", description="\x02")
    document = written("votable", [column], [(1,)])
    assert parse(io.BytesIO(document)).get_first_table().fields[0].name == 'a"<\ufffd>'


def test_integers_that_are_null_inside_arrays_get_a_value_of_their_own():
    column = Column(name="a", datatype="unsignedByte", arraysize="*")
    cells = [[0, None, 255], list(range(256))]
    document = written("votable", [column], [(cell,) for cell in cells])
    assert b'datatype="short"' in document
    *batches, _ = read(document).batches
    assert batches[0].column(0).to_pylist() == cells


def test_arrays_that_disobey_their_size_are_of_any_size():
    column = Column(name="a", datatype="int", arraysize="3")
    rows = [([1, 2, 3],), ([4],)]
    assert b'arraysize="*"' in written("votable", [column], rows)
    data = Table.read(io.BytesIO(written("fits", [column], rows)), format="fits")
    assert [list(cell) for cell in data["a"]] == [[1, 2, 3], [4]]
    assert b"int32[null]" in written("ecsv", [column], rows)


FORMULAS = ["=HYPERLINK(1)", "+1", "-1", "@x", "\tx", "\rx"]


def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe():
    columns, rows = text_column(*FORMULAS, "a=1", "'", "")
    lines = list(csv.reader(io.StringIO(written("csv", columns, rows).decode(), newline="")))
    assert [line[0] for line in lines[1:]] == [f"'{text}" for text in FORMULAS] + ["a=1", "'", ""]


def test_a_name_that_a_spreadsheet_would_run_gets_an_apostrophe():
    column = Column(name="=cmd", datatype="double")
    assert written("csv", [column], [(-1.5,)]) == b'"\'=cmd"\r\n-1.5\r\n'


def test_csv_is_quoted_as_rfc_4180_says():
    columns, rows = text_column('say "x", y', "two\nlines", None, "")
    assert written("csv", columns, rows) == (
        b'"s"\r\n"say ""x"", y"\r\n"two\nlines"\r\n""\r\n""\r\n'
    )


def test_csv_writes_arrays_as_json():
    line = written("csv").decode().splitlines()[1]
    assert json.loads(next(csv.reader([line]))[3]) == [[1, 2], [3, 4]]


def test_ecsv_has_units_and_descriptions():
    table = Table.read(written("ecsv", overflow=True).decode().splitlines(), format="ascii.ecsv")
    assert str(table["ra"].unit) == "deg"
    assert table["ra"].description == '"a" <b> & c'
    assert table["ra"].meta["ucd"] == "pos.eq.ra"
    assert table["n"].dtype == np.int32
    assert table.meta["overflow"] is True


def test_fits_describes_its_columns():
    with fits.open(io.BytesIO(written("fits", overflow=True))) as file:
        file.verify("exception")
        header = file[1].header
    assert header["TTYPE1"] == "ra"
    assert header["TUNIT1"] == "deg"
    assert header["TUCD1"] == "pos.eq.ra"
    assert header["TCOMM1"] == '"a" <b> & c'
    assert header["TNULL2"] == -(2**31)
    assert header["TDIM4"] == "(2,2)"
    assert header["OVERFLOW"] is True


def test_fits_keeps_text_that_is_not_ascii():
    columns, rows = text_column("Ångström", "日本")
    table = Table.read(io.BytesIO(written("fits", columns, rows)), format="fits")
    assert [str(cell) for cell in table["s"]] == ["Ångström", "日本"]


def test_fits_headers_are_ascii():
    column = Column(name="Größe", datatype="double", unit="Å", description="x\n" * 100)
    with fits.open(io.BytesIO(written("fits", [column], [(1.0,)]))) as file:
        file.verify("exception")
        assert file[1].header["TTYPE1"] == "Gro??e"


def test_fits_refuses_more_columns_than_it_can_number():
    columns = [Column(name=f"c{i}", datatype="int") for i in range(1000)]
    with pytest.raises(UsageError, match="999 columns"):
        written("fits", columns, [])


def parquet_file(rows_of_table):
    columns = (
        Column(name="x", datatype="double"),
        Column(name="few", datatype="char", arraysize="*"),
        Column(name="many", datatype="char", arraysize="*"),
    )
    return pq.ParquetFile(pa.BufferReader(written("parquet", columns, rows_of_table)))


def test_parquet_is_packed_well():
    file = parquet_file([(i / 7, f"type {i % 3}", f"object {i}") for i in range(1000)])
    x, few, many = (file.metadata.row_group(0).column(i) for i in range(3))
    assert {x.compression, few.compression, many.compression} == {"ZSTD"}
    assert "BYTE_STREAM_SPLIT" in x.encodings
    assert "RLE_DICTIONARY" in few.encodings
    assert "RLE_DICTIONARY" not in many.encodings


def test_parquet_carries_its_votable_header():
    file = pq.ParquetFile(pa.BufferReader(written("parquet", overflow=True)))
    metadata = file.schema_arrow.metadata
    assert metadata[b"IVOA.VOTable-Parquet.version"] == b"1.0"
    content = metadata[b"IVOA.VOTable-Parquet.content"]
    assert content == header_document(COLUMNS, overflow=True).encode()
    assert read(content).columns == COLUMNS


def test_batches_of_other_chunks_make_the_same_file():
    whole = pa.Table.from_batches(batches_of(COLUMNS, ROWS * 10), arrow_schema(COLUMNS))
    for name in ("votable-tabledata", "csv", "ecsv", "fits"):
        files = {
            b"".join(FORMATS[name].write(COLUMNS, lambda size=size: whole.to_batches(size)))
            for size in (1, 7, 100)
        }
        assert len(files) == 1
