"""What a search counts and sorts by, for all resources of a copy at once, in memory."""

import sqlite3
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Bits = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class MirrorIndex:
    """Types and wavebands of resources, as bits, by their numbers; and all in order of titles."""

    services: Bits
    wavebands: Bits
    by_title: Numbers

    @classmethod
    def load(cls, connection: sqlite3.Connection) -> "MirrorIndex":
        """Read the index of a copy."""
        rows = connection.execute(
            "SELECT rid, services, wavebands FROM resource ORDER BY sort_title, rid"
        ).fetchall()
        table = np.array(rows, dtype=np.int64).reshape(-1, 3)
        size = int(table[:, 0].max(initial=0)) + 1
        services, wavebands = (np.zeros(size, dtype=np.int32) for _ in range(2))
        services[table[:, 0]], wavebands[table[:, 0]] = table[:, 1], table[:, 2]
        return cls(services, wavebands, table[:, 0].copy())

    def of(self, numbers: Iterable[tuple[int]]) -> Mask:
        """Return which resources the rows of an answer name."""
        mask = np.zeros(len(self.services), dtype=np.bool_)
        mask[np.fromiter((number for (number,) in numbers), dtype=np.int64)] = True
        return mask

    def everything(self) -> Mask:
        """Return all resources."""
        return self.of((int(one),) for one in self.by_title)

    def askable(self) -> Mask:
        """Return the resources that have a service of a known type."""
        mask: Mask = self.services != 0
        return mask

    def in_order(self, mask: Mask) -> Numbers:
        """Return the resources of a mask, in order of their titles."""
        return self.by_title[mask[self.by_title]]


def fits(bits: Bits, wanted: int) -> Mask:
    """Return which have one of the wanted bits; all, where nothing is wanted."""
    mask: Mask = (bits & wanted) != 0 if wanted else np.ones(len(bits), dtype=np.bool_)
    return mask


def counts(names: Mapping[str, int], bits: Bits) -> Mapping[str, int]:
    """Return how many have each bit, by its name; none where there are none."""
    found = {name: int(np.count_nonzero(bits & bit)) for name, bit in names.items()}
    return {name: count for name, count in found.items() if count}
