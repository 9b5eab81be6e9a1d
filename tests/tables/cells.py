"""Hypothesis strategies: tables as batches of Arrow."""

import math

import pyarrow as pa
from hypothesis import strategies as st

from portal.tables import arrow_schema
from portal.tables import Column

INTEGERS = {
    "unsignedByte": (0, 255),
    "short": (-(2**15), 2**15 - 1),
    "int": (-(2**31), 2**31 - 1),
    "long": (-(2**63), 2**63 - 2),
}
WIDTHS = {"float": 32, "double": 64, "floatComplex": 32, "doubleComplex": 64}
TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=8
).map(str.strip)


def scalars(datatype):
    """Values of one element, without NaN, which is null."""
    if datatype in INTEGERS:
        return st.integers(*INTEGERS[datatype])
    if datatype in ("boolean", "bit"):
        return st.booleans()
    numbers = st.floats(width=WIDTHS[datatype], allow_nan=False)
    return st.lists(numbers, min_size=2, max_size=2) if "Complex" in datatype else numbers


@st.composite
def columns_with_cells(draw):
    """A column and a strategy for its cells."""
    datatype = draw(st.sampled_from([*INTEGERS, *WIDTHS, "boolean", "bit", "char", "unicodeChar"]))
    if datatype in ("char", "unicodeChar"):
        return Column(name="c", datatype=datatype, arraysize="*"), TEXT
    arraysize = draw(st.sampled_from([None, None, None, "3", "2x2", "*"]))
    column = Column(name="c", datatype=datatype, arraysize=arraysize)
    if arraysize is None:
        return column, scalars(datatype)
    elements = st.none() | scalars(datatype)
    if arraysize == "*":
        return column, st.lists(elements, max_size=4)
    count = math.prod(int(size) for size in arraysize.split("x"))
    return column, st.lists(elements, min_size=count, max_size=count)


@st.composite
def tables(draw):
    """Columns and batches of a table with nulls anywhere."""
    pairs = draw(st.lists(columns_with_cells(), min_size=1, max_size=8))
    columns = [
        Column(name=f"c{i}", datatype=column.datatype, arraysize=column.arraysize)
        for i, (column, _) in enumerate(pairs)
    ]
    schema, batches = arrow_schema(columns), []
    for count in draw(st.lists(st.integers(0, 4), max_size=3)):
        arrays = [
            pa.array(
                draw(st.lists(st.none() | cells, min_size=count, max_size=count)), type=field.type
            )
            for field, (_, cells) in zip(schema, pairs, strict=True)
        ]
        batches.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
    return columns, batches
