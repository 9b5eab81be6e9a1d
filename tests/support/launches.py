"""A launch as its facility sees it, which writes down what the facility does."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

from portal.credentials import RemoteCredential
from portal.plugins.facilities import FacilityContext
from portal.plugins.facilities import Handle
from portal.plugins.facilities import LaunchContext
from portal.plugins.http import HttpPolicy
from portal.plugins.http import open_session
from portal.plugins.testing import LOOPBACK


@dataclass(kw_only=True)
class RunningLaunch:
    """`saved` are all handles in turn; each `context` is an attempt that finds the last one."""

    seconds: float | None = 60
    read_timeout: float = 30
    credentials: dict[str, RemoteCredential] = field(default_factory=dict)
    saved: list[Handle] = field(default_factory=list)
    reports: list[tuple[float | None, str]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    lingers: list[float] = field(default_factory=list)
    aborted: threading.Event = field(default_factory=threading.Event)
    on_save: Callable[[Handle], None] = lambda _handle: None

    @property
    def handle(self) -> Handle | None:
        return self.saved[-1] if self.saved else None

    @property
    def messages(self) -> list[str]:
        return [message for _, message in self.reports]

    def context(self) -> LaunchContext:
        deadline = None if self.seconds is None else time.monotonic() + self.seconds
        return LaunchContext(
            http=self._session(deadline),
            credential=self.credentials.get,
            forget_credential=lambda service: self.credentials.pop(service, None),
            log=self.lines.append,
            handle=self.handle,
            save=self._save,
            report=lambda fraction, message: self.reports.append((fraction, message)),
            deadline=lambda: deadline,
            is_aborted=self.aborted.is_set,
            linger=self.lingers.append,
        )

    def later(self) -> FacilityContext:
        """Return what `status`, `stop` and `health` are given."""
        return FacilityContext(
            http=self._session(None),
            credential=self.credentials.get,
            forget_credential=lambda service: self.credentials.pop(service, None),
        )

    def _session(self, deadline):
        policy = HttpPolicy(allow=LOOPBACK, read_timeout=self.read_timeout)
        return open_session(policy, deadline=deadline, is_aborted=self.aborted.is_set)

    def _save(self, handle: Handle) -> None:
        self.saved.append(dict(handle))
        self.on_save(handle)
