"""What a check has to say about a query: where, how serious, and how to mend it."""

from bisect import bisect_right
from dataclasses import dataclass
from dataclasses import replace
from typing import Literal

Severity = Literal["error", "warning", "hint"]


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that mends a finding: the characters from `start` to `end` are replaced."""

    title: str
    start: int
    end: int
    replacement: str

    def apply(self, text: str) -> str:
        """Return the text with this change made."""
        return text[: self.start] + self.replacement + text[self.end :]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One remark about the characters from `start` to `end` of a query.

    An error is a query that is not ADQL, or that names what does not exist; a warning is
    one that most services refuse or that means something else than it seems; a hint is
    advice. `line` and `column` count from 1. `code` is a short name that stays the same
    between releases.
    """

    severity: Severity
    code: str
    message: str
    start: int
    end: int
    line: int
    column: int
    fixes: tuple[Fix, ...] = ()


MOST_FINDINGS = 100


class Report:
    """The findings about one text, as they are made: the first 100 of them."""

    def __init__(self, text: str) -> None:
        """Start without findings."""
        self.text = text
        self._line_starts = [0]
        self._line_starts += [at + 1 for at, one in enumerate(text) if one == "\n"]
        self._findings: dict[tuple[str, int, int], Finding] = {}

    def add(
        self,
        severity: Severity,
        code: str,
        message: str,
        span: tuple[int, int],
        *fixes: Fix,
    ) -> None:
        """Add a finding about the characters of `span`; the same one twice counts once."""
        if self.is_full:
            return
        start = min(max(span[0], 0), len(self.text))
        end = min(max(span[1], start), len(self.text))
        line = bisect_right(self._line_starts, start)
        finding = Finding(
            severity=severity,
            code=code,
            message=message,
            start=start,
            end=end,
            line=line,
            column=start - self._line_starts[line - 1] + 1,
            fixes=fixes,
        )
        self._findings.setdefault((code, start, end), finding)

    def remove(self, code: str, span: tuple[int, int]) -> None:
        """Take a finding back."""
        self._findings.pop((code, *span), None)

    def mend(self, code: str, span: tuple[int, int], fix: Fix) -> None:
        """Give a finding, if it is there, a better fix."""
        finding = self._findings.get((code, *span))
        if finding is not None:
            self._findings[code, *span] = replace(finding, fixes=(fix,))

    @property
    def is_full(self) -> bool:
        """Say whether no more findings are taken, so that nothing need be looked for."""
        return len(self._findings) >= MOST_FINDINGS

    @property
    def has_errors(self) -> bool:
        """Say whether one of the findings is an error."""
        return any(one.severity == "error" for one in self._findings.values())

    def findings(self) -> tuple[Finding, ...]:
        """Return what was found, in the order of the text."""
        return tuple(sorted(self._findings.values(), key=lambda one: (one.start, one.end)))
