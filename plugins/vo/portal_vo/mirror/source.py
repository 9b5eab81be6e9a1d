"""What is read of a registry, by RegTAP: who is there, and records in full.

Answers that the registry cuts at its row limit are asked for again in halves, so that no row
is lost unseen.
"""

import time
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from portal.plugins import AbortedError
from portal.plugins import JobContext
from portal.plugins import quote_literal
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal_vo.connector import TapService
from portal_vo.mirror.tables import TABLES
from portal_vo.rows import read_rows

MOST_ROWS = 20_000  # of one answer
PAUSE = 0.05  # between requests, in seconds
RETRIES = (2.0, 10.0)
NEEDED = ("resource", "capability", "interface")

Row = dict[str, Any]


@dataclass(kw_only=True)
class Record:
    """One resource: its row of rr.resource, and its rows of the other tables by their names."""

    resource: Row
    rows: dict[str, list[Row]] = field(default_factory=dict)


class RegistrySource:
    """One registry, asked one question at a time."""

    def __init__(
        self, context: JobContext, url: str, *, page: int = MOST_ROWS, pause: float | None = None
    ) -> None:
        """Keep where it is; `page` is how many rows are asked for at once."""
        self._context = context
        self._service = TapService(context.http, url)
        self._page = page
        self._pause = PAUSE if pause is None else pause
        self._format = self._service.preferred_format()
        self._columns = self._find_columns()

    def count(self) -> int:
        """Return how many resources the registry says it has."""
        rows, _ = self._ask("SELECT COUNT(*) AS resources FROM rr.resource")
        return int(rows[0]["resources"]) if rows else 0

    def versions(self) -> Iterator[tuple[str, str]]:
        """Yield every identifier with the time of its last change, in the registry's order."""
        last: str | None = None
        while True:
            after = f" WHERE ivoid > {quote_literal(last)}" if last is not None else ""
            what = f"TOP {self._page} ivoid, updated FROM rr.resource{after}"
            rows, cut = self._ask(f"SELECT {what} ORDER BY ivoid")
            yield from ((row["ivoid"], str(row["updated"] or "")) for row in rows)
            if not rows or (len(rows) < self._page and not cut):
                return
            if rows[-1]["ivoid"] == last:
                raise ServiceError("the registry does not list its resources in order")
            last = rows[-1]["ivoid"]

    def records(self, ivoids: Sequence[str], *, is_run: bool) -> dict[str, Record]:
        """Return the records of some identifiers; those that are gone meanwhile are left out.

        `is_run` says that nothing else lies between the first and the last one, in the
        registry's order.
        """
        wanted = set(ivoids)
        records = {
            row.pop("ivoid"): Record(resource=row)
            for row in self._rows("resource", ivoids, is_run=is_run)
            if row["ivoid"] in wanted
        }
        for name in self._columns:
            if name == "resource":
                continue
            for row in self._rows(name, ivoids, is_run=is_run):
                record = records.get(row.pop("ivoid"))
                if record is not None:
                    record.rows.setdefault(name, []).append(row)
        return records

    def _find_columns(self) -> Mapping[str, Sequence[str]]:
        """Return the tables and columns of ours that this registry has."""
        rows, _ = self._ask(
            "SELECT table_name, column_name FROM TAP_SCHEMA.columns"
            " WHERE table_name LIKE 'rr.%' OR table_name LIKE 'RR.%'"
        )
        there: dict[str, set[str]] = {}
        for row in rows:
            table = row["table_name"].lower().rpartition(".")[2]
            there.setdefault(table, set()).add(row["column_name"].lower().strip('"'))
        found = {
            name: [one for one in columns if one in there[name]]
            for name, columns in TABLES.items()
            if "ivoid" in there.get(name, ())
        }
        missing = [name for name in NEEDED if name not in found]
        if missing:
            raise ServiceError(f"{self._service.url} has no registry: no table rr.{missing[0]}")
        return found

    def _rows(self, name: str, ivoids: Sequence[str], *, is_run: bool) -> list[Row]:
        """Return the rows of one table, asked for in halves when the registry cuts them."""
        columns = ", ".join(["ivoid", *(one for one in self._columns[name] if one != "ivoid")])
        where = _run(ivoids) if is_run else _list(ivoids)
        query = f"SELECT {columns} FROM rr.{name} WHERE {where}"  # noqa: S608 - literals are quoted
        rows, cut = self._ask(query)
        if not cut:
            return rows
        if len(ivoids) == 1:
            self._context.log(f"{ivoids[0]}: only the first {len(rows)} rows of rr.{name} are kept")
            return rows
        half = len(ivoids) // 2
        parts = (ivoids[:half], ivoids[half:])
        return [row for part in parts for row in self._rows(name, part, is_run=is_run)]

    def _ask(self, query: str) -> tuple[list[Row], bool]:
        """Return the rows of an answer and whether it was cut; tries again where it helps."""
        for seconds in RETRIES:
            try:
                return self._ask_once(query)
            except TransientError as error:
                self._context.report(None, f"{error.message}: trying again")
                self._wait(seconds)
        return self._ask_once(query)

    def _ask_once(self, query: str) -> tuple[list[Row], bool]:
        self._wait(self._pause)
        answer = self._service.query_sync(query, maxrec=self._page, response_format=self._format)
        rows, overflow = read_rows(answer)
        return rows, overflow or len(rows) > self._page

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._context.is_aborted():
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 0.2))
        raise AbortedError("the job was aborted")


def _run(ivoids: Sequence[str]) -> str:
    return f"ivoid >= {quote_literal(ivoids[0])} AND ivoid <= {quote_literal(ivoids[-1])}"


def _list(ivoids: Sequence[str]) -> str:
    return f"ivoid IN ({', '.join(map(quote_literal, ivoids))})"
