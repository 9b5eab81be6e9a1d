"""What a service says about its answer: DALI's QUERY_STATUS and the errors of older protocols."""

import html
import re

from portal.problems import ServiceError
from portal.tables.result import TableEnd
from portal.tables.votable.services import Services

MOST_INFOS = 200
LONGEST_TEXT = 20_000
LONGEST_SNIPPET = 300
ERROR_PARENTS = ("VOTABLE", "DEFINITIONS", "RESOURCE")
UNSEEN = re.compile(r"(?is)<(script|style)\b.*?(?:</\1\s*>|$)|<!--.*?(?:-->|$)|<[^>]*(?:>|$)")


class Status:
    """The INFO elements of a document, and the error that it reports, if any.

    An error is INFO QUERY_STATUS=ERROR (DALI 1.1, section 4.4), whose text is the message,
    or INFO or PARAM name="Error" (Simple Cone Search 1.03, section 2.3), whose value is. It
    may come before or after the table, and so may OVERFLOW. `services`, once it is set, gets
    the services that are described from there on.
    """

    def __init__(self) -> None:
        self.overflow = False
        self.error: str | None = None
        self.infos: list[tuple[str, str]] = []
        self.services: Services | None = None
        self._attributes: dict[str, str] = {}
        self._text = ""

    def begin(self, attributes: dict[str, str]) -> None:
        """Take the opening tag of an INFO or PARAM."""
        self._attributes, self._text = attributes, ""

    def text(self, text: str) -> None:
        """Take text inside an INFO."""
        if len(self._text) < LONGEST_TEXT:
            self._text += text

    def finish(self, element: str, parent: str) -> None:
        """Judge the INFO or PARAM that ends here."""
        name, value = self._attributes.get("name", ""), self._attributes.get("value", "")
        text = " ".join(self._text.split())
        if name == "QUERY_STATUS":
            self._judge(value.strip().upper(), text)
        elif name.casefold() == "error" and parent in ERROR_PARENTS:
            self.error = value or text or self.error
        if element == "INFO" and len(self.infos) < MOST_INFOS:
            self.infos.append((name, value or text))

    def raise_error(self) -> None:
        """Raise ServiceError with the service's own words, if it reported an error."""
        if self.error is not None:
            raise ServiceError(self.error)

    def table_end(self) -> TableEnd:
        """Return the end of a complete table; ServiceError if the service reported an error."""
        self.raise_error()
        services = self.services.documents if self.services else ()
        return TableEnd(overflow=self.overflow, infos=tuple(self.infos), services=services)

    def _judge(self, value: str, text: str) -> None:
        if value == "OVERFLOW":
            self.overflow = True
        if value == "ERROR":
            self.error = text or "The service reports an error without a message."


def snippet(document: bytes) -> str:
    """Return the first words of a document that is no VOTable, without its tags."""
    text = UNSEEN.sub(" ", document.decode("utf-8", "replace").replace("\0", ""))
    words = " ".join(html.unescape(text).split())
    return words if len(words) <= LONGEST_SNIPPET else words[: LONGEST_SNIPPET - 1] + "…"
