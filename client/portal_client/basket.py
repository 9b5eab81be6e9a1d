"""The basket: references to what was found, which pages and programs share."""

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from typing import TypeAlias

import numpy as np
from astropy.table import MaskedColumn
from astropy.table import Row
from astropy.table import Table

from portal_client.connection import Connection
from portal_client.errors import PortalError
from portal_client.jobs import Job
from portal_client.values import as_json

COLUMNS = (
    *("title", "archive", "dataproduct_type", "obs_collection", "obs_id", "obs_publisher_did"),
    *("target_name", "s_ra", "s_dec", "access_url", "access_format", "access_estsize"),
    *("job", "result", "row", "rows", "added", "id"),
)

Item = dict[str, Any]
Rows: TypeAlias = Iterable[int] | Iterable[bool]


@dataclass(frozen=True, slots=True)
class Added:
    """How many items were added, and how many had been there already."""

    new: int
    known: int


class Basket:
    """Your basket. It needs a token: without one nobody knows whose it is."""

    def __init__(self, connection: Connection) -> None:
        """Remember the portal; asks it nothing yet."""
        self._connection = connection

    def items(self) -> list[Item]:
        """Return all items, those added last first; ObsCore's names (ObsCore 1.1, table 1).

        Beside them `id` is the item's own, and `job`, `result` and `row` say where it comes
        from; a whole result is one item without a row.
        """
        found: dict[str, Item] = {}
        offset = 0
        while True:
            piece = self._items(offset)
            found.update({one["id"]: one for one in piece["items"]})
            offset += len(piece["items"])
            if not piece["items"] or offset >= piece["count"]:
                return list(found.values())

    def table(self) -> Table:
        """Return all items as an astropy table; what is not known of an item is masked."""
        items = self.items()
        return Table({name: _column([item[name] for item in items]) for name in COLUMNS})

    def add(self, job: Job, rows: Rows | None = None, *, result: str = "result") -> Added:
        """Put rows of a job's result into the basket; None: all of them.

        `rows` are numbers from 0, or a mask, in the order in which the result came: choose
        before you sort its table. All rows of a long result become one item. Rows that are
        there already stay as they are.
        """
        chosen = "all" if rows is None else _numbers(rows)
        answer = self._post("items", job=job.id, result=result, rows=chosen)
        return Added(new=answer["new"], known=answer["known"])

    def remove(self, *items: str | Mapping[str, Any] | Row) -> int:
        """Remove items, or ids of items; returns how many were there."""
        ids = [item if isinstance(item, str) else item["id"] for item in items]
        removed: int = self._post("remove", items=[str(one) for one in ids])["removed"]
        return removed

    def clear(self) -> int:
        """Remove everything; returns how many items there were."""
        self._check_token()
        removed: int = self._connection.delete("api", "baskets", "current", "items")["removed"]
        return removed

    def __len__(self) -> int:
        """Count the items."""
        self._check_token()
        count: int = self._connection.get("api", "baskets", "current", "items", query={"limit": 1})[
            "count"
        ]
        return count

    def __bool__(self) -> bool:
        """Say yes: an empty basket is a basket."""
        return True

    def _items(self, offset: int) -> dict[str, Any]:
        self._check_token()
        piece: dict[str, Any] = self._connection.get(
            "api", "baskets", "current", "items", query={"offset": offset}
        )
        return piece

    def _post(self, what: str, **body: Any) -> dict[str, Any]:
        self._check_token()
        answer: dict[str, Any] = self._connection.post(
            "api", "baskets", "current", what, body=as_json(body)
        )
        return answer

    def _check_token(self) -> None:
        if not self._connection.has_token:
            raise PortalError("A basket belongs to somebody: give Portal(...) your token.")


def _numbers(rows: Rows) -> list[int]:
    """Return row numbers; a mask, such as a comparison of a column gives, chooses rows, too."""
    chosen = rows if isinstance(rows, np.ndarray) else np.array(list(rows))
    if chosen.dtype == bool:
        chosen = np.flatnonzero(np.ma.filled(chosen, fill_value=False))
    chosen = np.ma.compressed(chosen)
    if chosen.size and not np.issubdtype(chosen.dtype, np.integer):
        raise TypeError("Rows are chosen by their numbers, or by a mask.")
    return [int(number) for number in chosen]


def _column(values: list[Any]) -> MaskedColumn:
    mask = [value is None for value in values]
    known = [value for value in values if value is not None]
    blank = type(known[0])() if known else ""
    return MaskedColumn([blank if value is None else value for value in values], mask=mask)
