"""Some rows of a result, by their numbers, as a short text for addresses: `0-4,9`."""

import re
from collections.abc import Iterable
from itertools import groupby

from portal.problems import UsageError

LONGEST_TEXT = 2_000
MOST_ROWS = 10_000
PART = re.compile(r"(\d{1,12})(?:-(\d{1,12}))?", re.ASCII)


def write_rows(numbers: Iterable[int]) -> str:
    """Return the text that stands for these rows; UsageError when it gets too long.

    The numbers are positions in natural order, from 0.
    """
    places = enumerate(sorted(set(numbers)))
    runs = [
        [number for _, number in run] for _, run in groupby(places, lambda one: one[1] - one[0])
    ]
    text = ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
    if len(text) > LONGEST_TEXT:
        raise UsageError("These are too many single rows. Choose fewer, or take all of them.")
    return text


def read_rows(text: str) -> list[int]:
    """Return the numbers that a text stands for, in ascending order; raises UsageError."""
    numbers: set[int] = set()
    if len(text) > LONGEST_TEXT:
        raise UsageError("These are too many rows to choose one by one.")
    for part in text.split(","):
        found = PART.fullmatch(part.strip())
        if found is None:
            raise UsageError("Rows are named by their numbers, such as 0-4,9.")
        first = int(found[1])
        last = int(found[2] or first)
        if last - first >= MOST_ROWS or len(numbers) > MOST_ROWS:
            raise UsageError(f"At most {MOST_ROWS:,} rows can be chosen one by one.")
        numbers.update(range(first, last + 1))
    return sorted(numbers)
