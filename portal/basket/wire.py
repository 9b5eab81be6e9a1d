"""What the API of baskets takes and answers; its documentation is made of these models."""

from typing import Annotated
from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from portal.basket.adding import Added
from portal.basket.adding import MOST_ADDRESS
from portal.basket.adding import MOST_ITEMS
from portal.basket.contents import NOTE_LENGTH
from portal.basket.contents import SEARCH_LENGTH
from portal.basket.contents import Total
from portal.basket.models import Basket
from portal.basket.models import BasketChange
from portal.basket.models import BasketItem
from portal.basket.models import BasketShare
from portal.basket.models import NAME_LENGTH
from portal.basket.sharing import LONGEST_DAYS
from portal.display import iso

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


class BasketOut(BaseModel):
    """A basket. `ref` names it in addresses; `bytes` sums up the sizes that are known."""

    ref: str
    name: str
    owned: bool
    editable: bool
    current: bool
    created: str
    version: int
    count: int
    bytes: int | None = None
    unknown_sizes: int | None = None

    @classmethod
    def of(
        cls, basket: Basket, *, ref: str, owned: bool, editable: bool, current: bool, total: Total
    ) -> "BasketOut":
        """Write a basket with its total."""
        return cls(
            ref=ref,
            name=basket.name,
            owned=owned,
            editable=editable,
            current=current,
            created=iso(basket.creation_time),
            version=basket.version,
            count=total.count,
            bytes=total.bytes,
            unknown_sizes=total.unknown,
        )


class BasketsOut(BaseModel):
    """The caller's baskets, by name, and then those that others share with his groups."""

    baskets: list[BasketOut]


class ItemOut(BaseModel):
    """An item: where it comes from, ObsCore's words for it, and what a link check found.

    `access_estsize` is in kilobytes, as ObsCore has it; `link_size` in bytes.
    """

    id: str
    origin: str
    archive: str
    job: str | None
    result: str | None
    row: int | None
    rows: int
    source_query: str
    added: str
    note: str
    title: str
    dataproduct_type: str | None
    obs_collection: str | None
    obs_id: str | None
    obs_publisher_did: str | None
    target_name: str | None
    s_ra: float | None
    s_dec: float | None
    access_url: str | None
    access_format: str | None
    access_estsize: int | None
    link_state: str | None
    link_checked: str | None
    link_size: int | None
    link_type: str | None

    @classmethod
    def of(cls, item: BasketItem) -> "ItemOut":
        """Write an item."""
        return cls(
            id=item.id,
            origin=item.origin,
            archive=item.archive_id,
            job=item.job_id,
            result=item.result_name,
            row=None if item.is_whole_result else item.row_number,
            rows=item.row_count,
            source_query=item.source_query,
            added=iso(item.added_time),
            note=item.note,
            title=item.title,
            dataproduct_type=item.dataproduct_type,
            obs_collection=item.obs_collection,
            obs_id=item.obs_id,
            obs_publisher_did=item.publisher_did,
            target_name=item.target_name,
            s_ra=item.s_ra,
            s_dec=item.s_dec,
            access_url=item.access_url,
            access_format=item.access_format,
            access_estsize=item.access_estsize,
            link_state=item.link_state,
            link_checked=None if item.checked_time is None else iso(item.checked_time),
            link_size=item.link_size,
            link_type=item.link_type,
        )


class ItemsOut(BaseModel):
    """A piece of a list of items, and how many there are in all."""

    count: int
    version: int
    items: list[ItemOut]


class AddedOut(BaseModel):
    """How many items are new, and how many had been there."""

    new: int
    known: int

    @classmethod
    def of(cls, added: Added) -> "AddedOut":
        """Write it."""
        return cls(new=added.new, known=added.known)


class RemovedOut(BaseModel):
    """How many items were removed."""

    removed: int


class MovedOut(BaseModel):
    """How many items were moved."""

    moved: int


class UndoneOut(BaseModel):
    """How many items are as before."""

    undone: int


class JobOut(BaseModel):
    """A job that was made, by its id in the tree of the job service."""

    job: str


class ChangeOut(BaseModel):
    """What was done with a basket."""

    id: str
    time: str
    kind: str
    via: str
    count: int
    about: str
    undone: bool
    undoable: bool

    @classmethod
    def of(cls, change: BasketChange, *, undoable: bool) -> "ChangeOut":
        """Write a change."""
        return cls(
            id=change.id,
            time=iso(change.time),
            kind=change.kind,
            via=change.via,
            count=change.count,
            about=change.about,
            undone=change.undone_time is not None,
            undoable=undoable,
        )


class ChangesOut(BaseModel):
    """What was done with a basket, the latest first."""

    changes: list[ChangeOut]


class ShareOut(BaseModel):
    """How a basket is shared; `ref` is what names it in addresses that come by a link."""

    id: str
    ref: str | None
    group: str | None
    may_edit: bool
    label: str
    created: str
    expires: str | None

    @classmethod
    def of(cls, share: BasketShare) -> "ShareOut":
        """Write a share."""
        return cls(
            id=share.id,
            ref=share.key,
            group=share.group_name,
            may_edit=share.may_edit,
            label=share.label,
            created=iso(share.creation_time),
            expires=None if share.expires is None else iso(share.expires),
        )


class SharesOut(BaseModel):
    """How a basket is shared."""

    shares: list[ShareOut]


class DeletedOut(BaseModel):
    """A basket that was deleted, by the id that restores it."""

    deleted: str


class RevokedOut(BaseModel):
    """A share that opens nothing any more."""

    revoked: str
