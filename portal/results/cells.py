"""The cells of a page of rows as HTML: every value escaped here, column by column.

It is the only place where values of a remote table become markup. A column at a time costs a
third of a template that goes through the cells.
"""

from collections.abc import Callable
from collections.abc import Iterator
from itertools import islice
from math import isfinite

import pyarrow as pa
import pyarrow.compute as pc
from markupsafe import Markup

from portal.results.angles import find_writer
from portal.results.paging import RowPage
from portal.results.texts import NULL
from portal.results.texts import render_texts
from portal.tables import Column

SHOWN_ELEMENTS = 10


def render_cells(page: RowPage, *, in_sixties: bool = False) -> list[Markup]:
    """Return the `<td>` elements of every row of a page.

    Numbers have the class "num"; a missing value is a span of the class "null". Arrays and
    long texts are cut (see `texts.py`). Positions are written in degrees, or `in_sixties`.
    """
    if not page.columns:
        return [Markup()] * len(page.row_numbers)
    parts: list[pa.Array | str] = []
    for column, values in zip(page.columns, page.values.columns, strict=True):
        opening = '<td class="num">' if column.is_numeric else "<td>"
        write = find_writer(column) if in_sixties else None
        inner = _column(column, values) if write is None else _angles(values, write)
        parts += [f"</td>{opening}" if parts else opening, inner]
    rows = pc.binary_join_element_wise(*parts, "</td>", "").to_pylist()
    return [Markup(row) for row in rows]  # noqa: S704 - numbers, and texts escaped one by one


def _angles(values: pa.ChunkedArray, write: Callable[[float], str]) -> pa.Array:
    texts = (NULL if one is None or not isfinite(one) else write(one) for one in values.to_pylist())
    return pa.array(texts, pa.string())


def _column(column: Column, values: pa.ChunkedArray) -> pa.Array:
    """Return the markup inside every cell; none of it is null."""
    chunks = [_inner(column, chunk) for chunk in values.chunks]
    return chunks[0] if len(chunks) == 1 else pa.chunked_array(chunks, pa.string()).combine_chunks()


def _inner(column: Column, values: pa.Array) -> pa.Array:
    if column.is_text:
        return pa.array(render_texts(values), pa.string())
    if column.is_array:
        return pa.array(_arrays(values), pa.string())
    texts = _scalars(values)
    return texts.fill_null(NULL) if texts.null_count else texts


def _scalars(values: pa.Array) -> pa.Array:
    """Write numbers as shortly as they can be read back exactly, float32 as such."""
    if pa.types.is_fixed_size_list(values.type):
        return pa.array(_complex_numbers(values), pa.string())
    return values.cast(pa.string())


def _complex_numbers(values: pa.Array) -> Iterator[str | None]:
    real = pc.list_element(values, 0).cast(pa.string()).to_pylist()
    imaginary = pc.list_element(values, 1).cast(pa.string()).to_pylist()
    for re, im in zip(real, imaginary, strict=True):
        if re is None or im is None:
            yield None
        else:
            yield f"{re}{im}i" if im.startswith("-") else f"{re}+{im}i"


def _arrays(values: pa.Array) -> Iterator[str]:
    """Write the first elements of every array, and how many there are if that is not all."""
    shown = pc.list_slice(values, 0, SHOWN_ELEMENTS, return_fixed_size_list=False)
    elements = iter(_scalars(pc.list_flatten(shown)).to_pylist())
    for count in pc.list_value_length(values).to_pylist():
        if count is None:
            yield NULL
            continue
        texts = ", ".join(text or "null" for text in islice(elements, min(count, SHOWN_ELEMENTS)))
        yield f"[{texts}]" if count <= SHOWN_ELEMENTS else f"[{texts}, …] ({count:,} values)"
