"""`rows.arrow`: batches of rows on disk, readable by page while more arrive.

The file is Arrow IPC, uncompressed. Without its first eight bytes it is an IPC stream, which
can be read up to where it has grown; its end makes it an IPC file, read in any order.
"""

import time
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from portal.results.mapped import MappedFile
from portal.results.meta import columns_from_json
from portal.results.meta import columns_to_json
from portal.tables import arrow_schema
from portal.tables import Column

ROWS_PER_BATCH = 65_536
BYTES_PER_BATCH = 8_000_000
SECONDS_BETWEEN_FLUSHES = 1.0
# At most a quarter of what can be seen is held back, should the archive stall.
HELD_SHARE = 4
MAGIC_BYTES = 8
COLUMNS_KEY = b"portal.columns"


class RowsWriter:
    """Writes `rows.arrow`, joining small batches into large ones.

    The first rows go to the disk at once, and from then on whatever waits does when it is
    large, or older than a second, or much against what is already there.
    """

    def __init__(
        self,
        path: Path,
        columns: Sequence[Column],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file = pa.OSFile(str(path), "wb")
        self._ipc = pa.ipc.new_file(self._file, _described_schema(columns))
        self._clock = clock
        self._flush_time = clock()
        self._held: list[pa.RecordBatch] = []
        self._held_rows = 0
        self._held_bytes = 0
        self.batch_rows: list[int] = []
        self.rows = 0

    @property
    def received(self) -> int:
        """How many rows were taken, on the disk or not."""
        return self.rows + self._held_rows

    @property
    def bytes(self) -> int:
        """How many bytes the file holds so far."""
        return int(self._file.tell())

    def add(self, batch: pa.RecordBatch) -> bool:
        """Take the rows of a batch; say whether any rows went to the disk."""
        flushed = False
        for piece in _pieces(batch):
            self._held.append(piece)
            self._held_rows += piece.num_rows
            self._held_bytes += piece.nbytes
            if self._is_due():
                self.flush()
                flushed = True
        return flushed

    def flush(self) -> None:
        """Write the rows that wait, as one batch."""
        if self._held_rows:
            self._ipc.write_batch(pa.concat_batches(self._held))
            self.batch_rows.append(self._held_rows)
            self.rows += self._held_rows
        self._held, self._held_rows, self._held_bytes = [], 0, 0
        self._flush_time = self._clock()

    def finish(self) -> None:
        """Write what waits and the end of the file."""
        self.flush()
        self._ipc.close()
        self._file.close()

    def _is_due(self) -> bool:
        return (
            self._held_rows * HELD_SHARE >= min(self.rows, ROWS_PER_BATCH * HELD_SHARE)
            or self._held_bytes >= BYTES_PER_BATCH
            or self._clock() - self._flush_time >= SECONDS_BETWEEN_FLUSHES
        )


def write_rows(path: Path, columns: Sequence[Column], batches: Iterable[pa.RecordBatch]) -> None:
    """Write a whole file with the batches as they come."""
    with (
        pa.OSFile(str(path), "wb") as file,
        pa.ipc.new_file(file, _described_schema(columns)) as ipc,
    ):
        for batch in batches:
            ipc.write_batch(batch)


def read_rows(path: Path) -> Iterator[pa.RecordBatch]:
    """Read a whole file batch by batch, holding one in memory."""
    with pa.OSFile(str(path), "rb") as file:
        reader = pa.ipc.open_file(file)
        for index in range(reader.num_record_batches):
            yield reader.get_batch(index)


def read_arriving_rows(file: MappedFile) -> tuple[tuple[Column, ...], list[pa.RecordBatch]]:
    """Return the columns and whole batches of a mapped file that may still grow.

    A file too short to name its columns raises FileNotFoundError: there is nothing yet.
    """
    try:
        stream = pa.ipc.open_stream(file.buffer.slice(MAGIC_BYTES))
    except (pa.ArrowInvalid, IndexError) as error:
        raise FileNotFoundError("no rows have arrived yet") from error
    columns = columns_from_json(stream.schema.metadata[COLUMNS_KEY])
    return columns, list(_whole_batches(stream))


def _described_schema(columns: Sequence[Column]) -> pa.Schema:
    described = {COLUMNS_KEY: columns_to_json(columns)}
    return arrow_schema(columns).with_metadata(described)


def _whole_batches(stream: pa.RecordBatchStreamReader) -> Iterator[pa.RecordBatch]:
    while True:
        try:
            yield stream.read_next_batch()
        except (StopIteration, pa.ArrowInvalid, OSError):
            return  # The end, or the last message is still being written.


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Cut a batch so that no piece is much larger than a batch on disk should be."""
    by_bytes = BYTES_PER_BATCH * batch.num_rows // max(batch.nbytes, 1)
    size = max(1, min(ROWS_PER_BATCH, by_bytes))
    for start in range(0, batch.num_rows, size):
        yield batch.slice(start, size)
