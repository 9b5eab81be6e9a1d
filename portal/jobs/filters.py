"""What the address of the list of jobs asks for: which jobs, and which page of them."""

from dataclasses import dataclass
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from datetime import UTC
from typing import Any

from werkzeug.datastructures import MultiDict

from portal.plugins.registry import PluginRegistry
from portal.problems import NotFoundError
from portal.problems import UsageError
from portal.uws.listing import JobFilter
from portal.uws.listing import Place
from portal.uws.phases import ExecutionPhase

LONGEST_TEXT = 200
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAddress:
    """The address of a list of jobs, as its query string has it.

    `archive` is the id of an archive or of a query; `since` and `until` are days, both
    included, or instants, in UTC. `parts` are jobs that another job made.
    """

    text: str = ""
    archive: str = ""
    phases: tuple[ExecutionPhase, ...] = ()
    since: str = ""
    until: str = ""
    parts: bool = False
    older: Place | None = None
    newer: Place | None = None

    @classmethod
    def read(cls, arguments: MultiDict[str, str]) -> "ListAddress":
        """Read a query string; raises UsageError. A place that is none is the beginning."""
        return cls(
            text=arguments.get("text", "").replace("\0", "").strip()[:LONGEST_TEXT],
            archive=arguments.get("archive", ""),
            phases=tuple(_read_phase(text) for text in arguments.getlist("phase")),
            since=arguments.get("since", "").strip(),
            until=arguments.get("until", "").strip(),
            parts="parts" in arguments,
            older=Place.read(arguments.get("older", "")),
            newer=Place.read(arguments.get("newer", "")),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether some jobs may be left out."""
        return any((self.text, self.archive, self.phases, self.since, self.until))

    def arguments(self, **places: Place | None) -> dict[str, Any]:
        """Return the query string of the same list at another place, or at its beginning."""
        asked = {
            "text": self.text,
            "archive": self.archive,
            "phase": [phase.value for phase in self.phases],
            "since": self.since,
            "until": self.until,
            "parts": "1" if self.parts else "",
            **places,
        }
        return {name: value for name, value in asked.items() if value}

    def here(self) -> dict[str, Any]:
        """Return the query string of this very page."""
        return self.arguments(older=self.older, newer=self.newer)

    def job_filter(self, registry: PluginRegistry) -> JobFilter:
        """Return which jobs are asked for; raises UsageError for what is no day."""
        return JobFilter(
            phases=self.phases,
            types=_types_of(self.archive, registry) if self.archive else None,
            text=self.text,
            after=_read_time(self.since) if self.since else None,
            before=_read_time(self.until, of_day_after=True) if self.until else None,
            parts=self.parts,
        )


def _read_phase(text: str) -> ExecutionPhase:
    try:
        return ExecutionPhase(text.strip().upper())
    except ValueError:
        raise UsageError(f"A phase is one of {', '.join(ExecutionPhase)}.") from None


def _read_time(text: str, *, of_day_after: bool = False) -> datetime:
    try:
        if len(text) > len("2026-01-31"):
            instant = datetime.fromisoformat(text)
            return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
        day = date.fromisoformat(text) + (DAY if of_day_after else timedelta(0))
    except (ValueError, OverflowError):
        raise UsageError("Write a day such as 2026-01-31, in UTC.") from None
    return datetime.combine(day, time.min, UTC)


def _types_of(archive_id: str, registry: PluginRegistry) -> frozenset[str]:
    """Return the job types of an archive; what is no archive is a type, perhaps of old jobs."""
    try:
        return frozenset(query.id for query in registry.archive(archive_id).queries)
    except NotFoundError:
        return frozenset({archive_id})
