"""Numbers and addresses in words."""

from typing import Any

ALL = 0.999
LEAST = 0.001


def words_of_fraction(fraction: float | None) -> str:
    """Return a part of the sky in words; empty when it is not known."""
    if fraction is None:
        return ""
    if fraction >= ALL:
        return "All of the sky"
    if fraction < LEAST:
        return "Less than 0.1 % of the sky"
    return f"{100 * fraction:.2g} % of the sky"


def web_page(url: Any) -> str | None:
    """Return an address that a browser may safely follow: anybody can register anything."""
    text = str(url or "").strip()
    return text if text.lower().startswith(("http://", "https://")) else None
