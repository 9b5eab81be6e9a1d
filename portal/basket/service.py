"""What can be done with a basket: add rows of a result, list, remove, empty."""

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.basket.models import Basket
from portal.basket.models import BasketItem
from portal.basket.models import WHOLE_RESULT
from portal.db import clock
from portal.db import db
from portal.plugins.registry import PluginRegistry
from portal.plugins.types import DataItem
from portal.problems import UsageError
from portal.results.keys import ResultKey
from portal.results.opened import OpenResult
from portal.results.paging import take
from portal.results.store import ResultStore
from portal.uws.models import Job
from portal.uws.service import jobs

DEFAULT_NAME = "Basket"
MOST_SINGLE_ROWS = 1_000
MOST_ITEMS = 20_000

# On every page, so it is built once.
NUMBER_OF_ITEMS = (
    select(func.count(BasketItem.id))
    .join(Basket, Basket.id == BasketItem.basket_id)
    .where(Basket.owner == bindparam("owner_"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """How many items were added, and how many were there already."""

    new: int
    known: int


def find_basket(owner: str) -> Basket | None:
    """Return the owner's basket, if one was ever used."""
    return db.session.scalar(select(Basket).where(Basket.owner == owner))


def count_items(owner: str) -> int:
    """Count the items in the owner's basket."""
    return db.session.scalar(NUMBER_OF_ITEMS, {"owner_": owner}) or 0


def list_items(owner: str, *, offset: int = 0, limit: int | None = None) -> Sequence[BasketItem]:
    """Return the items in the owner's basket, those added last first."""
    query = (
        select(BasketItem)
        .join(Basket, Basket.id == BasketItem.basket_id)
        .where(Basket.owner == owner)
        .order_by(BasketItem.added_time.desc(), BasketItem.row_number, BasketItem.id)
    )
    return db.session.scalars(query.offset(offset).limit(limit)).all()


def add_from_job(
    owner: str, job_id: str, result_name: str, row_numbers: Collection[int] | None
) -> Added:
    """Put rows of a result of the owner's job into his basket; None stands for all rows.

    Raises NotFoundError for what is not his, UsageError for what cannot be added.
    """
    job = jobs().get_job(job_id, owner=owner)
    result = jobs().get_result(job.id, result_name, owner=owner)
    if result.partial:
        raise UsageError("This result is still arriving. Add its rows when the job has ended.")
    store: ResultStore = current_app.extensions["results"]
    opened = store.open(ResultKey(job_id=job.id, token=result.token, name=result.name))
    return add_rows(owner, job, result.name, opened, row_numbers)


def add_rows(
    owner: str,
    job: Job,
    result_name: str,
    result: OpenResult,
    row_numbers: Collection[int] | None,
) -> Added:
    """Put rows of a result into the owner's basket; None stands for all rows.

    All rows of a result longer than `MOST_SINGLE_ROWS` become one item. Rows that are there
    already are left as they are. Raises UsageError when there is nothing to add, or too much.
    """
    registry: PluginRegistry = current_app.extensions["plugins"]
    query = registry.query(job.type)
    if row_numbers is None and result.rows > MOST_SINGLE_ROWS:
        numbers = [WHOLE_RESULT]
        items = [DataItem(title=f"All {result.rows:,} rows of: {job.title}")]
    else:
        numbers = sorted(set(range(result.rows) if row_numbers is None else row_numbers))
        _check_rows(numbers, result)
        items = query.to_items(result.columns, take(result, numbers).values.to_pylist())
    basket = _own_basket(owner)
    known = set(
        db.session.scalars(
            select(BasketItem.row_number).where(
                BasketItem.basket_id == basket.id,
                BasketItem.job_id == job.id,
                BasketItem.result_name == result_name,
            )
        )
    )
    if count_items(owner) + len(numbers) > MOST_ITEMS:
        raise UsageError(
            f"A basket holds up to {MOST_ITEMS:,} items. Add all rows of a result instead of "
            "single ones, or remove some items first."
        )
    now = clock()
    for number, item in zip(numbers, items, strict=True):
        if number not in known:
            db.session.add(
                BasketItem(
                    basket_id=basket.id,
                    archive_id=registry.archive_of(job.type).id,
                    job_id=job.id,
                    result_name=result_name,
                    row_number=number,
                    row_count=result.rows if number == WHOLE_RESULT else 1,
                    source_query=job.text,
                    added_time=now,
                    **asdict(item),
                )
            )
    db.session.commit()
    seen = len(known.intersection(numbers))
    return Added(new=len(numbers) - seen, known=seen)


def remove_items(owner: str, item_ids: Collection[str]) -> int:
    """Remove these items from the owner's basket; returns how many were there."""
    basket = find_basket(owner)
    if basket is None or not item_ids:
        return 0
    statement = delete(BasketItem).where(
        BasketItem.basket_id == basket.id, BasketItem.id.in_(item_ids)
    )
    removed = db.session.execute(statement).rowcount  # type: ignore[attr-defined]
    db.session.commit()
    return int(removed)


def empty_basket(owner: str) -> int:
    """Remove every item from the owner's basket; returns how many there were."""
    basket = find_basket(owner)
    if basket is None:
        return 0
    removed = db.session.execute(
        delete(BasketItem).where(BasketItem.basket_id == basket.id)
    ).rowcount  # type: ignore[attr-defined]
    db.session.commit()
    return int(removed)


def _check_rows(numbers: Sequence[int], result: OpenResult) -> None:
    if not numbers:
        raise UsageError("Tick the rows that you want to put into the basket first.")
    if numbers[0] < 0 or numbers[-1] >= result.rows:
        raise UsageError("One of these rows is not in the result.")


def _own_basket(owner: str) -> Basket:
    basket = find_basket(owner)
    if basket is not None:
        return basket
    db.session.add(Basket(owner=owner, name=DEFAULT_NAME, creation_time=clock()))
    try:
        db.session.commit()
    except IntegrityError:  # another tab was faster
        db.session.rollback()
    basket = find_basket(owner)
    if basket is None:
        raise UsageError("The basket could not be made; please try again.")
    return basket
