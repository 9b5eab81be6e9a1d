"""Having an export made: asked for once, and followed until it is ready."""

import time
from dataclasses import dataclass

from portal.plugins import JobContext
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal_zooniverse.answers import NotThereError
from portal_zooniverse.connector import Panoptes
from portal_zooniverse.login import SERVICE
from portal_zooniverse.login import WHERE
from portal_zooniverse.resources import Export

CHECKPOINT = "export_before"  # the time of what there was when a new one was asked for
NOTHING = "none"
WANTED = {"media": {"content_type": "text/csv"}}
READY = frozenset({"ready", "finished"})
FAILED = "failed"
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 60.0
PAUSE_GROWTH = 1.5
FAILURES = 4  # in a row, until an API that does not answer is given up
MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportJob:
    """One export of a project or workflow, at its address in the API; `renew`: a new one."""

    panoptes: Panoptes
    context: JobContext
    address: str
    renew: bool

    def obtain(self) -> Export:
        """Return the export when it is ready.

        It is asked for where there is none, where the last one failed, and where a new one is
        wanted; what is being made already is waited for. A second attempt of the job goes on
        waiting for what the first one asked for.
        """
        export = self._look()
        if export is None or self._is_worth_asking(export):
            export = self._request(export)
        return self._wait(export)

    def refresh(self) -> Export:
        """Return the export with an address that works again."""
        export = self._look()
        if export is None:
            raise ServiceError("the Zooniverse has deleted the export meanwhile")
        return export

    def _look(self) -> Export | None:
        try:
            return self.panoptes.find(Export, self.address)
        except NotThereError as error:
            if self.panoptes.login is None:
                raise UsageError(
                    "The Zooniverse gives exports to the owner and the collaborators of a "
                    f"project only: store your login for {SERVICE} {WHERE}. ({error.message})"
                ) from error
            return None

    def _is_worth_asking(self, export: Export) -> bool:
        before = self.context.checkpoints.get(CHECKPOINT)
        if before is not None and before != _time(export):
            return False  # an earlier attempt has asked, and this is what became of it
        return _has_failed(export) or (self.renew and _is_ready(export))

    def _request(self, before: Export | None) -> Export:
        self.context.checkpoint(CHECKPOINT, _time(before))
        try:
            export = self.panoptes.post(Export, self.address, WANTED)
        except NotThereError as error:
            raise UsageError(
                "The Zooniverse gives exports to the owner and the collaborators of a project "
                f"only. ({error.message})"
            ) from error
        if export is None:
            raise ServiceError("the Zooniverse was asked for an export and names none")
        self.context.log("A new export was asked for")
        return export

    def _wait(self, export: Export) -> Export:
        began = time.monotonic()
        pause, failures = FIRST_PAUSE, 0
        while not _is_ready(export):
            if _has_failed(export):
                raise ServiceError(
                    "the Zooniverse could not make the export. Ask again for a new one, "
                    "or ask its team for help"
                )
            self._pause(pause, f"{export.state} for {_words(time.monotonic() - began)}")
            pause = min(pause * PAUSE_GROWTH, LONGEST_PAUSE)
            try:
                export = self.refresh()
                failures = 0
            except TransientError:
                failures += 1
                if failures == FAILURES:
                    raise
        return export

    def _pause(self, seconds: float, said: str) -> None:
        self.context.report(None, f"waiting for the Zooniverse to make the export: {said}")
        self.panoptes.patience.wait(seconds, out_of_time=lambda: self._out_of_time(said))

    def _out_of_time(self, said: str) -> str:
        advice = "without asking for a new export, " if self.renew else ""
        return (
            f"The Zooniverse has not finished the export ({said}), and the time that this job "
            f"may take is over. It goes on making it: run this job again later, {advice}"
            "and what is ready then is taken."
        )


def _is_ready(export: Export) -> bool:
    """Say whether there is a file; the oldest exports have one, and no state."""
    if export.metadata.state is None:
        return export.src is not None
    return export.state in READY


def _time(export: Export | None) -> str:
    return NOTHING if export is None else export.updated_at or ""


def _has_failed(export: Export) -> bool:
    return export.state == FAILED


def _words(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 2 * MINUTE else f"{seconds / MINUTE:.0f} min"
