"""Everything the page of one basket shows."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from flask import url_for

from portal.basket import contents
from portal.basket.baskets import BasketSummary
from portal.basket.baskets import list_baskets
from portal.basket.changes import last_undoable
from portal.basket.contents import Order
from portal.basket.contents import Total
from portal.basket.models import Basket
from portal.basket.models import BasketChange
from portal.basket.models import BasketItem
from portal.basket.reach import CURRENT
from portal.basket.reach import get_basket
from portal.basket.reach import may_edit
from portal.basket.reach import Visitor
from portal.display import requested_page
from portal.links import with_query

PAGE_SIZE = 100
HEADINGS = (
    ("title", "Title"),
    ("archive", "Archive"),
    ("collection", "Collection"),
    ("ra", "RA"),
    ("dec", "Dec"),
    ("size", "Size"),
    ("link", "Link"),
    ("added", "Added (UTC)"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The head of a column: what sorts by it, and how it is sorted now."""

    by: str
    title: str
    href: str
    direction: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketView:
    """One page of a basket, as this visitor sees it.

    `ref` is what addresses name the basket by. `others` are the visitor's further baskets, to
    which items can be moved. `undoable` is what an undo would take back.
    """

    basket: Basket
    ref: str
    is_own: bool
    may_edit: bool
    items: Sequence[BasketItem]
    total: Total
    whole: Total
    search: str
    headings: Mapping[str, Heading]
    page: int
    pages: int
    page_hrefs: Mapping[int, str]
    others: Sequence[BasketSummary]
    is_current: bool
    undoable: BasketChange | None


def view_basket(ref: str, visitor: Visitor) -> BasketView:
    """Return the page of a basket that the address of the request asks for.

    Raises NotFoundError, and UsageError for an order that is none.
    """
    basket = get_basket(ref, visitor)
    is_own = basket.owner == visitor.owner
    ref = basket.id if ref == CURRENT else ref
    search = " ".join(request.args.get("q", "").split())[: contents.SEARCH_LENGTH]
    order = Order.read(request.args.get("sort"))
    whole = contents.total(ref, visitor)
    total = contents.total(ref, visitor, search=search) if search else whole
    page, pages = requested_page(total.count, PAGE_SIZE)
    baskets = list_baskets(visitor.owner)
    editable = is_own or may_edit(ref, visitor)
    state = {
        name: value for name, value in (("q", search), ("sort", request.args.get("sort"))) if value
    }
    return BasketView(
        basket=basket,
        ref=ref,
        is_own=is_own,
        may_edit=editable,
        items=contents.list_items(
            ref,
            visitor,
            search=search,
            order=order,
            offset=(page - 1) * PAGE_SIZE,
            limit=PAGE_SIZE,
        ),
        total=total,
        whole=whole,
        search=search,
        headings={by: _heading(ref, by, title, order, search) for by, title in HEADINGS},
        page=page,
        pages=pages,
        page_hrefs={
            number: _href(ref, state | {"page": str(number)})
            for number in {1, page - 1, page + 1, pages}
            if 1 <= number <= pages and number != page
        },
        others=[one for one in baskets if one.basket.id != basket.id],
        is_current=any(one.is_current and one.basket.id == basket.id for one in baskets),
        undoable=last_undoable(basket.id) if editable else None,
    )


def _heading(ref: str, by: str, title: str, order: Order, search: str) -> Heading:
    is_sorted = order.by == by
    next_order = Order(by=by, descending=not order.descending if is_sorted else by == "added")
    state = {"sort": str(next_order)} | ({"q": search} if search else {})
    direction = ("descending" if order.descending else "ascending") if is_sorted else None
    return Heading(by=by, title=title, href=_href(ref, state), direction=direction)


def _href(ref: str, state: Mapping[str, str]) -> str:
    return with_query(url_for("basket.show", ref=ref), state)
