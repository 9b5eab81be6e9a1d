"""Text of a remote table as markup: escaped, cut where it is long, linked where it is safe."""

import pyarrow as pa
import pyarrow.compute as pc
from markupsafe import escape

from portal.links import safe_href
from portal.links import short_address

NULL = '<span class="null" title="no value">—</span>'
SUMMARY_LENGTH = 120
WHOLE_LENGTH = 4_000
BYTES_READ_UNCUT = 100_000
MEGABYTE = 1_000_000
SEPARATOR = "\x1f"


def render_texts(values: pa.Array) -> list[str]:
    """Return the markup of every text of a column.

    A text that is a web address becomes a link. One longer than `SUMMARY_LENGTH` opens with
    its summary; of one longer than `WHOLE_LENGTH` only so much is there, and its size.
    """
    is_large = values.nbytes > BYTES_READ_UNCUT
    texts = (
        pc.utf8_slice_codeunits(values, 0, WHOLE_LENGTH + 1) if is_large else values
    ).to_pylist()
    rendered = _escape_all([text or "" for text in texts])
    for place, text in enumerate(texts):
        if text is None:
            rendered[place] = NULL
        elif len(text) > WHOLE_LENGTH:
            rendered[place] = _cut_text(text, pc.binary_length(values[place]).as_py())
        elif "://" in text and (address := safe_href(text)) and len(address.split()) == 1:
            rendered[place] = _link(address)
        elif len(text) > SUMMARY_LENGTH:
            rendered[place] = _long_text(text)
    return rendered


def _escape_all(texts: list[str]) -> list[str]:
    """Escape many texts in one call, where none contains the character that joins them."""
    escaped = str(escape(SEPARATOR.join(texts))).split(SEPARATOR)
    return escaped if len(escaped) == len(texts) else [str(escape(text)) for text in texts]


def _link(address: str) -> str:
    shown = escape(short_address(address))
    href = escape(address)
    return f'<a href="{href}" target="_blank" rel="noopener noreferrer">{shown}</a>'


def _long_text(text: str) -> str:
    return _details(text, escape(text))


def _cut_text(text: str, size: int) -> str:
    kept = escape(text[:WHOLE_LENGTH])
    return _details(text, f"{kept}… <em>({_in_words(size)}; the rest is in the downloads)</em>")


def _details(text: str, whole: str) -> str:
    summary = escape(text[:SUMMARY_LENGTH])
    return f"<details><summary>{summary}…</summary>{whole}</details>"


def _in_words(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= MEGABYTE else f"{size / 1e3:,.1f} kB"
