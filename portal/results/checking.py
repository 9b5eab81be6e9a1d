"""Whether files from elsewhere are a result: everything that this process did not write itself."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter
from pydantic import ValidationError

from portal.problems import UsageError
from portal.results import layout
from portal.results.attaching import check_file
from portal.results.files import read_file
from portal.results.meta import ResultMeta
from portal.tables import arrow_schema

SAMPLE = re.compile(r"sample-([0-9]{1,5})\.npy")
META = TypeAdapter(ResultMeta)


class DamagedResultError(UsageError):
    """The files that were sent are not a result."""

    title = "These files are not a result"


def is_result_file(name: str) -> bool:
    """Say whether a result may have a file of that name."""
    known = (layout.ROWS, layout.PARQUET, layout.HEADER, layout.FILE, *layout.SEALS)
    return name in known or SAMPLE.fullmatch(name) is not None


def check_result(folder: Path, meta_text: str) -> None:
    """Raise DamagedResultError unless the files in a folder are what the meta text says.

    Every value of `rows.arrow` is looked at: pages map that file and would trust it.
    """
    with _damage_in_words():
        meta = META.validate_json(meta_text, strict=True)
        _check_files(folder, meta)
        _check_rows(folder / layout.ROWS, meta)
        with pq.ParquetFile(folder / layout.PARQUET) as parquet:
            _require(parquet.metadata.num_rows == meta.stored.rows, "rows.parquet has other rows")


def check_attached(folder: Path, meta_text: str) -> None:
    """Raise DamagedResultError unless the file in a folder is what its meta text says."""
    if fault := check_file(folder, meta_text):
        raise DamagedResultError(f"{fault[0].upper()}{fault[1:]}.")


@contextmanager
def _damage_in_words() -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        raise DamagedResultError(f"meta.json: {error.errors()[0]['msg']}") from error
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        raise DamagedResultError(f"a file cannot be read: {type(error).__name__}") from error


def _check_files(folder: Path, meta: ResultMeta) -> None:
    stored = meta.stored
    files = [path for path in folder.iterdir() if is_result_file(path.name)]
    data = [path for path in files if path.name != layout.META]
    _require(
        sum(path.stat().st_size for path in data) == stored.bytes, "files are missing, or are cut"
    )
    _require(len(meta.statistics) == len(stored.columns), "statistics of columns are missing")
    for path in data:
        if found := SAMPLE.fullmatch(path.name):
            _require(int(found[1]) < len(stored.columns), f"{path.name} is of no column")
            sample = np.load(path, mmap_mode="r", allow_pickle=False)
            _require(sample.ndim == 1, f"{path.name} is not one row of values")
        elif path.name == layout.HEADER:
            read_file(path)


def _check_rows(path: Path, meta: ResultMeta) -> None:
    with pa.memory_map(str(path)) as mapped:
        reader = pa.ipc.open_file(mapped)
        _require(
            reader.schema.equals(arrow_schema(meta.stored.columns)), "rows.arrow has other columns"
        )
        found = [_checked_rows(reader, index) for index in range(reader.num_record_batches)]
    _require(tuple(found) == meta.batch_rows, "rows.arrow has other batches")
    _require(sum(found) == meta.stored.rows, "the number of rows is another one")


def _checked_rows(reader: pa.ipc.RecordBatchFileReader, index: int) -> int:
    batch = reader.get_batch(index)
    batch.validate(full=True)
    return int(batch.num_rows)


def _require(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads like an assertion
    if not holds:
        raise DamagedResultError(f"{otherwise[0].upper()}{otherwise[1:]}.")
