"""A first look at all rows of a table, for formats that announce what follows."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from portal.tables.columns import Column
from portal.tables.columns import SCALAR_TYPES

INTEGERS = ("unsignedByte", "short", "int", "long")


@dataclass(slots=True)
class Measure:
    """What is true of all cells of a column so far.

    For text: the longest cell in bytes of UTF-8, and whether all is ASCII. For numbers:
    whether any scalar or element is null, and the least and greatest integer. For arrays:
    whether any cell is null as a whole, the shortest and longest of the others, and their
    elements in all.
    """

    cells: int = 0
    ascii: bool = True
    widest: int = 0
    nulls: bool = False
    null_cells: bool = False
    least: int | None = None
    greatest: int | None = None
    shortest: int | None = None
    longest: int = 0
    elements: int = 0

    def add(self, column: Column, cells: pa.Array) -> None:
        """Take the cells of one more batch."""
        self.cells += len(cells)
        if column.is_text:
            self.widest = max(self.widest, pc.max(pc.binary_length(cells)).as_py() or 0)
            self.ascii = self.ascii and pc.all(pc.string_is_ascii(cells)).as_py() is not False
            return
        self.null_cells = self.null_cells or cells.null_count > 0
        if column.is_array:
            self._add_lengths(pc.list_value_length(cells.drop_null()).to_numpy())
            cells = cells.flatten()
        self.nulls = self.nulls or cells.null_count > 0
        if column.datatype in INTEGERS:
            self._add_integers(pc.min_max(cells).as_py())

    def _add_integers(self, seen: Mapping[str, int | None]) -> None:
        least, greatest = seen["min"], seen["max"]
        if least is not None and greatest is not None:
            self.least = least if self.least is None else min(self.least, least)
            self.greatest = greatest if self.greatest is None else max(self.greatest, greatest)

    def _add_lengths(self, lengths: np.ndarray) -> None:
        if lengths.size:
            shortest = int(lengths.min())
            self.shortest = shortest if self.shortest is None else min(self.shortest, shortest)
            self.longest = max(self.longest, int(lengths.max()))
            self.elements += int(lengths.sum())

    def all_have(self, count: int | None) -> bool:
        """Whether each array that is not null has this number of elements."""
        return self.shortest is None or self.shortest == self.longest == count

    def integer_null(self, datatype: str) -> tuple[str, int]:
        """Return an integer that may stand for null, as no cell has it, and its datatype.

        It is the least or the greatest value of the cells' datatype, or of a wider one.
        """
        for wider in INTEGERS[INTEGERS.index(datatype) :]:
            limits = np.iinfo(SCALAR_TYPES[wider].to_pandas_dtype())
            if self.least is None or self.least > limits.min:
                return wider, int(limits.min)
            if self.greatest is not None and self.greatest < limits.max:
                return wider, int(limits.max)
        # A column with both ends of 64 bits has no wider type; this value is not seen either.
        return INTEGERS[-1], int(limits.min) + 1


def measure(
    columns: Sequence[Column],
    batches: Callable[[], Iterable[pa.RecordBatch]],
    *,
    needed: Callable[[Column], bool],
) -> list[Measure]:
    """Return a measure for each column, from one pass over the rows if any is `needed`."""
    measures = [Measure() for _ in columns]
    wanted = [i for i, column in enumerate(columns) if needed(column)]
    for batch in batches() if wanted else ():
        for i in wanted:
            measures[i].add(columns[i], batch.column(i))
    return measures
