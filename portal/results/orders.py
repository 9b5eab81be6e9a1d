"""Whole orders of a column: sorted once, kept beside the rows as `order-<column>-<way>.npy`."""

import logging
import threading
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from portal.results.files import replacing
from portal.results.files import save_array
from portal.results.layout import order_file
from portal.results.opened import OpenResult

log = logging.getLogger(__name__)

ROWS_OF_32_BITS = 2**32


def find_order(result: OpenResult, index: int, *, ascending: bool) -> NDArray[Any] | None:
    """Return the rows that have a value in their order, mapped from disk, if it was built."""
    return result.find_array(order_file(index, ascending=ascending))


def build_order(result: OpenResult, index: int, *, ascending: bool) -> NDArray[Any]:
    """Sort all rows by a column and keep the order for the next page.

    It takes some 0.15 s per million numbers and 0.7 s per million texts. Where it cannot be
    written it is only returned.
    """
    column = pa.chunked_array([array for _, array in result.column(index)])
    way = "ascending" if ascending else "descending"
    everything = pc.sort_indices(column, sort_keys=[("", way)]).to_numpy()
    width = np.uint32 if result.rows < ROWS_OF_32_BITS else np.uint64
    order: NDArray[Any] = everything[: result.present(index)].astype(width)
    try:
        with replacing(result.folder / order_file(index, ascending=ascending)) as temporary:
            save_array(temporary, order)
    except OSError as error:
        log.warning("cannot keep the order of column %d of %s: %s", index, result.folder, error)
    return order


class OrderBuilder:
    """Builds orders one after the other, in a thread that starts with the first of them."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="orders")
        self._tasks: dict[tuple[str, int, bool], Future[NDArray[Any]]] = {}
        self._lock = threading.Lock()

    def ask(self, result: OpenResult, index: int, *, ascending: bool) -> Future[NDArray[Any]]:
        """Have an order built, unless it is being built; nobody has to wait for it."""
        name = str(result.folder), index, ascending
        with self._lock:
            task = self._tasks.get(name)
            if task is None:
                task = self._executor.submit(build_order, result, index, ascending=ascending)
                self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name, None))
        return task


builder = OrderBuilder()
