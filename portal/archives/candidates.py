"""The archives and data sets that a search of all of them offers, and why some cannot answer."""

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass

from portal.plugins.multi.parameters import cone_of
from portal.plugins.multi.parameters import MultiParameters
from portal.plugins.multi.targets import ANYWHERE
from portal.plugins.multi.targets import ask
from portal.plugins.multi.targets import CannotAnswerError
from portal.plugins.multi.targets import check_coverage
from portal.plugins.multi.targets import list_targets
from portal.plugins.multi.targets import Target
from portal.plugins.registry import PluginRegistry
from portal.plugins.types import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Something to be asked, whether it is chosen, and why it cannot answer, if so."""

    target: Target
    is_ticked: bool
    reason: str = ""


def list_candidates(
    registry: PluginRegistry,
    parameters: MultiParameters | None,
    *,
    places: Sequence[tuple[float, float]],
    ticked: Collection[str] | None,
) -> Sequence[Candidate]:
    """Return what can be asked, by archive; without a place nobody's coverage excludes it.

    One that can answer about one of the places can answer. `ticked` are ids of targets or of
    whole archives; None: all are.
    """
    return [
        Candidate(
            target=target,
            is_ticked=ticked is None or bool({target.id, target.archive.id} & set(ticked)),
            reason=_reason(target, registry, parameters, places) if parameters else "",
        )
        for target in list_targets(registry)
    ]


def by_archive(
    candidates: Sequence[Candidate],
) -> Sequence[tuple[Archive, Sequence[Candidate]]]:
    """Return them in groups, in the order in which they are."""
    groups: dict[str, list[Candidate]] = {}
    for one in candidates:
        groups.setdefault(one.target.archive.id, []).append(one)
    return [(found[0].target.archive, found) for found in groups.values()]


def _reason(
    target: Target,
    registry: PluginRegistry,
    parameters: MultiParameters,
    places: Sequence[tuple[float, float]],
) -> str:
    reasons = []
    for ra, dec in places or [(ANYWHERE.ra, ANYWHERE.dec)]:
        cone = cone_of(parameters, ra, dec)
        try:
            if places:
                check_coverage(target, cone)
            ask(target, cone, registry, rows=parameters.rows)
        except CannotAnswerError as error:
            reasons.append(error.message)
        else:
            return ""
    return reasons[0]
