"""The queries that a service proposes: its DALI /examples (DALI 1.1, section 2.3)."""

from collections.abc import Sequence
from html.parser import HTMLParser

from portal_vo.metadata.records import ServiceExample

MOST_EXAMPLES = 200
MOST_TEXT = 20_000
EMPTY = frozenset(
    {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
)


class ExamplesParser(HTMLParser):
    """Reads RDFa of a page that may be XHTML or not quite; keeps text, never markup.

    `continuations` are the addresses of pages with more examples.
    """

    def __init__(self) -> None:
        """Start without examples."""
        super().__init__(convert_charrefs=True)
        self.continuations: list[str] = []
        self._examples: list[ServiceExample] = []
        self._open: list[tuple[str, str | None]] = []  # tag, and the property it holds
        self._start: int | None = None  # how deep the example that is read lies
        self._texts: dict[str, list[str]] = {}

    @property
    def examples(self) -> Sequence[ServiceExample]:
        """The examples that came so far and have a query."""
        return self._examples[:MOST_EXAMPLES]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read an element without content."""
        self._note(dict(attrs))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read the beginning of an element."""
        given = dict(attrs)
        prop = self._note(given)
        if tag in EMPTY:
            return
        if self._start is None and _names_example(given.get("typeof")):
            self._start = len(self._open)
            self._texts = {}
        self._open.append((tag, prop))

    def handle_endtag(self, tag: str) -> None:
        """Read the end of an element; those inside that never ended end with it."""
        depth = next(
            (i for i in range(len(self._open) - 1, -1, -1) if self._open[i][0] == tag), None
        )
        if depth is None:
            return
        del self._open[depth:]
        if self._start is not None and depth <= self._start:
            self._finish()

    def handle_data(self, data: str) -> None:
        """Keep the text of an example, by the innermost property around it."""
        if self._start is not None:
            around = [prop for _, prop in self._open[self._start :] if prop]
            self._texts.setdefault(around[-1] if around else "", []).append(data)

    def close(self) -> None:
        """Take what a page that breaks off has."""
        super().close()
        if self._start is not None:
            self._finish()

    def _note(self, given: dict[str, str | None]) -> str | None:
        """Return the property of an element, in lower case and without its prefix."""
        prop = (given.get("property") or "").strip().lower().rpartition(":")[2] or None
        if prop == "continuation" and given.get("href"):
            self.continuations.append(given["href"] or "")
        if prop and given.get("content") and self._start is not None:
            self._texts.setdefault(prop, []).append(given["content"] or "")
        return prop

    def _finish(self) -> None:
        self._start = None
        query = "".join(self._texts.get("query", ())).strip()
        if not query or len(query) > MOST_TEXT:
            return
        told = [
            text for name, texts in self._texts.items() if name in ("", "table") for text in texts
        ]
        title = _one_line(self._texts.get("name", ())) or _one_line([query])
        self._examples.append(
            ServiceExample(title=title[:200], query=query, description=_one_line(told)[:1_000])
        )


def read_examples(page: str) -> ExamplesParser:
    """Return the reader of a page, at its end."""
    parser = ExamplesParser()
    parser.feed(page)
    parser.close()
    return parser


def _names_example(typeof: str | None) -> bool:
    return any(one.rpartition(":")[2] == "example" for one in (typeof or "").lower().split())


def _one_line(texts: Sequence[str]) -> str:
    return " ".join("".join(texts).split())
