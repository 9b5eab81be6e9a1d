"""How pages write instants (in UTC), durations and sizes, and which page of a list they show."""

from datetime import datetime
from datetime import timedelta
from datetime import UTC

from flask import Flask
from flask import request

MINUTE = 60
HOUR = 3600
AGES = ((86_400, "day"), (HOUR, "hour"), (MINUTE, "minute"))
SHORT = 10
KILO = 1000


def init_app(app: Flask) -> None:
    """Offer the filters to the templates."""
    app.add_template_filter(iso)
    app.add_template_filter(instant)
    app.add_template_filter(duration)
    app.add_template_filter(file_size)
    app.add_template_filter(ago)


def requested_page(count: int, size: int) -> tuple[int, int]:
    """Return the number of the page that `?page=` asks for, from 1, and how many there are.

    An absurd number becomes the nearest page that exists.
    """
    pages = max(1, -(-count // size))
    return min(max(request.args.get("page", 1, type=int), 1), pages), pages


def iso(time: datetime) -> str:
    """Write an instant for machines: ISO 8601 with Z."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant(time: datetime) -> str:
    """Write an instant for people, in UTC, to the second; the zone stands beside it."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def duration(span: timedelta) -> str:
    """Write a duration: "0.42 s", "12 s", "3 min 20 s", "2 h 5 min"."""
    seconds = max(span.total_seconds(), 0.0)
    if seconds < SHORT:
        return f"{seconds:.2g} s"
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE:.0f} min {seconds % MINUTE:.0f} s"
    return f"{seconds // HOUR:.0f} h {seconds % HOUR // MINUTE:.0f} min"


def ago(time: datetime) -> str:
    """Write how long ago something was, in one number: "3 hours ago", "just now"."""
    seconds = int((datetime.now(UTC) - time).total_seconds())
    for length, unit in AGES:
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


def file_size(count: int) -> str:
    """Write a number of bytes in decimal units: "512 B", "1.4 MB"."""
    if count < KILO:
        return f"{count} B"
    size = float(count)
    for unit in ("kB", "MB", "GB"):
        size /= KILO
        if size < KILO - 0.5:
            return f"{size:.2g} {unit}" if size < SHORT else f"{size:.0f} {unit}"
    return f"{size / KILO:.2g} TB"
