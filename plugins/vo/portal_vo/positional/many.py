"""Several places at once: a request for each, and one table that says which row is of which."""

import csv
from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterator
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from dataclasses import field

import pyarrow as pa

from portal.plugins import arrow_schema
from portal.plugins import Column
from portal.plugins import JobContext
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal.plugins import TableEnd
from portal.plugins import TransientError
from portal.plugins import unique_names
from portal.plugins import UsageError
from portal_vo.code import LIST_FILE
from portal_vo.positional.places import Place

AT_ONCE = 4
WHICH = (
    Column(name="upload_row", datatype="int", ucd="meta.record", description="Row of the file"),
    Column(name="upload_target", arraysize="*", ucd="meta.id.assoc",
           description="What the file says there"),
)  # fmt: skip
Ask = Callable[[float, float], ResultTable]


@dataclass(frozen=True, slots=True)
class _Answer:
    """The whole answer about one place."""

    columns: tuple[Column, ...]
    batches: tuple[pa.RecordBatch, ...]
    end: TableEnd


@dataclass(slots=True)
class _Tally:
    """What became of the places so far."""

    total: int
    done: int = 0
    rows: int = 0
    failed: int = 0
    overflow: bool = False
    first_error: UsageError | TransientError | ServiceError | None = None
    asked: list[tuple[int, float, float, str]] = field(default_factory=list)


def ask_many(places: Sequence[Place], ask: Ask, context: JobContext) -> ResultTable:
    """Ask about each place, a few at a time, in the order of the file.

    A place that cannot be resolved or asked is written to the job's log, and counted at the
    end; when none could, its error is raised. The columns are those of the first answer.
    """
    tally = _Tally(total=len(places))
    answers = _answers(places, ask, context, tally)
    first = next(answers, None)
    if first is None:
        raise tally.first_error or ServiceError("None of the positions could be asked.")
    columns = unique_names([*WHICH, *first[1].columns])
    return ResultTable(columns=columns, batches=_batches(columns, first, answers, context, tally))


def _answers(
    places: Sequence[Place], ask: Ask, context: JobContext, tally: _Tally
) -> Generator[tuple[Place, _Answer], None, None]:
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="positions")
    waiting: list[tuple[Place, Future[_Answer]]] = []
    rest = iter(places)
    try:
        while True:
            while len(waiting) < AT_ONCE and (place := next(rest, None)) is not None:
                future = _submit(pool, place, ask, context, tally)
                if future is not None:
                    waiting.append((place, future))
            if not waiting:
                return
            place, future = waiting.pop(0)
            try:
                answer = future.result()
            except (UsageError, TransientError, ServiceError) as error:
                _note(place, error, context, tally)
                continue
            tally.done += 1
            tally.rows += sum(batch.num_rows for batch in answer.batches)
            tally.overflow |= answer.end.overflow
            _report(context, tally)
            yield place, answer
    finally:
        pool.shutdown(cancel_futures=True)


def _submit(
    pool: ThreadPoolExecutor, place: Place, ask: Ask, context: JobContext, tally: _Tally
) -> "Future[_Answer] | None":
    try:
        where = context.resolve(place.text)
    except (UsageError, TransientError, ServiceError) as error:
        _note(place, error, context, tally)
        return None
    tally.asked.append((place.row, where.ra, where.dec, place.title or place.text))
    return pool.submit(lambda: _read(ask(where.ra, where.dec)))


def _read(table: ResultTable) -> _Answer:
    batches: list[pa.RecordBatch] = []
    end = TableEnd()
    for part in table.batches:
        if isinstance(part, TableEnd):
            end = part
        else:
            batches.append(part)
    return _Answer(table.columns, tuple(batches), end)


def _batches(
    columns: tuple[Column, ...],
    first: tuple[Place, _Answer],
    answers: Generator[tuple[Place, _Answer], None, None],
    context: JobContext,
    tally: _Tally,
) -> Iterator[pa.RecordBatch | TableEnd]:
    names = [column.name for column in first[1].columns]
    yield from _labelled(columns, names, *first, context)
    for place, answer in answers:
        yield from _labelled(columns, names, place, answer, context)
        if tally.rows >= context.maxrec:
            tally.overflow |= tally.done + tally.failed < tally.total
            answers.close()
            break
    _attach_places(tally, context)
    infos = [("POSITIONS", f"{tally.done} of {tally.total} answered")]
    if tally.failed:
        context.log(f"{tally.failed} of {tally.total} positions failed; see above")
        infos.append(("PARTIAL", f"{tally.failed} of {tally.total} positions failed"))
    yield TableEnd(overflow=tally.overflow, infos=tuple(infos))


def _attach_places(tally: _Tally, context: JobContext) -> None:
    """Keep where everything was asked: names were resolved, and files have many notations."""
    path = context.data_dir / LIST_FILE
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["row", "ra", "dec", "target"])
        writer.writerows((row, repr(ra), repr(dec), target) for row, ra, dec, target in tally.asked)
    context.attach("positions", path, media_type="text/csv", title="Positions as they were asked")


def _labelled(
    columns: tuple[Column, ...],
    names: Sequence[str],
    place: Place,
    answer: _Answer,
    context: JobContext,
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of one answer under the columns of all; `names` are those of a service."""
    schema = arrow_schema(columns)
    theirs = {column.name.casefold(): index for index, column in enumerate(answer.columns)}
    sources = [theirs.get(name.casefold()) for name in names]
    for batch in answer.batches:
        number = pa.array([place.row] * batch.num_rows, schema.field(0).type)
        title = pa.array([place.title or place.text] * batch.num_rows, schema.field(1).type)
        cells = [
            _converted(batch, source, field, context)
            for source, field in zip(sources, list(schema)[len(WHICH) :], strict=True)
        ]
        yield pa.RecordBatch.from_arrays([number, title, *cells], schema=schema)


def _converted(
    batch: pa.RecordBatch, source: int | None, field: pa.Field, context: JobContext
) -> pa.Array:
    if source is None:
        return pa.nulls(batch.num_rows, field.type)
    try:
        return batch.column(source).cast(field.type)
    except pa.ArrowException:
        context.log(f"The column {field.name} has another type than in the first answer")
        return pa.nulls(batch.num_rows, field.type)


def _note(
    place: Place,
    error: UsageError | TransientError | ServiceError,
    context: JobContext,
    tally: _Tally,
) -> None:
    tally.failed += 1
    tally.first_error = tally.first_error or error
    context.log(f"Row {place.row} ({place.title or place.text}): {error.message}")
    _report(context, tally)


def _report(context: JobContext, tally: _Tally) -> None:
    over = tally.done + tally.failed
    failed = f", {tally.failed} failed" if tally.failed else ""
    context.report(over / tally.total, f"{over} of {tally.total} positions{failed}")
