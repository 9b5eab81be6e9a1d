"""The engine keeps its doors closed even to SQL that never should get there."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from portal.plugins import Column
from portal_files.engine import Limits
from portal_files.engine import open_engine
from portal_files.table import LocalTable
from portal_files.table import TableText

pytestmark = pytest.mark.slow  # through engines and pages, not of one unit

LIMITS = Limits(memory_megabytes=64, spill_megabytes=1, threads=1)


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.parquet"
    pq.write_table(pa.table({"word": ["hush"]}), path)
    return path


@pytest.fixture
def engine(tmp_path, secret):
    """Open an engine on one table, in a folder whose name DuckDB takes for a pattern."""
    folder = tmp_path / "we[i]rd * 'dir'"
    folder.mkdir()
    path = folder / "t-1.parquet"
    pq.write_table(pa.table({"n": [1, 2], "hidden": [3, 4]}), path)
    text = TableText(columns=(Column(name="n", datatype="long"),))
    table = LocalTable(name="t", parquet=path, text=text, row_count=2)
    described = {"tap_schema": {"tables": pa.table({"table_name": ["files.t"]})}}
    spill = tmp_path / "spill"
    with open_engine({"files": [table]}, described, spill=spill, limits=LIMITS) as connection:
        yield connection


def test_the_tables_can_be_read(engine):
    assert engine.sql("SELECT * FROM files.t").fetchall() == [(1,), (2,)]
    assert engine.sql("SELECT * FROM tap_schema.tables").fetchall() == [("files.t",)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM '{secret}'",
        "SELECT * FROM read_parquet('{secret}')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/*')",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "COPY files.t TO '{folder}/out.parquet'",
        "ATTACH '{folder}/new.db'",
        "EXPORT DATABASE '{folder}/dump'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads = 8",
        "SET memory_limit = '64GB'",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "RESET threads",
        "CREATE TABLE files.u AS SELECT 1",
        "INSERT INTO tap_schema.tables VALUES ('x')",
        "DROP VIEW files.t",
        "SELECT hidden FROM files.t",
        "SELECT getenv('HOME')",
    ],
)
def test_nothing_else_can_be_reached_or_changed(engine, secret, sql):
    with pytest.raises(duckdb.Error):
        engine.execute(sql.format(secret=secret, folder=secret.parent))


def test_variables_of_the_program_are_no_tables(engine):
    outsider = pa.table({"a": [1]})

    with pytest.raises(duckdb.CatalogException):
        engine.sql("SELECT * FROM outsider")
    assert outsider.num_rows == 1


def test_nothing_is_written_outside_the_spill_folder(engine, tmp_path):
    engine.sql("SELECT COUNT(*) FROM files.t").fetchall()

    names = {one.name for one in tmp_path.iterdir()}
    assert names <= {"secret.parquet", "spill", "we[i]rd * 'dir'"}
    assert not Path(".tmp").exists()
