"""What of a basket comes to a session: links of archives, results of the portal, the basket itself.

Called while a request is answered: the addresses are those that its caller used.
"""

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from flask import url_for
from sqlalchemy import select

from portal.analysis.staging.items import MOST_ITEMS
from portal.analysis.staging.items import MOST_TITLE
from portal.analysis.staging.items import MOST_URL
from portal.analysis.staging.items import NO_LINK
from portal.analysis.staging.items import StagedItem
from portal.analysis.staging.signing import sign_basket
from portal.analysis.staging.signing import sign_file
from portal.basket.contents import KILOBYTE
from portal.basket.downloading import FileNames
from portal.basket.models import Basket
from portal.basket.models import BasketItem
from portal.basket.reach import Visitor
from portal.basket.sharing import find_share
from portal.db import db
from portal.links import safe_href
from portal.plugins.facilities import BasketSummary
from portal.problems import UsageError
from portal.results.attached import extension_of
from portal.results.chosen import write_rows
from portal.uws.models import Job
from portal.uws.models import Result

MANIFEST = "manifest.json"
TABLE = "basket.vot"
VOTABLE = "vot"
GONE = "its result is gone, or belongs to somebody else"
Key = tuple[str, str]


def staged_items(
    basket: Basket, items: Sequence[BasketItem], *, ref: str, visitor: Visitor, session_id: str
) -> list[StagedItem]:
    """Return what is to be fetched for the items of a basket, and the basket itself as a table.

    A link of http or https is fetched where it is. Whole results, and rows that have no link
    (all of one result together), become signed addresses of the portal that open until the
    session ends: only results of the visitor do. `ref` is how he came to the basket, which
    opens to him no longer than it is shared. Raises UsageError for too many items.
    """
    if len(items) >= MOST_ITEMS:
        raise UsageError(f"A session takes up to {MOST_ITEMS - 1:,} items of a basket along.")
    if not items:
        return []
    results = _own_results(items, visitor.owner)
    names = FileNames(MANIFEST, TABLE)
    staged = [_table(basket, find_share(basket, ref, visitor), session_id)]
    rows: dict[Key, list[BasketItem]] = defaultdict(list)
    for number, item in enumerate(items, start=1):
        key = _key(item)
        if item.is_whole_result or _link_of(item) is None:
            if key not in results:
                staged.append(_without_link(item, names, number))
            elif item.is_whole_result:
                staged.append(_result(item, *results[key], names, number, session_id))
            else:
                rows[key].append(item)
        else:
            staged.append(_link(item, names, number))
    for number, (key, some) in enumerate(rows.items(), start=len(items) + 1):
        staged.append(_rows(some, *results[key], names, number, session_id))
    return staged


def summarize(items: Iterable[StagedItem]) -> BasketSummary:
    """Count the files, and sum up their sizes."""
    sizes = [item.size for item in items if item.url is not None]
    known = [size for size in sizes if size is not None]
    return BasketSummary(files=len(sizes), bytes=sum(known), unsized=len(sizes) - len(known))


def _own_results(items: Iterable[BasketItem], owner: str) -> Mapping[Key, tuple[Result, Job]]:
    wanted = sorted({item.job_id for item in items if item.job_id})
    query = select(Result, Job).join(Job, Job.id == Result.job_id)
    return {
        (job.id, result.name): (result, job)
        for result, job in db.session.execute(
            query.where(Job.id.in_(wanted), Job.owner == owner, Result.partial.is_(False))
        )
    }


def _key(item: BasketItem) -> Key:
    return (item.job_id or "", item.result_name or "")


def _link_of(item: BasketItem) -> str | None:
    """Return a link that can be followed; no server takes one that is longer than MOST_URL."""
    url = safe_href(item.access_url)
    return None if url is None or len(url) > MOST_URL else url


def _table(basket: Basket, share_id: str | None, session_id: str) -> StagedItem:
    signature = sign_basket(basket, share_id, session_id)
    return StagedItem(
        name=TABLE,
        title=f"The basket {basket.name} as a table",
        url=url_for("staging.basket", filename=TABLE, sig=signature, _external=True),
        signed=True,
    )


def _link(item: BasketItem, names: FileNames, number: int) -> StagedItem:
    url = _link_of(item) or ""
    kilobytes = item.access_estsize
    return StagedItem(
        name=names.take(url, item.title, number),
        title=item.title[:MOST_TITLE],
        url=url,
        size=item.link_size if kilobytes is None else kilobytes * KILOBYTE,
        archive=item.archive_id,
        publisher_did=item.publisher_did,
    )


def _without_link(item: BasketItem, names: FileNames, number: int) -> StagedItem:
    return StagedItem(
        name=names.take("", item.title, number),
        title=item.title[:MOST_TITLE],
        archive=item.archive_id,
        publisher_did=item.publisher_did,
        reason=GONE if item.is_whole_result else NO_LINK,
    )


def _result(
    item: BasketItem, result: Result, job: Job, names: FileNames, number: int, session_id: str
) -> StagedItem:
    extension = extension_of(result) if result.is_file else VOTABLE
    name = names.take("", f"{job.title}.{extension}", number)
    about = result.info.get("file", {})
    checksum = about.get("sha256")
    return StagedItem(
        name=name,
        title=item.title[:MOST_TITLE],
        url=_signed(result, extension, "", name, session_id),
        size=about.get("bytes"),
        checksum=f"sha256:{checksum}" if checksum else None,
        archive=item.archive_id,
        publisher_did=item.publisher_did,
        signed=True,
    )


def _rows(
    items: Sequence[BasketItem],
    result: Result,
    job: Job,
    names: FileNames,
    number: int,
    session_id: str,
) -> StagedItem:
    """Return the rows as one table; all rows where so many single ones have no short name."""
    try:
        rows = write_rows(_numbers(items))
    except UsageError:
        rows = ""
    name = names.take("", f"{job.title}_rows.{VOTABLE}", number)
    return StagedItem(
        name=name,
        title=f"{job.title[:MOST_TITLE]}: {'all rows' if not rows else f'{len(items):,} rows'}",
        url=_signed(result, VOTABLE, rows, name, session_id),
        archive=items[0].archive_id,
        signed=True,
    )


def _numbers(items: Iterable[BasketItem]) -> Iterator[int]:
    return (item.row_number for item in items if item.row_number is not None)


def _signed(result: Result, extension: str, rows: str, name: str, session_id: str) -> str:
    signature = sign_file(result, extension, rows, session_id)
    return url_for("staging.file", filename=name, sig=signature, _external=True)
