"""Work that comes round by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A job that the portal makes once in every period, and once when the period is new.

    `query` is the id of one of the plugin's queries, `parameters` are what its form would
    send. Periods are counted from the epoch, in UTC, so that several hosts agree on them.
    """

    id: str
    title: str
    every: timedelta
    query: str
    parameters: Mapping[str, str] = field(default_factory=dict)
