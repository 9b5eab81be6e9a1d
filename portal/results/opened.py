"""A result on disk, open for reading."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from portal.problems import UsageError
from portal.results import layout
from portal.results.files import read_file
from portal.results.files import replacing
from portal.results.mapped import disk_waits
from portal.results.mapped import MappedFile
from portal.results.meta import ColumnStatistics
from portal.results.meta import ResultMeta
from portal.results.meta import StoredResult
from portal.results.parquet import read_parquet
from portal.results.rows import read_arriving_rows
from portal.results.rows import write_rows
from portal.tables import Column


class OpenResult:
    """Columns and rows of a result; values come from the disk when they are used.

    `stored` is None, and `statistics` is empty, while the rows are still arriving: then it
    shows those that were there when it was opened. `first_rows` holds the first row of every
    batch, and at its end the number of rows. Safe to share by threads.
    """

    def __init__(
        self,
        folder: Path,
        columns: tuple[Column, ...],
        batch_rows: Sequence[int],
        read_batch: Callable[[int], pa.RecordBatch],
        *,
        prefetch: Callable[[Sequence[pa.Array]], None] = lambda _arrays: None,
        stored: StoredResult | None = None,
        statistics: tuple[ColumnStatistics, ...] = (),
    ) -> None:
        self.folder = folder
        self.columns = columns
        self.stored = stored
        self.statistics = statistics
        self.prefetch = prefetch
        self.first_rows = np.concatenate(([0], np.cumsum(batch_rows, dtype=np.int64)))
        self._read_batch = read_batch
        self._batches: dict[int, pa.RecordBatch] = {}
        self._arrays: dict[str, NDArray[Any]] = {}

    @property
    def rows(self) -> int:
        """How many rows there are, or have arrived."""
        return int(self.first_rows[-1])

    @property
    def parquet(self) -> Path:
        """The Parquet file of a whole result."""
        return self.folder / layout.PARQUET

    def column_index(self, name: str) -> int:
        """Return the position of a column; UsageError when there is none of that name."""
        for index, column in enumerate(self.columns):
            if column.name == name:
                return index
        raise UsageError(f"This result has no column {name!r}.")

    def present(self, index: int) -> int:
        """Return how many rows of a whole result have a value in a column: not null, not NaN."""
        return self.rows - self.statistics[index].missing

    def sample(self, index: int) -> NDArray[Any]:
        """Return some values of a column in ascending order; none when the result is small."""
        sample = self.find_array(layout.sample_file(index))
        return np.empty(0) if sample is None else sample

    def find_array(self, file_name: str) -> NDArray[Any] | None:
        """Return an array that was saved beside the rows, mapped, or None as long as it is not."""
        if file_name not in self._arrays:
            try:
                array: NDArray[Any] = np.load(self.folder / file_name, mmap_mode="r")
            except FileNotFoundError:
                return None
            self._arrays[file_name] = array.view(np.ndarray)
        return self._arrays[file_name]

    def batch(self, index: int) -> pa.RecordBatch:
        """Return a batch, mapped and not read."""
        if index not in self._batches:
            self._batches[index] = self._read_batch(index)
        return self._batches[index]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Go through all rows, batch by batch."""
        for index in range(len(self.first_rows) - 1):
            batch = self.batch(index)
            self.prefetch(batch.columns)
            yield batch

    def column(self, index: int) -> Iterator[tuple[int, pa.Array]]:
        """Go through one column: the values of every batch, and the row of the first of them."""
        arrays = [self.batch(place).column(index) for place in range(len(self.first_rows) - 1)]
        waits = disk_waits()
        for place, array in enumerate(arrays):
            yield int(self.first_rows[place]), array
            if place == 0 and disk_waits() > waits:  # the file is cold
                self.prefetch(arrays[1:])

    def header(self) -> str | None:
        """Return the VOTable document that the table came in, without its data, if it did."""
        try:
            return read_file(self.folder / layout.HEADER)
        except FileNotFoundError:
            return None


def open_result(folder: Path) -> OpenResult:
    """Open the result in a folder; FileNotFoundError when no rows can be seen there.

    A whole result whose `rows.arrow` was dropped gets it back from its Parquet file first.
    """
    try:
        meta = ResultMeta.from_json(read_file(folder / layout.META))
    except FileNotFoundError:
        return _open_arriving(folder)
    try:
        file = MappedFile(folder / layout.ROWS)
    except FileNotFoundError:
        _rebuild_rows(folder, meta)
        file = MappedFile(folder / layout.ROWS)
    return OpenResult(
        folder,
        meta.stored.columns,
        meta.batch_rows,
        pa.ipc.open_file(file.buffer).get_batch,
        prefetch=file.prefetch,
        stored=meta.stored,
        statistics=meta.statistics,
    )


def _open_arriving(folder: Path) -> OpenResult:
    columns, batches = read_arriving_rows(MappedFile(folder / layout.ROWS))
    return OpenResult(folder, columns, [len(batch) for batch in batches], batches.__getitem__)


def _rebuild_rows(folder: Path, meta: ResultMeta) -> None:
    batches = read_parquet(folder / layout.PARQUET, meta.batch_rows)
    with replacing(folder / layout.ROWS) as temporary:
        write_rows(temporary, meta.stored.columns, batches)
