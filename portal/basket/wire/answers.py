"""What the API of baskets answers."""

from pydantic import BaseModel

from portal.basket.adding import Added
from portal.basket.contents import Total
from portal.basket.models import Basket
from portal.basket.models import BasketChange
from portal.basket.models import BasketItem
from portal.basket.models import BasketShare
from portal.display import iso


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
