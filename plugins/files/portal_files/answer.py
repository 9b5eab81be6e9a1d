"""The columns of an answer: as the tables describe them, or as they were computed."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

import pyarrow as pa

from portal.plugins import arrow_schema
from portal.plugins import Column
from portal.plugins import column_of_type
from portal.plugins import converted
from portal.plugins import Output
from portal.plugins import unique_names
from portal.plugins import UsageError

WHOLE_NUMBERS = pa.decimal128(38, 0)  # DuckDB's sums of integers, as Arrow has them
COMPLEX = {"floatComplex": "float", "doubleComplex": "double"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What each column of the answer is, and how DuckDB's batches become rows of it."""

    columns: tuple[Column, ...]

    @classmethod
    def of(
        cls,
        schema: pa.Schema,
        outputs: Sequence[Output],
        tables: Mapping[tuple[str, str], Sequence[Column]],
        known: Mapping[str, Column],
    ) -> "Answer":
        """Describe the columns of `schema`; `tables` are the columns by schema and table."""
        if len(outputs) != len(schema):
            outputs = [Output(name=name) for name in schema.names]
        columns = (
            _describe(field, output, tables, known)
            for field, output in zip(schema, outputs, strict=True)
        )
        return cls(columns=unique_names(columns))

    def convert(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the batch with the types that the columns have."""
        pairs = zip(self.columns, batch.columns, strict=True)
        try:
            arrays = [converted(column, cells) for column, cells in pairs]
        except pa.ArrowInvalid as error:
            raise UsageError("A number of the answer does not fit into 64 bits.") from error
        return pa.RecordBatch.from_arrays(arrays, schema=arrow_schema(self.columns))


def _describe(
    field: pa.Field,
    output: Output,
    tables: Mapping[tuple[str, str], Sequence[Column]],
    known: Mapping[str, Column],
) -> Column:
    computed = _computed(field, output.name)
    if output.table is None:
        return known.get(output.name, computed)
    group = tables[output.table.schema, output.table.name]
    origin = next(one for one in group if one.name == output.column)
    if computed.datatype != COMPLEX.get(origin.datatype, origin.datatype):
        return computed
    return replace(origin, name=output.name)


def _computed(field: pa.Field, name: str) -> Column:
    if field.type == WHOLE_NUMBERS:
        return Column(name=name, datatype="long")
    if pa.types.is_interval(field.type):
        raise UsageError(f"{name} is a length of time, which no column holds; CAST it to VARCHAR.")
    return column_of_type(name, field.type)
