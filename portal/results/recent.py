"""Results that were opened lately stay open: their pages need not be mapped again."""

import threading
from collections import OrderedDict
from pathlib import Path

from portal.results.opened import OpenResult

MOST = 32


class RecentResults:
    """The whole results that this process opened last, by folder; safe to share by threads.

    One that was removed is let go when the next is opened, so that its disk space is free.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[Path, OpenResult] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, folder: Path) -> OpenResult | None:
        """Return the result in this folder if it is open already."""
        with self._lock:
            if folder not in self._known or not folder.exists():
                return None
            self._known.move_to_end(folder)
            return self._known[folder]

    def add(self, result: OpenResult) -> None:
        """Keep a result open; one whose rows are still arriving is not kept."""
        if result.stored is None:
            return
        with self._lock:
            for removed in [folder for folder in self._known if not folder.exists()]:
                del self._known[removed]
            self._known[result.folder] = result
            if len(self._known) > MOST:
                self._known.popitem(last=False)
