"""The result of an earlier job, or the basket, as a file of a new job."""

import io
import re
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from flask import url_for
from sqlalchemy import select

from portal.accounts.owner import find_owner
from portal.basket.contents import count_items
from portal.basket.reach import CURRENT
from portal.basket.reach import Visitor
from portal.basket.table import basket_votable
from portal.basket.table import MEDIA_TYPE
from portal.db import db
from portal.parameters import FieldError
from portal.parameters import InvalidParametersError
from portal.parameters import Parameters
from portal.parameters import upload_names
from portal.problems import NotFoundError
from portal.results.keys import ResultKey
from portal.results.store import ResultStore
from portal.uws.models import Job
from portal.uws.models import Result
from portal.uws.phases import ExecutionPhase
from portal.uws.service import jobs
from portal.uws.uploads import SentFile

# The page of a result, as a path or as a whole address, or one of its downloads.
ADDRESS = re.compile(
    r"(?:https?://[^/?#\s]+)?(?:/[^?#\s]*)?"
    r"/jobs/(?P<job>[0-9a-f]{32})/results/(?P<name>[A-Za-z0-9_-]+)(?:\.[a-z]+)?/?(?:[?#].*)?"
)
BASKET = re.compile(r"(?:https?://[^/?#\s]+)?(?:/[^?#\s]*)?/basket/?")
PARQUET = "application/vnd.apache.parquet"
MOST_LISTED = 20

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierResult:
    """A result that the owner may send along: its address, and what tells it from others."""

    address: str
    title: str


@contextmanager
def brought_results(
    model: type[Parameters], pairs: Pairs, *, owner: str
) -> Iterator[tuple[Pairs, Sequence[SentFile]]]:
    """Put files in place of the addresses of results, where a parameter takes a file.

    Tables come as Parquet, the basket as a VOTable. The files are open while the block lasts.
    Raises InvalidParametersError for a result that is not there, or is somebody else's.
    """
    names = {name.casefold() for name in upload_names(model)}
    with ExitStack() as opened:
        read: list[tuple[str, str]] = []
        files: list[SentFile] = []
        for name, value in pairs:
            sent = None
            if name.casefold() in names:
                sent = _brought(name, value.strip(), owner, opened)
            if sent is not None:
                files.append(sent)
            read.append((name, sent.reference if sent else value))
        yield read, files


def recent_results() -> list[EarlierResult]:
    """Return the basket, and the tables of this browser's latest jobs, the newest first."""
    owner = find_owner()
    if not owner:
        return []
    rows = db.session.execute(
        select(Job.id, Job.title, Result.name, Result.info)
        .join(Result, Result.job_id == Job.id)
        .where(
            Job.owner == owner,
            Job.phase == ExecutionPhase.COMPLETED,
            Job.parent_id.is_(None),
            Result.partial.is_(False),
        )
        .order_by(Job.creation_time.desc())
        .limit(MOST_LISTED)
    )
    found = [
        EarlierResult(
            address=url_for("results.show", job_id=job_id, name=name),
            title=f"{title} ({info['rows']:,} rows)",
        )
        for job_id, title, name, info in rows
        if "rows" in info
    ]
    count = count_items(owner)
    title = f"The basket ({count:,} items)"
    basket = EarlierResult(address=url_for("basket.show_current"), title=title)
    return [basket, *found] if count else found


def _brought(parameter: str, value: str, owner: str, opened: ExitStack) -> SentFile | None:
    """Return the file that an address stands for; None for what is no such address."""
    if BASKET.fullmatch(value):
        votable = basket_votable(CURRENT, Visitor(owner=owner))
        if votable is None:
            raise _refused(parameter, "your basket is empty")
        return SentFile(name="basket", mime_type=MEDIA_TYPE, content=io.BytesIO(votable))
    found = ADDRESS.fullmatch(value)
    return _sent(parameter, found["job"], found["name"], owner, opened) if found else None


def _sent(parameter: str, job_id: str, name: str, owner: str, opened: ExitStack) -> SentFile:
    try:
        result = jobs().get_result(job_id, name, owner=owner)
        if result.partial:
            raise _refused(parameter, "this result is still arriving")
        path, mime_type = _path_of(result)
    except NotFoundError:
        raise _refused(parameter, "none of your jobs has this result") from None
    if path.stat().st_size > jobs().uploads.max_bytes:
        most = f"{jobs().uploads.max_bytes / 1_000_000:,.0f} MB"
        raise _refused(parameter, f"this result is larger than what may be sent along ({most})")
    content = opened.enter_context(path.open("rb"))
    return SentFile(name=f"{name} of job {job_id}", mime_type=mime_type, content=content)


def _path_of(result: Result) -> tuple[Path, str]:
    store: ResultStore = current_app.extensions["results"]
    key = ResultKey(result.job_id, result.token, result.name)
    if result.is_file:
        return store.file(key), result.mime_type
    return store.open(key).parquet, PARQUET


def _refused(parameter: str, message: str) -> InvalidParametersError:
    return InvalidParametersError([FieldError(name=parameter, message=message)])
