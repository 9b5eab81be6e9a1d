"""Files that a request names: they come along in a basket, which is made when it is launched."""

from collections.abc import Sequence

from portal.analysis.planning.fields import Fields
from portal.analysis.planning.tasks import NamedAddress
from portal.analysis.planning.tasks import read_kind
from portal.analysis.planning.tasks import TITLE_LENGTH
from portal.basket.adding import address_as_item
from portal.basket.adding import insert
from portal.basket.baskets import begin_basket
from portal.basket.models import NAME_LENGTH
from portal.basket.reach import hold
from portal.basket.reach import Visitor
from portal.problems import UsageError

KIND = "simple-data-resource"
MOST_FILES = 200
SOURCE = "Named in a request to the Execution Broker"


def read_data(resources: Fields) -> tuple[list[NamedAddress], list[str]]:
    """Return the files that are named, and what is against them; raises FieldError."""
    named, refusals = [], []
    parts = resources.parts("data")
    if len(parts) > MOST_FILES:
        raise resources.error("data", f"Up to {MOST_FILES} files can be named.")
    for one in parts:
        if (name := read_kind(one)) != KIND:
            refusals.append(f"The kind of data {name!r} is not known here.")
            continue
        named.append(_read_address(one))
    return named, refusals


def fill_basket(owner: str, title: str, data: Sequence[NamedAddress], *, mark: str) -> str | None:
    """Make a basket of the owner with these files, and return its id; None without any.

    `mark` tells its name from others. Commits nothing. Raises UsageError when the owner has
    as many baskets as one may have.
    """
    if not data:
        return None
    end = f" ({mark})"
    basket = begin_basket(owner, f"{title[: NAME_LENGTH - len(end)]}{end}", choose=False)
    held = hold(basket.id, Visitor(owner=owner))
    insert(held, [address_as_item(url, title=name, source=SOURCE) for name, url in data])
    return basket.id


def _read_address(place: Fields) -> NamedAddress:
    url = place.text("location")
    if url is None:
        raise place.error("location", "Say where the file is.")
    name = place.inner("meta").text("name", most=TITLE_LENGTH) or ""
    try:
        address_as_item(url, title=name, source=SOURCE)
    except UsageError as error:
        raise place.error("location", error.message) from error
    return name, url
