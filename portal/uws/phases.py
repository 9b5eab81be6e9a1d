"""Execution phases and the moves between them (UWS 1.1, section 2.1.3)."""

from enum import StrEnum


class ExecutionPhase(StrEnum):
    """The phases of UWS 1.1."""

    PENDING = "PENDING"
    QUEUED = "QUEUED"
    EXECUTING = "EXECUTING"
    COMPLETED = "COMPLETED"
    ERROR = "ERROR"
    ABORTED = "ABORTED"
    UNKNOWN = "UNKNOWN"
    HELD = "HELD"
    SUSPENDED = "SUSPENDED"
    ARCHIVED = "ARCHIVED"


P = ExecutionPhase

ENDS = frozenset({P.COMPLETED, P.ERROR, P.ABORTED})
TERMINAL = ENDS | {P.ARCHIVED}
UNFINISHED = frozenset({P.QUEUED, P.EXECUTING, P.SUSPENDED})
RUNNABLE = frozenset({P.PENDING, P.HELD})
ABORTABLE = frozenset({P.PENDING, P.HELD, P.QUEUED, P.EXECUTING, P.SUSPENDED})

TRANSITIONS: dict[ExecutionPhase, frozenset[ExecutionPhase]] = {
    P.PENDING: frozenset({P.QUEUED, P.HELD, P.ABORTED, P.ERROR}),
    P.HELD: frozenset({P.QUEUED, P.HELD, P.ABORTED, P.ERROR}),  # run again, and still too many
    P.QUEUED: frozenset({P.EXECUTING, P.HELD, P.ABORTED, P.ERROR}),
    # EXECUTING -> QUEUED is a lost or interrupted attempt that will be made again.
    P.EXECUTING: frozenset({P.QUEUED, P.COMPLETED, P.ERROR, P.ABORTED, P.SUSPENDED}),
    P.SUSPENDED: frozenset({P.EXECUTING, P.QUEUED, P.ABORTED, P.ERROR}),
    P.UNKNOWN: frozenset({P.ABORTED, P.ERROR}),
    P.COMPLETED: frozenset({P.ARCHIVED}),
    P.ERROR: frozenset({P.ARCHIVED}),
    P.ABORTED: frozenset({P.ARCHIVED}),
    P.ARCHIVED: frozenset(),
}


def sources(target: ExecutionPhase) -> frozenset[ExecutionPhase]:
    """Return the phases from which a job may move to `target`."""
    return frozenset(phase for phase, targets in TRANSITIONS.items() if target in targets)
