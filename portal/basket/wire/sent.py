"""What callers of the API of baskets send."""

from typing import Annotated
from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from portal.basket.adding import MOST_ADDRESS
from portal.basket.adding import MOST_ITEMS
from portal.basket.contents import NOTE_LENGTH
from portal.basket.contents import SEARCH_LENGTH
from portal.basket.models import NAME_LENGTH
from portal.basket.sharing import LONGEST_DAYS

MOST_LISTED = 1_000
ITEM_IDS = Annotated[list[str], Field(max_length=MOST_ITEMS)]


class Sent(BaseModel):
    """What callers send: nothing beside the fields, and no other types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NewBasket(Sent):
    """A basket to be made."""

    name: str = Field(max_length=NAME_LENGTH)
    current: bool = Field(default=True, description="Whether it becomes the current basket")


class BasketEdit(Sent):
    """What of a basket is to be changed."""

    name: str | None = Field(default=None, max_length=NAME_LENGTH)
    current: Literal[True] | None = Field(default=None, description="Make it the current basket")


class RowsOfResult(Sent):
    """Rows of a job's result, by their numbers from 0, or all of them."""

    job: str
    result: str = "result"
    rows: Literal["all"] | list[Annotated[int, Field(ge=0)]]


class TypedAddress(Sent):
    """The whole http or https address of a file."""

    url: str = Field(max_length=MOST_ADDRESS)
    title: str = Field(default="", max_length=300)
    note: str = Field(default="", max_length=NOTE_LENGTH)


class ItemIds(Sent):
    """Items by their ids."""

    items: ITEM_IDS


class Move(Sent):
    """Items by their ids, and the basket that they go to."""

    items: ITEM_IDS
    target: str


class Note(Sent):
    """A note at an item; an empty one takes it away."""

    note: str = Field(max_length=NOTE_LENGTH)


class ShareWish(Sent):
    """For whom a basket is opened: whoever has the link, or a group of yours."""

    may_edit: bool = False
    days: int | None = Field(default=None, ge=1, le=LONGEST_DAYS)
    label: str = Field(default="", max_length=NAME_LENGTH)
    group: str | None = None


class Piece(BaseModel):
    """Which items of a long list, and in which order."""

    model_config = ConfigDict(extra="ignore")

    search: str = Field(default="", max_length=SEARCH_LENGTH, description="Words, each found")
    sort: str | None = Field(default=None, description='"title", or "-title" for the last first')
    offset: int = Field(default=0, ge=0, le=MOST_ITEMS)
    limit: int = Field(default=MOST_LISTED, ge=1, le=MOST_LISTED)
