"""The script that fetches the files, and the document that says which."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from importlib.resources import files

from portal.analysis.staging.items import StagedItem
from portal.basket.downloading import DOWNLOADING
from portal.basket.downloading import downloading_code

TEMPLATE = files("portal.analysis.staging") / "stage_script.txt"
PLACE = "__BASKET__"
DATA_FOLDER = "data"
GIGABYTE = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedBasket:
    """The files that go with one session: `portal` is where they come from, for people.

    `most_bytes` and `seconds` bound all files together; what is beyond is listed as failed.
    """

    items: Sequence[StagedItem]
    portal: str
    id: str | None = None
    name: str = ""
    folder: str = DATA_FOLDER
    most_bytes: int = 50 * GIGABYTE
    seconds: int = 3600
    at_once: int = 4


def stage_script(basket: str) -> str:
    """Return a program that reads its document at that path, relative to the current folder."""
    template = TEMPLATE.read_text(encoding="ascii")
    return template.replace(DOWNLOADING, downloading_code()).replace(PLACE, json.dumps(basket))


def basket_document(basket: StagedBasket) -> str:
    """Return what the script reads: JSON in ASCII, and nothing of it is ever run."""
    document = {
        "portal": basket.portal,
        "basket": {"id": basket.id, "name": basket.name},
        "folder": basket.folder,
        "most_bytes": basket.most_bytes,
        "seconds": basket.seconds,
        "at_once": basket.at_once,
        "items": [asdict(item) for item in basket.items],
    }
    return json.dumps(document, indent=1) + "\n"
