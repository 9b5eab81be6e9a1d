"""The description of a column, and the Arrow type that holds its values."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

import pyarrow as pa

SCALAR_TYPES: dict[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "bit": pa.bool_(),
    "unsignedByte": pa.uint8(),
    "short": pa.int16(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "floatComplex": pa.list_(pa.float32(), 2),
    "doubleComplex": pa.list_(pa.float64(), 2),
}
STRING_DATATYPES = frozenset({"char", "unicodeChar"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A VOTable FIELD (VOTable 1.4, section 4.1).

    `datatype` and `arraysize` are VOTable's own words: "double", "char" with "*", "float"
    with "3x2*". Text is always a string in Arrow, whatever its arraysize; a numeric array
    is a flat list in Fortran order, as VOTable writes it.
    """

    name: str
    datatype: str = "char"
    arraysize: str | None = None
    unit: str | None = None
    ucd: str | None = None
    utype: str | None = None
    xtype: str | None = None
    description: str = ""

    @property
    def is_text(self) -> bool:
        """Whether the values are strings."""
        return self.datatype in STRING_DATATYPES

    @property
    def is_array(self) -> bool:
        """Whether a cell holds several numbers."""
        return not self.is_text and self.arraysize not in (None, "", "1")

    @property
    def is_numeric(self) -> bool:
        """Whether a cell holds one number."""
        return (
            not self.is_text
            and not self.is_array
            and self.datatype not in ("boolean", "bit", "floatComplex", "doubleComplex")
        )


def arrow_type(column: Column) -> pa.DataType:
    """Return the Arrow type that holds the cells of `column`."""
    if column.is_text:
        return pa.string()
    scalar = SCALAR_TYPES[column.datatype]
    return pa.list_(scalar) if column.is_array else scalar


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """Return the schema of the batches of a table with these columns, in this order."""
    return pa.schema([pa.field(column.name, arrow_type(column)) for column in columns])


def unique_names(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Rename repeated columns to `name_2`, `name_3`, ... so that a name is a key.

    Names are compared without regard to case, as ADQL and most table formats do.
    """
    taken: set[str] = set()
    unique = []
    for column in columns:
        base = column.name.strip() or "column"
        name, count = base, 1
        while name.casefold() in taken:
            count += 1
            name = f"{base}_{count}"
        taken.add(name.casefold())
        unique.append(replace(column, name=name))
    return tuple(unique)
