"""Running a query: from ADQL to batches of rows with the right columns."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import AbstractContextManager
from contextlib import ExitStack
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from portal.plugins import AdqlTable
from portal.plugins import Column
from portal.plugins import find_tables
from portal.plugins import JobContext
from portal.plugins import parse_adql
from portal.plugins import ResultTable
from portal.plugins import TableEnd
from portal.plugins import to_duckdb
from portal.plugins import Translation
from portal_files.answer import Answer
from portal_files.catalogue import Catalogue
from portal_files.catalogue import SCHEMA
from portal_files.engine import Limits
from portal_files.engine import open_engine
from portal_files.failures import ENGINE_ERRORS
from portal_files.failures import readable
from portal_files.settings import FilesSettings
from portal_files.table import LocalTable
from portal_files.tap_schema import COLUMNS as TAP_COLUMNS
from portal_files.tap_schema import SCHEMA as TAP_SCHEMA
from portal_files.tap_schema import tap_schema
from portal_files.watch import Watch

ROWS_PER_BATCH = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class _Used:
    """The tables that a query names: those of the folder, and those of TAP_SCHEMA."""

    local: tuple[LocalTable, ...]
    described: Mapping[str, pa.Table]

    @property
    def columns(self) -> dict[tuple[str, str], tuple[Column, ...]]:
        """Return the columns of each by schema and name."""
        local = {(SCHEMA, one.name): one.text.columns for one in self.local}
        return local | {(TAP_SCHEMA, name): TAP_COLUMNS[name] for name in self.described}


class Connector:
    """Answers queries on the tables of one folder."""

    def __init__(self, catalogue: Catalogue, settings: FilesSettings) -> None:
        """Keep the tables and what one query may use."""
        self.catalogue = catalogue
        self._max_seconds = settings.max_seconds
        self._limits = Limits(
            memory_megabytes=settings.memory_megabytes,
            spill_megabytes=settings.spill_megabytes,
            threads=settings.threads,
        )

    def run(
        self, adql: str, context: JobContext, *, known: Mapping[str, Column] | None = None
    ) -> ResultTable:
        """Answer a query; `known` describes computed columns of the answer by their names.

        Raises UsageError for a query that cannot be run, with the place where one is known.
        """
        watch = Watch(context, max_seconds=self._max_seconds)
        query = parse_adql(adql)
        used = self._use(find_tables(query, self._offered()), context)
        columns = used.columns
        offered = [
            AdqlTable(schema=schema, name=name, columns=tuple(one.name for one in group))
            for (schema, name), group in columns.items()
        ]
        translation = to_duckdb(query, offered, limit=context.maxrec + 1)
        watch.check()
        with ExitStack() as stack:
            connection = stack.enter_context(self._open(used, context))
            bound = _bind(connection, translation, columns, known or {})
            infos = (("query", adql), *(pair for one in used.local for pair in one.text.origin))
            batches = _batches(stack.pop_all(), bound, watch, maxrec=context.maxrec, infos=infos)
        return ResultTable(columns=bound.answer.columns, batches=batches)

    def _offered(self) -> list[AdqlTable]:
        described = (AdqlTable(schema=TAP_SCHEMA, name=name) for name in TAP_COLUMNS)
        return [*self.catalogue.names, *described]

    def _use(self, tables: Sequence[AdqlTable], context: JobContext) -> _Used:
        """Make the tables ready; those that nobody asked for before are converted now."""
        local = []
        for table in tables:
            if table.schema == SCHEMA:
                context.report(None, f"Reading {SCHEMA}.{table.name}")
                local.append(self.catalogue.get(table.name))
        named = {table.name for table in tables if table.schema == TAP_SCHEMA}
        described = tap_schema(self.catalogue.readable(), SCHEMA) if named else {}
        return _Used(
            local=tuple(local), described={name: described[name] for name in sorted(named)}
        )

    def _open(
        self, used: _Used, context: JobContext
    ) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        return open_engine(
            {SCHEMA: used.local},
            {TAP_SCHEMA: used.described},
            spill=context.data_dir / "spill",
            limits=self._limits,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    """A query that DuckDB has understood and not yet run."""

    connection: duckdb.DuckDBPyConnection
    relation: duckdb.DuckDBPyRelation
    answer: Answer


def _bind(
    connection: duckdb.DuckDBPyConnection,
    translation: Translation,
    columns: Mapping[tuple[str, str], Sequence[Column]],
    known: Mapping[str, Column],
) -> _Bound:
    try:
        relation = connection.sql(translation.sql)
        empty = relation.limit(0).to_arrow_table().schema
    except ENGINE_ERRORS as error:
        raise readable(error) from error
    answer = Answer.of(empty, translation.outputs, columns, known)
    return _Bound(connection=connection, relation=relation, answer=answer)


def _batches(
    stack: ExitStack,
    bound: _Bound,
    watch: Watch,
    *,
    maxrec: int,
    infos: tuple[tuple[str, str], ...],
) -> Iterator[pa.RecordBatch | TableEnd]:
    """Run the query while its rows are taken; one row more than `maxrec` shows an overflow."""
    rows = 0
    with stack, watch.interrupting(bound.connection.interrupt):
        try:
            for batch in bound.relation.to_arrow_reader(ROWS_PER_BATCH):
                watch.check()
                yield bound.answer.convert(batch.slice(0, maxrec - rows))
                rows += batch.num_rows
        except ENGINE_ERRORS as error:
            watch.check()
            raise readable(error) from error
    yield TableEnd(overflow=rows > maxrec, infos=infos)
