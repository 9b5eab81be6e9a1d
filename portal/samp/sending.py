"""What can be sent from a result to other programs, as the messages that say it (SAMP MTypes)."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from functools import partial
from urllib.parse import urlsplit

from flask import current_app
from flask import url_for

from portal.basket.contents import list_items
from portal.basket.models import Basket
from portal.basket.models import BasketItem
from portal.basket.reach import Visitor
from portal.links import safe_href
from portal.plugins.registry import PluginRegistry
from portal.plugins.types import DataItem
from portal.problems import NotFoundError
from portal.results.attached import extension_of
from portal.results.chosen import read_rows
from portal.results.keys import ResultKey
from portal.results.opened import OpenResult
from portal.results.paging import take
from portal.results.store import ResultStore
from portal.samp.signing import table_id
from portal.uws.models import Job
from portal.uws.models import Result

MOST_SINGLE_ROWS = 25
NAME_LENGTH = 100
VOTABLE = "table.load.votable"
FITS_TABLE = "table.load.fits"
IMAGE = "image.load.fits"
SPECTRUM = "spectrum.load.ssa-generic"
POSITION = "coord.pointAt.sky"
HIGHLIGHT = "table.highlight.row"
SELECT = "table.select.rowList"
FITS_ENDINGS = (".fits", ".fit", ".fits.gz", ".fits.fz", ".fz")
# What an address may say that a file is, and the message for it.
KINDS = {"image": IMAGE, "spectrum": SPECTRUM, "votable": VOTABLE, "fits-table": FITS_TABLE}
Value = str | Sequence[str] | Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message with the words of its button.

    `signed` leads to the address of a file that is made when the message is sent, and becomes
    its `url`.
    """

    words: str
    mtype: str
    params: Mapping[str, Value]
    signed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something that can be sent, in one way or in several."""

    title: str
    detail: str = ""
    messages: Sequence[Message] = field(default_factory=tuple)


def things_of(job: Job, result: Result, rows: str) -> list[Thing]:
    """Return what a result, or some of its rows, can be sent as; raises UsageError for rows.

    Beside the table these are the files and the positions that the chosen rows name.
    """
    if result.is_file:
        return [_file(job, result)]
    if not rows:
        return [_whole(job, result)]
    numbers = read_rows(rows)
    store: ResultStore = current_app.extensions["results"]
    opened = store.open(ResultKey(job.id, result.token, result.name))
    chosen = take(opened, numbers[:MOST_SINGLE_ROWS]).row_numbers.tolist()
    items = _items(job, opened, chosen)
    single = [_row(result, number, item) for number, item in zip(chosen, items, strict=True)]
    return [_some(job, result, rows, numbers), *single]


def things_in(basket: Basket, ref: str, visitor: Visitor) -> list[Thing]:
    """Return what a basket can be sent as: a table of its items, and those added last, singly."""
    items = list_items(ref, visitor, limit=MOST_SINGLE_ROWS)
    table = Message(
        words="Send as VOTable",
        mtype=VOTABLE,
        params={"name": _short(basket.name)},
        signed=url_for("samp.link", basket=ref),
    )
    whole = Thing(title=basket.name, detail="the basket, one row for each item", messages=[table])
    return [whole, *(_item(item) for item in items)] if items else []


def thing_at(url: str, kind: str, title: str) -> Thing | None:
    """Return what lies at an address elsewhere; None for what can be no file."""
    address = safe_href(url)
    if address is None or kind not in KINDS:
        return None
    name = title[:NAME_LENGTH] or urlsplit(address).path.rpartition("/")[2] or address
    return Thing(title=name, detail=address, messages=[_load(KINDS[kind], address, name, "")])


def position(ra: float, dec: float) -> Thing:
    """Return a position (ICRS, degrees) as something to be sent."""
    return Thing(title=f"Position {ra:.6f} {dec:+.6f}", messages=[_point_at(ra, dec)])


def message_for(item: DataItem | BasketItem) -> str | None:
    """Return the message that has a program load what an item refers to; None: there is none."""
    kind = (item.dataproduct_type or "").casefold()
    media_type = (item.access_format or "").casefold()
    if safe_href(item.access_url) is None or "content=datalink" in media_type:
        return None
    if kind == "spectrum":
        return SPECTRUM
    if "votable" in media_type:
        return VOTABLE
    path = urlsplit(safe_href(item.access_url) or "").path.casefold()
    if "fits" in media_type or (not media_type and path.endswith(FITS_ENDINGS)):
        return IMAGE
    return None


def _whole(job: Job, result: Result) -> Thing:
    return Thing(
        title=job.title,
        detail=f"the whole result, {result.info['rows']:,} rows",
        messages=_tables(job, result, {"name": _short(job.title), "table-id": table_id(result)}),
    )


def _some(job: Job, result: Result, rows: str, numbers: Sequence[int]) -> Thing:
    count = f"{len(numbers):,} row{'' if len(numbers) == 1 else 's'}"
    select = Message(
        words="Select in the table sent before",
        mtype=SELECT,
        params={"table-id": table_id(result), "row-list": [str(number) for number in numbers]},
    )
    tables = _tables(job, result, {"name": f"{_short(job.title)} ({count})"}, rows=rows)
    return Thing(title=job.title, detail=f"{count} of it", messages=[*tables, select])


def _tables(
    job: Job, result: Result, params: Mapping[str, str], *, rows: str = ""
) -> list[Message]:
    link = partial(url_for, "samp.link", job=job.id, result=result.name, rows=rows or None)
    return [
        Message(words="Send as VOTable", mtype=VOTABLE, params=params, signed=link(format="vot")),
        Message(words="Send as FITS", mtype=FITS_TABLE, params=params, signed=link(format="fits")),
    ]


def _file(job: Job, result: Result) -> Thing:
    title = str(result.info["file"].get("title") or result.name)
    kinds = {"fits": [IMAGE, SPECTRUM], "vot": [VOTABLE, SPECTRUM]}
    return Thing(
        title=title,
        detail=f"a file of the job: {job.title}",
        messages=[
            _load(
                mtype,
                None,
                _short(title),
                "",
                signed=url_for("samp.link", job=job.id, result=result.name),
            )
            for mtype in kinds.get(extension_of(result), [])
        ],
    )


def _row(result: Result, number: int, item: DataItem) -> Thing:
    return Thing(
        title=f"Row {number + 1}: {_short(item.title)}",
        detail=safe_href(item.access_url) or "",
        messages=list(_messages_of_row(result, number, item)),
    )


def _item(item: BasketItem) -> Thing:
    return Thing(
        title=_short(item.title),
        detail=safe_href(item.access_url) or "",
        messages=list(_messages_of_item(item)),
    )


def _messages_of_item(item: DataItem | BasketItem) -> Iterator[Message]:
    mtype, address = message_for(item), safe_href(item.access_url)
    if mtype and address:
        yield _load(mtype, address, _short(item.title), item.access_format or "")
    if item.s_ra is not None and item.s_dec is not None:
        yield _point_at(item.s_ra, item.s_dec)


def _messages_of_row(result: Result, number: int, item: DataItem) -> Iterator[Message]:
    yield from _messages_of_item(item)
    params = {"table-id": table_id(result), "row": str(number)}
    yield Message(words="Highlight in the table sent before", mtype=HIGHLIGHT, params=params)


def _load(
    mtype: str, address: str | None, name: str, media_type: str, *, signed: str | None = None
) -> Message:
    words = {IMAGE: "Send image", SPECTRUM: "Send spectrum"}.get(mtype, "Send table")
    params: dict[str, Value] = {"name": name}
    if address:
        params["url"] = address
    if mtype == SPECTRUM:  # the one MType that asks for more than an address
        params["meta"] = {"Access.Format": media_type} if media_type else {}
    return Message(words=words, mtype=mtype, params=params, signed=signed)


def _point_at(ra: float, dec: float) -> Message:
    return Message(words="Send position", mtype=POSITION, params={"ra": repr(ra), "dec": repr(dec)})


def _items(job: Job, opened: OpenResult, numbers: Sequence[int]) -> Sequence[DataItem]:
    """Return what each row refers to, as its archive says; titles only where that fails."""
    registry: PluginRegistry = current_app.extensions["plugins"]
    nothing: Sequence[DataItem] = [DataItem(title="")] * len(numbers)
    try:
        query = registry.query(job.type)
    except NotFoundError:
        return nothing
    rows = take(opened, numbers).values.to_pylist()
    items = registry.call(query, lambda: query.to_items(opened.columns, rows), otherwise=nothing)
    return items if len(items) == len(numbers) else nothing


def _short(text: str) -> str:
    return " ".join(text.split())[:NAME_LENGTH]
