"""Where the rows of a result are, as lines of the search of all archives."""

import math
from collections.abc import Sequence
from typing import Any

from portal.plugins.items import find_columns
from portal.plugins.multi.parameters import MOST_PLACES
from portal.problems import UsageError
from portal.results.opened import OpenResult
from portal.results.paging import take
from portal.results.sky.positions import find_position_columns

NAMES = ("target_name", "title", "obs_id")
LONGEST_NAME = 100


def ticked_rows(ticked: Sequence[str], opened: OpenResult) -> list[int]:
    """Return the numbers of the rows that were ticked, or of all; UsageError for too many."""
    try:
        numbers = [int(one) for one in ticked] or list(range(min(opened.rows, MOST_PLACES + 1)))
    except ValueError as error:
        raise UsageError("A row is named by its number.") from error
    if len(numbers) > MOST_PLACES:
        raise UsageError(
            f"At most {MOST_PLACES} positions are asked of all archives at once: tick some rows."
        )
    return numbers


def position_lines(opened: OpenResult, numbers: Sequence[int]) -> list[str]:
    """Return `name = position` for each row that has a position, or the position alone.

    Raises UsageError when none has one.
    """
    at = find_position_columns(opened.columns)
    if at is None:
        raise UsageError("These rows have no positions in right ascension and declination.")
    named = find_columns(opened.columns)
    ra, dec = opened.columns[at.ra].name, opened.columns[at.dec].name
    names = [named[one] for one in NAMES if one in named]
    rows = take(opened, numbers).values.to_pylist()
    lines = [_line(row[ra], row[dec], [row[name] for name in names]) for row in rows]
    found = list(dict.fromkeys(line for line in lines if line))
    if not found:
        raise UsageError("None of these rows has a position.")
    return found


def _line(ra: Any, dec: Any, names: Sequence[Any]) -> str | None:
    if any(not isinstance(one, float | int) or not math.isfinite(one) for one in (ra, dec)):
        return None
    name = next((str(one) for one in names if one), "")
    text = " ".join(name.replace("=", " ").split())[:LONGEST_NAME]
    position = f"{ra:.7f} {dec:+.7f}"
    return f"{text} = {position}" if text else position
