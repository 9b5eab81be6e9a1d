"""What is known about a stored result, as `meta.json`: the file that makes it whole."""

import json
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from typing import Any

from portal.tables import Column


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResult:
    """A whole result: `bytes` is what it takes on disk, `overflow` says that it was cut."""

    columns: tuple[Column, ...]
    rows: int
    bytes: int
    overflow: bool
    infos: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnStatistics:
    """What one column holds.

    `missing` counts nulls and NaN. `minimum` and `maximum` are those of the finite values
    of a number column; None where there are none.
    """

    missing: int
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultMeta:
    """The stored result, and what makes its pages fast.

    `batch_rows` holds the number of rows of every batch of `rows.arrow`; `statistics`
    stand in the order of the columns.
    """

    stored: StoredResult
    batch_rows: tuple[int, ...]
    statistics: tuple[ColumnStatistics, ...]

    def to_json(self) -> str:
        """Return the text of `meta.json`."""
        return json.dumps(asdict(self), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> "ResultMeta":
        """Read the text of `meta.json`."""
        document = json.loads(text)
        return cls(
            stored=_stored_from(document["stored"]),
            batch_rows=tuple(document["batch_rows"]),
            statistics=tuple(ColumnStatistics(**known) for known in document["statistics"]),
        )


def columns_to_json(columns: Sequence[Column]) -> str:
    """Return columns as JSON text, to travel inside an Arrow file."""
    return json.dumps([asdict(column) for column in columns])


def columns_from_json(text: str | bytes) -> tuple[Column, ...]:
    """Read what `columns_to_json` wrote."""
    return tuple(Column(**description) for description in json.loads(text))


def _stored_from(document: Mapping[str, Any]) -> StoredResult:
    return StoredResult(
        columns=tuple(Column(**description) for description in document["columns"]),
        rows=document["rows"],
        bytes=document["bytes"],
        overflow=document["overflow"],
        infos=tuple((name, value) for name, value in document["infos"]),
    )
