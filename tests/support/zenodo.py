"""Zenodo's records in a thread: searches by page, files by range; it refuses anything else."""

import io
import json
import re
import zipfile
from dataclasses import dataclass
from dataclasses import field
from urllib.parse import quote
from urllib.parse import urlencode

from tests.support.loopback import Exchange
from tests.support.loopback import Loopback

SEARCH = "/api/records"
KNOWN = {"q", "size", "page", "sort"}
QUERY = re.compile(r"communities:(\S+) AND type:software")


def record(number, *, community="escape2020", **more):
    """Return one record in the shape of Zenodo's own JSON."""
    metadata = {
        "title": f"Software {number}",
        "description": f"<p>What <b>software {number}</b> does.</p>",
        "publication_date": "2026-01-02",
        "creators": [{"name": "Lovelace, Ada", "affiliation": "X", "orcid": None}],
        "keywords": ["jupyter-notebook"],
        "license": {"id": "mit"},
        "version": "1.0",
        "resource_type": {"type": "software", "title": "Software"},
        "communities": [{"id": "other"}, {"id": community}],
        "related_identifiers": [
            {
                "identifier": f"https://github.com/escape/s{number}/tree/v1.0",
                "relation": "isSupplementTo",
                "scheme": "url",
            }
        ],
        "relations": {"version": [{"index": 0, "is_last": True}]},
    } | more.pop("metadata", {})
    return {
        "id": number,
        "conceptrecid": str(number - 1),
        "doi": f"10.5281/zenodo.{number}",
        "title": metadata["title"],
        "created": "2026-01-02T00:00:00+00:00",
        "updated": "2026-01-02T10:00:00.123456+00:00",
        "metadata": metadata,
        "files": [],
    } | more


def zipped(files, *, compression=zipfile.ZIP_DEFLATED):
    """Return an archive of these files, by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@dataclass
class Zenodo:
    """The site at `url`; it `forgets` communities, as it does those that it does not know."""

    server: Loopback
    records: list[dict] = field(default_factory=list)
    forgets: bool = False
    busy: list[dict] = field(default_factory=list)
    ignores_ranges: bool = False
    spans: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.server.routes[SEARCH] = self.search

    @property
    def url(self):
        return self.server.url

    def add_file(self, one, name, content):
        """Give a record a file."""
        path = f"/api/records/{one['id']}/files/{quote(name)}/content"
        self.server.routes[path] = lambda exchange: self.send(exchange, content)
        link = {"self": f"{self.url}{path}"}
        one["files"].append({"id": "x", "key": name, "size": len(content), "links": link})

    def search(self, exchange: Exchange):
        """Answer a search as Zenodo does since 2025."""
        if self.busy:
            headers = self.busy.pop(0)
            return self.reply(exchange, {"message": "429 Too Many Requests"}, status=429, **headers)
        form = exchange.form
        size, page = int(form.get("size", 10)), int(form.get("page", 1))
        asked = QUERY.fullmatch(form.get("q", ""))
        if set(form) - KNOWN or asked is None:
            return self.reply(exchange, {"message": "unknown parameter"}, status=400)
        if size > 25:
            return self.reply(
                exchange, {"message": "Page size cannot be greater than 25."}, status=400
            )
        found = [one for one in self.records if self.forgets or self.is_of(one, asked[1])]
        links = {"self": f"{self.url}{SEARCH}"}
        if page * size < len(found):
            links["next"] = f"{self.url}{SEARCH}?{urlencode(form | {'page': page + 1})}"
        hits = found[(page - 1) * size : page * size]
        return self.reply(
            exchange,
            {"hits": {"hits": hits, "total": len(found)}, "aggregations": {}, "links": links},
        )

    @staticmethod
    def is_of(one, community):
        members = one["metadata"].get("communities")
        return isinstance(members, list) and {"id": community} in members

    @staticmethod
    def reply(exchange, document, *, status=200, **headers):
        exchange.answer(
            json.dumps(document), status=status, content_type="application/json", **headers
        )

    def send(self, exchange: Exchange, content: bytes):
        """Send a file, or the piece of it that is asked for."""
        span = exchange.headers.get("range")
        if span is None or self.ignores_ranges:
            exchange.answer(content, content_type="application/octet-stream")
            return
        self.spans.append(span)
        first, last = map(int, span.removeprefix("bytes=").split("-"))
        exchange.answer(
            content[first : last + 1],
            status=206,
            content_type="application/octet-stream",
            content_range=f"bytes {first}-{last}/{len(content)}",
        )
