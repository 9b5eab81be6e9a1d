"""Descriptions in HTML as plain text."""

import re
from html.parser import HTMLParser

MOST_CHARACTERS = 10_000
MOST_HTML = 100_000
UNSEEN = frozenset({"script", "style", "template", "head", "title", "noscript", "svg", "math"})
BLOCKS = frozenset({"p", "div", "ul", "ol", "table", "blockquote", "pre", "section", "hr"})
BLOCKS |= {f"h{level}" for level in range(1, 7)}
LINES = frozenset({"br", "li", "tr"})


class _Text(HTMLParser):
    """Keeps the text between the tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in UNSEEN:
            self._unseen += 1
        elif tag in BLOCKS:
            self.parts.append("\n\n")
        elif tag in LINES:
            self.parts.append("\n• " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen = max(self._unseen - 1, 0)
        elif tag in BLOCKS:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(re.sub(r"\s+", " ", data))


def plain_text(html: str) -> str:
    """Return what a browser would show of a text, without any markup."""
    parser = _Text()
    parser.feed(html[:MOST_HTML])
    parser.close()
    text = one_line("".join(parser.parts), keep="\n")
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", re.sub(r"[ \t]+", " ", text))
    return re.sub(r"\n{3,}", "\n\n", text).strip()[:MOST_CHARACTERS]


def one_line(text: str, *, keep: str = "") -> str:
    """Return a text without what cannot be printed, but for the characters to keep."""
    return "".join(one if one.isprintable() or one in keep else " " for one in text)
