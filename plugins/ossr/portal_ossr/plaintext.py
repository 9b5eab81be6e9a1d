"""Descriptions in HTML as plain text."""

import html
import re

import nh3

MOST_CHARACTERS = 10_000
MOST_HTML = 50_000  # one element in another, again and again, takes time
UNSEEN = {"script", "style", "template", "head", "title", "noscript", "svg", "math"}
BLOCKS = {"p", "div", "ul", "ol", "table", "blockquote", "pre", "section", "hr"}
BLOCKS |= {f"h{level}" for level in range(1, 7)}
LINES = {"br": "\n", "li": "\n• ", "tr": "\n"}
TAG = re.compile(r"<(/?)([a-z0-9]+)>")


def plain_text(markup: str) -> str:
    """Return what a browser would show of a text, without any markup."""
    clean = nh3.clean(
        _kept(markup[:MOST_HTML], "\n\t"),
        tags=BLOCKS | LINES.keys(),
        clean_content_tags=UNSEEN,
        attributes={},
        link_rel=None,
    )
    lines = TAG.sub(_break, re.sub(r"\s+", " ", clean))
    text = _kept(html.unescape(lines), "\n")
    text = re.sub(r" *\n *", "\n", re.sub(r" +", " ", text))
    return re.sub(r"\n{3,}", "\n\n", text).strip()[:MOST_CHARACTERS]


def one_line(text: str) -> str:
    """Return a text with blanks for what cannot be printed."""
    return _kept(text, "")


def _break(tag: re.Match[str]) -> str:
    if tag[2] in BLOCKS:
        return "\n\n"
    return "" if tag[1] else LINES.get(tag[2], "")


def _kept(text: str, also: str) -> str:
    return "".join(one if one.isprintable() or one in also else " " for one in text)
