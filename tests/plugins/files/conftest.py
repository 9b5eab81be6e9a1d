"""An archive on a folder of the test's own, asked by jobs that are in no database."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from portal.plugins import Archive
from portal.plugins import Column
from portal.plugins import ResultTable
from portal.plugins import TableEnd
from portal.plugins.testing import RunningJob
from portal_files.archive import build_archive
from portal_files.settings import FilesSettings

ROW_LIMIT = 100_000


@dataclass(frozen=True)
class Rows:
    """An answer that has arrived whole."""

    columns: tuple[Column, ...]
    table: pa.Table
    end: TableEnd

    @classmethod
    def of(cls, result: ResultTable) -> "Rows":
        *batches, end = result.batches
        assert isinstance(end, TableEnd)
        names = [column.name for column in result.columns]
        empty = {name: [] for name in names}
        table = pa.Table.from_batches(batches) if batches else pa.table(empty)
        assert table.column_names == names
        return cls(columns=result.columns, table=table, end=end)

    @property
    def values(self) -> list[tuple[object, ...]]:
        return [tuple(row.values()) for row in self.table.to_pylist()]

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


@dataclass
class Files:
    """The archive of one folder, asked as a worker asks it."""

    data_dir: Path
    settings: FilesSettings

    @property
    def folder(self) -> Path:
        return self.data_dir / "tables"

    @property
    def archive(self) -> Archive:
        return build_archive(self.settings, self.data_dir)

    def job(self, **more: object) -> RunningJob:
        folder = self.data_dir / "job"
        folder.mkdir(exist_ok=True)
        return RunningJob(data_dir=folder, **{"maxrec": ROW_LIMIT, **more})

    def adql(self, query: str, job: RunningJob | None = None) -> Rows:
        return self.ask("query.files-adql", {"query": query}, job)

    def cone(self, table: str, position: str, sr: float, job: RunningJob | None = None) -> Rows:
        parameters = {"table": table, "position": position, "sr": sr}
        return self.ask("query.files-cone", parameters, job)

    def ask(
        self, query_id: str, parameters: dict[str, object], job: RunningJob | None = None
    ) -> Rows:
        query = next(one for one in self.archive.queries if one.id == query_id)
        given = query.Parameters.model_validate(parameters)
        return Rows.of(query.run(given, (job or self.job()).context()))


@pytest.fixture
def make_files(tmp_path):
    """Return a function that makes an archive with these settings; without demo by default."""

    def make(**settings: object) -> Files:
        files = Files(tmp_path / "data", FilesSettings(**{"demo": False, **settings}))
        files.folder.mkdir(parents=True, exist_ok=True)
        return files

    return make


@pytest.fixture
def files(make_files):
    """Return the archive of an empty folder."""
    return make_files()


@pytest.fixture(scope="session")
def openngc_folder(tmp_path_factory):
    """Return a folder with OpenNGC, converted once for all tests that only read it."""
    return tmp_path_factory.mktemp("openngc")


@pytest.fixture
def openngc(openngc_folder):
    """Return the archive as it is on first start."""
    return Files(openngc_folder, FilesSettings())
