"""Service descriptors that follow a table: DataLink 1.1, section 4. Collected as XML, not read."""

from collections.abc import Sequence
from xml.sax.saxutils import escape
from xml.sax.saxutils import quoteattr

SERVICE = "adhoc:service"
LONGEST = 256 * 1024


class Services:
    """Collects the resources of a document that describe services, as long as they are short."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._parts: list[str] = []
        self._depth = 0
        self._size = 0

    @property
    def documents(self) -> tuple[str, ...]:
        """The resources that have ended, without namespaces."""
        return tuple(self._done)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take an opening tag, its name without a prefix."""
        if not self._depth and not _is_service(name, attributes):
            return
        self._depth += 1
        plain = ((key, value) for key, value in attributes.items() if ":" not in key)
        self._add(f"<{name}{''.join(f' {key}={quoteattr(value)}' for key, value in plain)}>")

    def text(self, text: str) -> None:
        """Take text."""
        if self._depth:
            self._add(escape(text))

    def end(self, name: str) -> None:
        """Take a closing tag."""
        if not self._depth:
            return
        self._add(f"</{name}>")
        self._depth -= 1
        if not self._depth:
            if self._size <= LONGEST:
                self._done.append("".join(self._parts))
            self._parts = []

    def _add(self, text: str) -> None:
        self._size += len(text)
        if self._size <= LONGEST:
            self._parts.append(text)


def with_services(header: str | None, services: Sequence[str]) -> str | None:
    """Return the header of a table with the services that were described after it."""
    if header is None or not services:
        return header
    at = header.rindex("</")
    return f"{header[:at]}{''.join(services)}{header[at:]}"


def _is_service(name: str, attributes: dict[str, str]) -> bool:
    return name == "RESOURCE" and attributes.get("utype", "").casefold() == SERVICE
