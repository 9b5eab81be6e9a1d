"""Waiting until rules hold: every file that they want somewhere is there."""

from collections.abc import Sequence
from functools import partial

from portal.plugins import growing_pauses
from portal.plugins import JobContext
from portal.plugins import Patience
from portal.plugins import ServiceError
from portal_rucio.connector import Lake
from portal_rucio.resources import Rule

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
GIVEN_UP = frozenset({"STUCK", "SUSPENDED"})
ENDED = GIVEN_UP | {"OK"}


def follow(rules: Sequence[str], lake: Lake, context: JobContext, *, place: str) -> None:
    """Wait until all rules are OK; raises ServiceError when Rucio gets no further with one.

    Rules are left as they are, whatever happens: they belong to the user, a repeated query
    finds them again, and their lifetime ends them.
    """
    patience = Patience(context)
    for pause in growing_pauses(FIRST_PAUSE, LONGEST_PAUSE):
        found = [lake.get(Rule, lake.settings.address("rules", one)) for one in rules]
        said = _report(found, context, place)
        if all(rule.state in ENDED for rule in found):
            break
        patience.wait(pause, out_of_time=partial(_out_of_time, said))
    failed = [rule for rule in found if rule.state in GIVEN_UP]
    if failed:
        raise ServiceError(f"{said}. {' '.join(map(_failure, failed))}")


def _report(rules: Sequence[Rule], context: JobContext, place: str) -> str:
    there, wanted = sum(rule.locks_ok_cnt for rule in rules), sum(rule.locks for rule in rules)
    said = f"{there} of {wanted} files are at {place}"
    waiting = {rule.state for rule in rules} - ENDED - {"REPLICATING"}
    if waiting:
        said = f"{said}; Rucio says {', '.join(sorted(waiting))}"
    context.report(there / wanted if wanted else None, said)
    return said


def _failure(rule: Rule) -> str:
    why = " ".join((rule.error or "Rucio does not say why").split())[:500]
    return f"Rule {rule.id} for {rule.scope}:{rule.name} is {rule.state}: {why}."


def _out_of_time(said: str) -> str:
    return f"{said}. Rucio goes on: ask again later, and nothing is copied twice."
