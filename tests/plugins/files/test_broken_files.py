"""A broken file shows its reason and harms nothing else."""

import os
from contextlib import suppress

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.table import Table
from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st

from portal.plugins import TableEnd
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal_files.conversion import Conversions
from portal_files.folder import find_sources
from portal_files.problems import READER_ERRORS
from portal_files.problems import UnreadableFileError
from portal_files.readers import open_file

STREAM = """<VOTABLE version="1.4"><RESOURCE><TABLE><FIELD name="a" datatype="char" arraysize="9"/>
<DATA><BINARY><STREAM href="{href}"/></BINARY></DATA></TABLE></RESOURCE></VOTABLE>"""
LAUGHS = """<!DOCTYPE v [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;">]>
<VOTABLE><RESOURCE><TABLE><DESCRIPTION>&b;</DESCRIPTION></TABLE></RESOURCE></VOTABLE>"""


def reason(files, name):
    with pytest.raises(UsageError) as caught:
        files.adql(f"SELECT * FROM files.{name}")
    return str(caught.value)


BROKEN = [
    ("x.vot", b"", "its file is empty"),
    ("x.vot", b"<html><body>not found</body></html>", "the file is no VOTable"),
    ("x.vot", b"<VOTABLE><RESOURCE><TABLE>", "the file ended in the middle"),
    ("x.vot", b"<VOTABLE></VOTABLE>", "the file holds no table"),
    ("x.vot", LAUGHS.encode(), "the file declares a DOCTYPE"),
    ("x.vot", STREAM.format(href="file:///etc/passwd").encode(), "names data elsewhere"),
    ("x.vot", STREAM.format(href="http://127.0.0.1:1/").encode(), "names data elsewhere"),
    ("x.fits", b"", ""),
    ("x.fits", b"SIMPLE  = T", ""),
    ("x.csv", b"", "its file is empty"),
    ("x.csv", b"# only\n# comments\n", "no line with the names"),
    ("x.csv", b"a,b\n1,2\n1,2,3\n", "Expected 2 columns, got 3"),
    ("x.csv", b"\x00\x01\x02\xff\xfe", ""),
    ("x.ecsv", b"a,b\n1,2\n", ""),
    ("x.ecsv", b"# %ECSV 1.0\n# ---\n# datatype: [oops\na\n1\n", ""),
    ("x.parquet", b"", ""),
    ("x.parquet", b"PAR1PAR1", ""),
    ("x.fits.gz", b"no gzip", ""),
]


@pytest.mark.parametrize(("name", "content", "words"), BROKEN)
def test_a_broken_file_is_listed_with_its_reason(files, name, content, words):
    (files.folder / name).write_bytes(content)

    said = reason(files, "x")

    assert said.startswith("The table x cannot be used: ")
    assert words in said
    assert str(files.folder) not in said
    broken = next(one for one in files.archive.queries[0].choices("table") if one.value == "x")
    assert broken.description.startswith("Cannot be used: ")


def test_tables_beside_broken_files_can_be_queried(files):
    for number, (name, content, _) in enumerate(BROKEN):
        (files.folder / f"{number}{name}").write_bytes(content)
    (files.folder / "good.csv").write_text("a\n1\n")

    assert files.adql("SELECT a FROM files.good").values == [(1,)]
    described = files.adql("SELECT table_name FROM tap_schema.tables WHERE schema_name = 'files'")
    assert described.values == [("files.good",)]


def test_a_fits_image_is_no_table(files):
    from astropy.io import fits

    fits.PrimaryHDU(np.zeros((4, 4))).writeto(files.folder / "image.fits")

    assert "no table in the file" in reason(files, "image")


def test_a_table_without_columns_cannot_be_used(files):
    pq.write_table(pa.table({}), files.folder / "void.parquet")

    assert "no columns" in reason(files, "void")


def test_a_file_above_the_limit_is_not_read(make_files):
    files = make_files(max_file_megabytes=1)
    (files.folder / "big.csv").write_text("a\n" + "1\n" * 600_000)

    assert "larger than the limit of 1 MB" in reason(files, "big")


def test_a_file_that_was_mended_is_read_again(files):
    path = files.folder / "x.csv"
    path.write_text("")
    assert "its file is empty" in reason(files, "x")

    path.write_text("a\n5\n")

    assert files.adql("SELECT a FROM files.x").values == [(5,)]


def test_a_file_that_changes_while_it_is_read_is_kept_for_later(files, monkeypatch):
    path = files.folder / "x.csv"
    path.write_text("a\n1\n")
    source = find_sources(files.folder)[0]
    conversions = Conversions(files.data_dir / "converted", max_bytes=10**9)

    os.utime(path, ns=(1, 1))

    with pytest.raises(TransientError, match="being changed"):
        conversions.get(source)
    assert conversions.reason(source) is None


WHOLE = {}


def whole_files(folder):
    """Return one good file of each kind, as bytes."""
    if not WHOLE:
        table = Table({"ra": [1.0, 2.0], "name": ["a", "b"], "v": [[1, 2], [3, 4]]})
        table.write(folder / "a.vot", format="votable")
        table.write(folder / "a.fits")
        table.write(folder / "a.ecsv", format="ascii.ecsv")
        table["ra", "name"].write(folder / "a.csv", format="ascii.csv")
        pq.write_table(pa.table({"ra": [1.0, 2.0], "name": ["a", "b"]}), folder / "a.parquet")
        WHOLE.update({path.name: path.read_bytes() for path in folder.iterdir()})
    return WHOLE


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    name=st.sampled_from(["a.vot", "a.fits", "a.ecsv", "a.csv", "a.parquet"]),
    start=st.floats(0, 1),
    removed=st.integers(0, 400),
    added=st.binary(max_size=20),
)
@pytest.mark.filterwarnings("ignore")
def test_damage_anywhere_is_a_table_or_a_known_kind_of_error(
    tmp_path_factory, name, start, removed, added
):
    folder = tmp_path_factory.getbasetemp() / "whole"
    folder.mkdir(exist_ok=True)
    good = whole_files(folder)[name]
    place = int(start * len(good))
    damaged = folder.parent / f"damaged-{name}"
    damaged.write_bytes(good[:place] + added + good[place + removed :])

    with suppress(UnreadableFileError, *READER_ERRORS), open_file(damaged) as reading:
        *_, end = reading.table.batches
        assert isinstance(end, TableEnd)
