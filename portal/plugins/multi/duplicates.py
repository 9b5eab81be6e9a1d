"""Rows that an archive before had already: the same data set, found in two places."""

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

import pyarrow as pa

from portal.tables import ResultTable
from portal.tables import TableEnd


@dataclass(slots=True)
class Duplicates:
    """The identifiers and addresses of the data of the tables so far, and how many came again.

    Within one table rows are never the same: its archive has a reason to list them twice.
    """

    count: int = 0
    _dids: set[str] = field(default_factory=set)
    _urls: set[str] = field(default_factory=set)
    _urls_alone: set[str] = field(default_factory=set)

    def without(self, table: ResultTable) -> ResultTable:
        """Return a table without the rows that tables before it had.

        Rows are the same by `obs_publisher_did`, or by `access_url` where one of them has
        no identifier. Others are kept.
        """
        return replace(table, batches=self._batches(table))

    def _batches(self, table: ResultTable) -> Iterator[pa.RecordBatch | TableEnd]:
        new: list[tuple[str | None, str | None]] = []
        for element in table.batches:
            if isinstance(element, TableEnd):
                yield element
                continue
            dids = element.column("obs_publisher_did").to_pylist()
            urls = element.column("access_url").to_pylist()
            pairs = list(zip(dids, urls, strict=True))
            kept = [not self._is_known(did, url) for did, url in pairs]
            self.count += kept.count(False)
            new += [pair for pair, keep in zip(pairs, kept, strict=True) if keep]
            yield element.filter(pa.array(kept, pa.bool_()))
        self._remember(new)

    def _is_known(self, did: str | None, url: str | None) -> bool:
        if did:
            return did in self._dids or url in self._urls_alone
        return url in self._urls

    def _remember(self, pairs: list[tuple[str | None, str | None]]) -> None:
        self._dids.update(did for did, _ in pairs if did)
        self._urls.update(url for _, url in pairs if url)
        self._urls_alone.update(url for did, url in pairs if url and not did)
