"""Tell browsers from programs that say they accept HTML."""

HTML = "text/html"
XHTML = "application/xhtml+xml"


def asks_for_pages(accept: str) -> bool:
    """Say whether an Accept header is that of somebody who wants to see HTML.

    Java asks for HTML, and then for anything, when a program (TOPCAT, STILTS) asks for
    nothing; some of its versions do so in a way that no parser accepts. Browsers ask for
    XHTML as well.
    """
    return HTML in accept and (XHTML in accept or "*/*" not in accept)
