"""What a download format is: a name, a media type, and a function that makes bytes."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from portal.tables.columns import Column

Batches = Callable[[], Iterable[pa.RecordBatch]]


class Write(Protocol):
    """Make the bytes of a table's file, piece by piece, in constant memory."""

    def __call__(
        self, columns: Sequence[Column], batches: Batches, *, overflow: bool = False
    ) -> Iterator[bytes]:
        """Yield the file of a table.

        `batches` returns a new iterator over the same batches of `arrow_schema(columns)`
        at each call: formats that announce widths or counts look at the rows before they
        write them. `overflow` says that the archive cut the table at its row limit.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A file format for downloads; `extension` is without its dot."""

    id: str
    title: str
    extension: str
    media_type: str
    write: Write
