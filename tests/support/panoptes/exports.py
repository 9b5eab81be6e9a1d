"""Exports: made on request, after a while, and kept behind signed addresses."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from itertools import count

from tests.support.loopback import Exchange
from tests.support.loopback import Route
from tests.support.panoptes.answers import RefusalError
from tests.support.panoptes.answers import sent_json

STORE = "/store/"
EXPIRED = (
    '<?xml version="1.0" encoding="utf-8"?><Error><Code>AuthenticationFailed</Code>'
    "<Message>Signature not valid in the specified time frame</Message></Error>"
)
MEDIA_NAMES = {"content_type", "metadata"}


@dataclass
class Exports:
    """Exports by the end of their addresses, such as "projects/1/subjects_export".

    `states` is what an export is in one look after the other once it was asked for; the last
    one stays; `to_come` are those of one export. `text` makes the file of one. `instead`
    answers for the store.
    """

    url: str
    media: dict[str, dict] = field(default_factory=dict)
    states: list[str] = field(default_factory=lambda: ["creating", "ready"])
    text: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    good_links: set[str] = field(default_factory=set)
    links_given: int = 0
    first_good_link: int = 1
    instead: Route | None = None
    to_come: dict[str, list[str]] = field(default_factory=dict)
    _numbers: Callable[[], int] = field(default_factory=lambda: count(101).__next__)

    def have(self, path: str, text: str, *, state: str = "ready", updated: str = "2024") -> None:
        """Have an export that was asked for some time ago."""
        self.media[path] = {
            "id": str(self._numbers()),
            "href": f"/{path}",
            "content_type": "text/csv",
            "media_type": path.replace("s/", "_"),
            "external_link": False,
            "created_at": "2023-01-01T00:00:00.000Z",
            "updated_at": f"{updated}-01-01T00:00:00.000Z",
            "metadata": {"state": state, "recipients": [7]},
            "links": {"linked": {"href": "/projects/1", "id": "1", "type": "projects"}},
        }
        self.text[path] = text

    def show(self, path: str) -> dict:
        """Return what there is, one state later than at the last look."""
        if path not in self.media:
            kind, number, category = path.split("/")
            raise RefusalError(404, f"No {category} exists for {kind.rstrip('s')} #{number}")
        medium = self.media[path]
        left = self.to_come.get(path)
        if left:
            medium["metadata"]["state"] = left.pop(0) if len(left) > 1 else left[0]
        return {"media": [medium | {"src": self._signed(path)}]}

    def make(self, path: str, exchange: Exchange) -> dict:
        """Begin to make one, in place of what there was."""
        asked = sent_json(exchange)
        if asked.keys() != {"media"} or not asked["media"].keys() <= MEDIA_NAMES:
            raise RefusalError(422, "found unpermitted parameter")
        if asked["media"].get("content_type") != "text/csv":
            raise RefusalError(422, "Content-Type for exports must be one of text/csv")
        self.asked.append(path)
        self.have(path, self.text.get(path, ""), state="creating", updated="2026")
        self.to_come[path] = list(self.states)
        return {"media": [self.media[path] | {"src": self._signed(path)}]}

    def download(self, exchange: Exchange) -> None:
        """Answer for the store: with a compressed file, where the signature is still good."""
        if "authorization" in exchange.headers:
            exchange.answer("two ways to log in", status=400, content_type="text/plain")
        elif self.instead is not None:
            self.instead(exchange)
        elif exchange.query.removeprefix("sig=") not in self.good_links:
            exchange.answer(EXPIRED, status=403, content_type="application/xml")
        else:
            path = exchange.path.removeprefix(STORE)
            exchange.answer(
                gzip.compress(self.text[path].encode()),
                content_type="text/csv",
                content_encoding="gzip",
            )

    def _signed(self, path: str) -> str:
        self.links_given += 1
        signature = f"secret-{self.links_given}"
        if self.links_given >= self.first_good_link:
            self.good_links.add(signature)
        return f"{self.url}{STORE}{path}?sig={signature}"
