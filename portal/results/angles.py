"""Which columns are positions on the sky, and how they are written in sixties."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from portal.parameters import write_degrees
from portal.parameters import write_hours
from portal.tables import Column

# To a thousandth of a second of arc, and a little better.
WRITERS = {
    "pos.eq.ra": (partial(write_hours, digits=4), "h:m:s"),
    "pos.eq.dec": (partial(write_degrees, digits=3), "d:m:s"),
}


def find_writer(column: Column) -> Callable[[float], str] | None:
    """Return what writes the cells of a column in sixties; None for one that is no position."""
    found = _find(column)
    return found[0] if found else None


def in_sixties(column: Column) -> Column:
    """Return a column with the unit that its cells are written in."""
    found = _find(column)
    return replace(column, unit=found[1]) if found else column


def _find(column: Column) -> tuple[Callable[[float], str], str] | None:
    if column.is_array or column.datatype not in ("double", "float") or column.unit != "deg":
        return None
    first, *others = (column.ucd or "").lower().split(";")
    return None if any(one.startswith("stat.") for one in others) else WRITERS.get(first)
