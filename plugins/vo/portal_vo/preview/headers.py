"""The headers of a FITS file as rows."""

from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from astropy.io.fits import Card
from astropy.io.fits.verify import VerifyError

LONGEST = 2_000

Row = tuple[int, str, str, str, str]


def header_rows(hdus: Sequence[Any]) -> Iterator[Row]:
    """Go through the cards of all headers."""
    for number, hdu in enumerate(hdus):
        kind = str(hdu.header.get("XTENSION", "IMAGE" if number else "PRIMARY")).strip()
        extension = " ".join(filter(None, (kind, "" if hdu.name == kind else str(hdu.name))))
        for card in hdu.header.cards:
            if card.keyword or card.value:
                yield number, extension, *_texts(card)


def _texts(card: Card) -> tuple[str, str, str]:
    try:
        texts = card.keyword, _text(card.value), str(card.comment)
    except (VerifyError, ValueError):  # a card that breaks the standard is shown as it is
        texts = card.keyword, card.image, ""
    keyword, value, comment = (_shown(text) for text in texts)
    return keyword, value, comment


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "T" if value else "F"
    return str(value) if type(value).__name__ != "Undefined" else ""


def _shown(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)[:LONGEST].rstrip()
