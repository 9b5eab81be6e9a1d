"""What is to be fetched for a session: one item for each file of a basket."""

from dataclasses import dataclass
from dataclasses import field

MOST_ITEMS = 10_000
MOST_TITLE = 300
MOST_URL = 8_000
NO_LINK = "it has no link to a file"


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedItem:
    """One file of a basket, or what has no file: then there is no `url`, but a `reason`.

    `name` is plain, and nothing else of the basket has it. `size` is in bytes, as far as the
    archive says it; `checksum` is "<algorithm>:<hexadecimal digits>". A `signed` address opens
    for whoever has it until the session ends: it is shown nowhere.
    """

    name: str
    title: str
    url: str | None = field(default=None, repr=False)
    size: int | None = None
    checksum: str | None = None
    archive: str = ""
    publisher_did: str | None = None
    reason: str = ""
    signed: bool = False
