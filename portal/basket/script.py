"""A Python script that downloads the files of a basket, to run anywhere without the portal."""

import json
from collections.abc import Sequence
from importlib.resources import files

from portal.basket.downloading import DOWNLOADING
from portal.basket.downloading import downloading_code
from portal.basket.downloading import FileNames
from portal.basket.models import BasketItem
from portal.links import safe_href

TEMPLATE = files("portal.basket") / "download_script.txt"
PLACE = "__FILES__"
HOST = "__PORTAL__"


def write_script(items: Sequence[BasketItem], *, portal: str) -> str:
    """Return a script that downloads what the items link to.

    Each link is JSON in ASCII inside of a literal in ASCII: no title, name or address in it can
    end the literal or mean anything to a shell. The token of the portal stands in no
    script; a program reads it from PORTAL_TOKEN, and sends it to the portal's own address only.
    """
    lines = [f"    {json.dumps(json.dumps(one))}," for one in _files(items)]
    template = TEMPLATE.read_text(encoding="ascii").replace(DOWNLOADING, downloading_code())
    return template.replace(HOST, json.dumps(portal)).replace(PLACE, "\n".join(["", *lines, ""]))


def _files(items: Sequence[BasketItem]) -> list[dict[str, str]]:
    names = FileNames()
    links = [(item, safe_href(item.access_url)) for item in items]
    return [
        {"url": url, "name": names.take(url, item.title, number)}
        for number, (item, url) in enumerate(links, start=1)
        if url is not None
    ]
