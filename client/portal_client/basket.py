"""Baskets: references to what was found, which pages and programs share."""

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from typing import TypeAlias

import numpy as np
from astropy.table import MaskedColumn
from astropy.table import Row
from astropy.table import Table

from portal_client.connection import Connection
from portal_client.downloads import download_all
from portal_client.downloads import Downloaded
from portal_client.errors import PortalError
from portal_client.jobs import Job
from portal_client.values import as_json

COLUMNS = (
    *("title", "archive", "dataproduct_type", "obs_collection", "obs_id", "obs_publisher_did"),
    *("target_name", "s_ra", "s_dec", "access_url", "access_format", "access_estsize"),
    *("job", "result", "row", "rows", "added", "note", "link_state", "id"),
)

CURRENT = "current"

Item = dict[str, Any]
ItemLike: TypeAlias = "str | Mapping[str, Any] | Row"
Rows: TypeAlias = Iterable[int] | Iterable[bool]


@dataclass(frozen=True, slots=True)
class Added:
    """How many items were added, and how many had been there already."""

    new: int
    known: int


class Basket:
    """A basket: the current one, or another by its id. It needs a token, unless a link opens it."""

    def __init__(self, connection: Connection, ref: str = CURRENT) -> None:
        """Remember the portal; asks it nothing yet."""
        self._connection = connection
        self.ref = ref

    @property
    def name(self) -> str:
        """The name."""
        return str(self._get()["name"])

    def items(self, *, search: str = "", sort: str | None = None) -> list[Item]:
        """Return all items, those added last first; ObsCore's names (ObsCore 1.1, table 1).

        Beside them `id` is the item's own, and `job`, `result` and `row` say where it comes
        from; a whole result is one item without a row. `search` leaves those that have all of
        its words; `sort` is "title", for example, or "-title" for the last first.
        """
        found: dict[str, Item] = {}
        offset = 0
        while True:
            asked = {"offset": offset, "search": search, "sort": sort}
            piece = self._get("items", query=asked)
            found.update({one["id"]: one for one in piece["items"]})
            offset += len(piece["items"])
            if not piece["items"] or offset >= piece["count"]:
                return list(found.values())

    def table(self) -> Table:
        """Return all items as an astropy table; what is not known of an item is masked."""
        items = self.items()
        return Table({name: _column([item[name] for item in items]) for name in COLUMNS})

    to_astropy = table

    def to_pandas(self) -> Any:
        """Return all items as a data frame; raises ImportError without pandas."""
        import pandas as pd  # type: ignore[import-untyped,import-not-found,unused-ignore]

        return pd.DataFrame(self.items(), columns=list(COLUMNS))

    def add(self, job: Job, rows: Rows | None = None, *, result: str = "result") -> Added:
        """Put rows of a job's result into the basket; None: all of them.

        `rows` are numbers from 0, or a mask, in the order in which the result came: choose
        before you sort its table. All rows of a long result become one item. Rows that are
        there already stay as they are.
        """
        chosen = "all" if rows is None else _numbers(rows)
        return self._added(job=job.id, result=result, rows=chosen)

    def add_url(self, url: str, *, title: str = "", note: str = "") -> Added:
        """Put the address of a file into the basket."""
        return self._added(url=url, title=title, note=note)

    def remove(self, *items: ItemLike) -> int:
        """Remove items, or ids of items; returns how many were there."""
        return int(self._post("remove", items=_ids(items))["removed"])

    def move(self, *items: ItemLike, to: "Basket") -> int:
        """Move items, or ids of items, to another basket; returns how many were there."""
        target = to.ref if to.ref != CURRENT else to._get()["ref"]  # noqa: SLF001
        return int(self._post("move", items=_ids(items), target=target)["moved"])

    def note(self, item: ItemLike, text: str) -> None:
        """Write a note at an item; an empty text takes it away."""
        [item_id] = _ids([item])
        self._check_token()
        self._connection.patch(*self._path("items", item_id), body={"note": text})

    def undo(self) -> int:
        """Take the last change back that can be; returns how many items are as before."""
        for change in self._get("changes")["changes"]:
            if change["undoable"]:
                return int(self._post("changes", change["id"], "undo")["undone"])
        return 0

    def check(self) -> Job:
        """Have the links checked by a job; wait for it, and then each item has a `link_state`."""
        job_id = self._post("check")["job"]
        return Job(self._connection, self._connection.get("uws", "jobs", job_id))

    def download(
        self, folder: str | Path, *items: Mapping[str, Any], parallel: int = 4
    ) -> list[Downloaded]:
        """Fetch the files that items link to, or all items of the basket; says what became of each.

        A file that is there whole is not fetched again, and one that broke off goes on where
        it ended. `SHA256SUMS` in the folder has the checksums.
        """
        return download_all(items or self.items(), Path(folder), parallel=parallel)

    def share(self, *, may_edit: bool = False, days: int | None = 30) -> str:
        """Make a link that opens the basket to whoever has it, and return its address."""
        key = self._post("shares", may_edit=may_edit, days=days)["ref"]
        return f"{self._connection.url}baskets/{key}"

    def rename(self, name: str) -> None:
        """Give the basket another name."""
        self._check_token()
        self._connection.patch(*self._path(), body={"name": name})

    def choose(self) -> None:
        """Make it the current basket, into which pages put what you add."""
        self._check_token()
        self._connection.patch(*self._path(), body={"current": True})

    def delete(self) -> None:
        """Delete the basket; the pages can restore it for 30 days."""
        self._check_token()
        self._connection.delete(*self._path())

    def clear(self) -> int:
        """Remove everything; returns how many items there were."""
        self._check_token()
        removed: int = self._connection.delete(*self._path("items"))["removed"]
        return removed

    def __len__(self) -> int:
        """Count the items."""
        count: int = self._get("items", query={"limit": 1})["count"]
        return count

    def __bool__(self) -> bool:
        """Say yes: an empty basket is a basket."""
        return True

    def __repr__(self) -> str:
        """Write what names it."""
        return f"<Basket {self.ref}>"

    def _added(self, **body: Any) -> Added:
        answer = self._post("items", **body)
        return Added(new=answer["new"], known=answer["known"])

    def _path(self, *rest: str) -> tuple[str, ...]:
        return ("api", "baskets", self.ref, *rest)

    def _get(self, *rest: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        self._check_token()
        answer: dict[str, Any] = self._connection.get(*self._path(*rest), query=query)
        return answer

    def _post(self, *rest: str, **body: Any) -> dict[str, Any]:
        self._check_token()
        answer: dict[str, Any] = self._connection.post(*self._path(*rest), body=as_json(body))
        return answer

    def _check_token(self) -> None:
        if self.ref == CURRENT and not self._connection.has_token:
            raise PortalError("A basket belongs to somebody: give Portal(...) your token.")


def list_baskets(connection: Connection) -> list[Basket]:
    """Return the caller's baskets, by name."""
    found = connection.get("api", "baskets")["baskets"]
    return [Basket(connection, one["ref"]) for one in found]


def make_basket(connection: Connection, name: str, *, current: bool) -> Basket:
    """Make a basket."""
    made = connection.post("api", "baskets", body={"name": name, "current": current})
    return Basket(connection, made["ref"])


def _ids(items: Iterable[ItemLike]) -> list[str]:
    return [str(item if isinstance(item, str) else item["id"]) for item in items]


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
