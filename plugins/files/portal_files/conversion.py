"""Each table as a Parquet file of our own, made once, when somebody first asks for it."""

import json
import re
import time
import warnings
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from portal.plugins import arrow_schema
from portal.plugins import Column
from portal.plugins import ResultTable
from portal.plugins import TableEnd
from portal.plugins import TransientError
from portal.plugins import unique_names
from portal.plugins import UsageError
from portal_files.atomic import locked
from portal_files.atomic import replacing
from portal_files.folder import Source
from portal_files.problems import READER_ERRORS
from portal_files.problems import UnreadableFileError
from portal_files.readers import open_file
from portal_files.table import LocalTable
from portal_files.table import Origin
from portal_files.table import ORIGIN_NAMES
from portal_files.table import TableText

TEXT_KEY = "portal.table"
ROWS_PER_GROUP = 122_880  # what DuckDB reads at a time
KEPT_SECONDS = 86_400  # a running query may still read what a file was before
CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
LONGEST_REASON = 300
MEGABYTE = 1_000_000


class Conversions:
    """The converted tables in one folder; any number of processes may share it."""

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        """Keep the folder, which need not be there yet, and the size of the largest file read."""
        self._folder = folder
        self._max_bytes = max_bytes

    def find(self, source: Source) -> LocalTable | None:
        """Return the table if it has been converted already."""
        path = self._folder / f"{source.key}.parquet"
        if not path.is_file():
            return None
        metadata = pq.read_metadata(path)
        text = TableText.from_json(metadata.metadata[TEXT_KEY.encode()])
        return LocalTable(name=source.name, parquet=path, text=text, row_count=metadata.num_rows)

    def reason(self, source: Source) -> str | None:
        """Return why a table cannot be used, if that was found out before."""
        path = self._folder / f"{source.key}.json"
        return str(json.loads(path.read_bytes())["reason"]) if path.is_file() else None

    def get(self, source: Source) -> LocalTable:
        """Return the table, converted now if need be.

        Raises UsageError with the reason when its file cannot be read, and TransientError
        when it is being written at this moment.
        """
        found = self.find(source)
        if found is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            with locked(self._folder / f"{source.key}.lock"):
                found = self.find(source) or self._convert(source)
        return found

    def _convert(self, source: Source) -> LocalTable:
        reason = self.reason(source)
        if reason is None:
            try:
                self._write(source)
            except UnreadableFileError as error:
                reason = str(error)
                self._write_reason(source, reason)
        converted = self.find(source)
        if converted is None:
            raise UsageError(f"The table {source.name} cannot be used: {reason}.")
        self._clean(source)
        return converted

    def _write(self, source: Source) -> None:
        """Convert a file; what a reader says about one that changes meanwhile means nothing."""
        if source.size == 0:
            raise UnreadableFileError("its file is empty")
        if source.size > self._max_bytes:
            limit = self._max_bytes // MEGABYTE
            raise UnreadableFileError(f"its file is larger than the limit of {limit:,} MB")
        with replacing(self._folder / f"{source.key}.parquet") as temporary:
            try:
                _pour(source.path, temporary)
            except READER_ERRORS as error:
                _check_unchanged(source)
                raise UnreadableFileError(_reason(error, source)) from error
            _check_unchanged(source)

    def _write_reason(self, source: Source, reason: str) -> None:
        with replacing(self._folder / f"{source.key}.json") as temporary:
            temporary.write_text(json.dumps({"reason": reason}), encoding="utf-8")

    def _clean(self, source: Source) -> None:
        """Remove what the table was before, once no query can be reading it any more."""
        oldest = time.time() - KEPT_SECONDS
        for path in self._folder.glob(f"{source.key.rpartition('-')[0]}-*"):
            if path.stem != source.key and path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)


def _pour(source: Path, target: Path) -> None:
    """Read one file and write the other, batch by batch."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # readers warn of what they have mended
        with open_file(source) as reading:
            columns = _columns(reading.table)
            schema = arrow_schema(columns)
            with pq.ParquetWriter(target, schema, compression="zstd", compression_level=1) as file:
                infos = _write_rows(file, reading.table)
                text = TableText(
                    columns=columns,
                    description=reading.description.strip(),
                    origin=_origin((*reading.origin, *infos)),
                )
                file.add_key_value_metadata({TEXT_KEY: text.to_json()})


def _columns(table: ResultTable) -> tuple[Column, ...]:
    """Return the columns under names that a query can hold: no control characters."""
    if not table.columns:
        raise UnreadableFileError("it has no columns")
    return unique_names(replace(one, name=CONTROLS.sub("_", one.name)) for one in table.columns)


def _write_rows(file: pq.ParquetWriter, table: ResultTable) -> Origin:
    """Write all rows in groups that an engine can skip; return the INFO elements at the end."""
    held: list[pa.RecordBatch] = []
    for item in table.batches:
        if isinstance(item, TableEnd):
            _write_group(file, held)
            return item.infos
        held.append(pa.RecordBatch.from_arrays(item.columns, schema=file.schema))
        if sum(batch.num_rows for batch in held) >= ROWS_PER_GROUP:
            _write_group(file, held)
            held = []
    raise UnreadableFileError("it breaks off before its end")


def _write_group(file: pq.ParquetWriter, batches: list[pa.RecordBatch]) -> None:
    if batches:
        file.write_table(pa.Table.from_batches(batches, file.schema))


def _origin(infos: Origin) -> Origin:
    return tuple((name, value) for name, value in infos if name in ORIGIN_NAMES and value)


def _check_unchanged(source: Source) -> None:
    if not source.is_unchanged:
        raise TransientError(f"The file of the table {source.name} is being changed; try again.")


def _reason(error: Exception, source: Source) -> str:
    """Return the first line of what a reader says, without the place of the file."""
    first = str(error).strip().partition("\n")[0].replace(str(source.path), source.path.name)
    return first[:LONGEST_REASON].rstrip(".") or f"its {source.kind} cannot be read"
