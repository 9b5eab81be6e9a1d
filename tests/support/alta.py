"""ALTA's API in a thread: data products by page, and refusal of what it does not know."""

import json
import math
from dataclasses import dataclass
from dataclasses import field

from tests.support.loopback import Exchange
from tests.support.loopback import Loopback

PATH = "/altapi/dataproducts"
FILTERS = {
    "dataProductType": lambda one, value: one["dataProductType"] == value,
    "dataProductSubType__in": lambda one, value: one["dataProductSubType"] in value.split(","),
    "release__release_id": lambda one, value: one["derived_release_id"] == value,
    "target__icontains": lambda one, value: value.lower() in one["name"].lower(),
}
KNOWN = {*FILTERS, "view_ra", "view_dec", "view_fov", "page", "page_size"}


def product(number, *, subtype="continuumMF", type="image", ra=10.0, dec=20.0, **more):
    """Return one data product as the API has it."""
    task = f"190{number:06d}_AP_B000"
    return {
        "id": number,
        "name": f"image_mf_{number:02d}.fits",
        "PID": f"21.12136/{number:08d}",
        "dataProductType": type,
        "dataProductSubType": subtype,
        "generatedByActivity": [task],
        "datasetID": task,
        "RA": str(ra),
        "dec": str(dec),
        "fov": "0.5",
        "derived_release_id": "APERTIF_DR1_Imaging",
        "calibrationLevel": "2",
        "thumbnail": f"/alta-static//media/{task}/image_mf_{number:02d}.png",
        "storageRef": f"{task}/image_mf_{number:02d}.fits",
    } | more


@dataclass
class Alta:
    """The API at `url`; it refuses parameters that it does not have, unless it `ignores` them."""

    server: Loopback
    products: list[dict] = field(default_factory=list)
    most: int = 500
    ignores: frozenset[str] = frozenset()
    asked: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self):
        self.server.routes[PATH] = self.reply

    @property
    def url(self):
        return f"{self.server.url}/altapi"

    def reply(self, exchange: Exchange):
        form = exchange.form
        self.asked.append(form)
        unknown = set(form) - KNOWN
        if unknown:
            words = {name: ["Unknown filter."] for name in unknown}
            exchange.answer(json.dumps(words), status=400, content_type="application/json")
            return
        found = [one for one in self.products if self._fits(one, form)]
        size = min(int(form.get("page_size", self.most)), self.most)
        page, pages = int(form.get("page", 1)), max(1, math.ceil(len(found) / size))
        document = {
            "count": len(found),
            "pages": pages,
            "links": {"next": None, "previous": None},
            "results": found[(page - 1) * size : page * size],
        }
        exchange.answer(json.dumps(document), content_type="application/json")

    def _fits(self, one, form):
        named = (name for name in form if name in FILTERS and name not in self.ignores)
        return all(FILTERS[name](one, form[name]) for name in named) and _is_near(one, form)


def _is_near(one, form):
    if "view_ra" not in form:
        return True
    ra, dec, fov = (float(form[name]) for name in ("view_ra", "view_dec", "view_fov"))
    return math.hypot(float(one["RA"]) - ra, float(one["dec"]) - dec) <= fov
