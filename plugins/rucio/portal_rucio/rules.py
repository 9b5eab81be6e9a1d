"""Copies of files made next to the compute: replication rules, and waiting until they hold."""

import json
from typing import Any

from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal_rucio.answers import DuplicateRuleError
from portal_rucio.connector import Lake
from portal_rucio.following import follow
from portal_rucio.identifiers import DidText
from portal_rucio.identifiers import read_did
from portal_rucio.query import LakeQuery
from portal_rucio.replicas import replicas_table
from portal_rucio.replicas import ReplicasParameters
from portal_rucio.resources import Rule

SECONDS_PER_DAY = 86_400
COPIES = 1


class RuleParameters(QueryParameters):
    """What, where to, and for how long."""

    did: list[DidText] = parameter(
        title="Data identifiers",
        description="Of files, datasets or containers, as scope:name.",
        min_length=1,
        max_length=20,
    )
    rse_expression: str = parameter(
        title="Place",
        description=(
            "Where a copy is wanted: an RSE expression, such as the name of a storage element "
            "or site=CERN."
        ),
        min_length=1,
        max_length=1000,
    )
    lifetime: float = parameter(
        7, title="Kept for", description="Then Rucio may delete it.", unit="d", ge=0.01, le=365
    )


class RuleQuery(LakeQuery):
    """Have copies made, and list them when they are there."""

    kind = "rule"
    title = "Copy next to the compute"
    description = (
        "Have Rucio copy files to a place (a replication rule), wait until they are there, and "
        "list them. Aborting only ends the waiting: the copies are made all the same, and a "
        "second query of the same data and place finds them."
    )
    Parameters = RuleParameters

    def text(self, parameters: RuleParameters) -> str:
        """Return the address, and what is sent there."""
        lines = [f"POST {self._settings.address('rules', '')}"]
        lines += [json.dumps(_wish(one, parameters), ensure_ascii=False) for one in parameters.did]
        return "\n".join(lines)

    def job_title(self, parameters: RuleParameters) -> str:
        """Return what is copied, and where to."""
        said = f"{', '.join(parameters.did)} to {parameters.rse_expression}"
        return f"{self.title}: {' '.join(said.split())}"[:200]

    def run(self, parameters: RuleParameters, context: JobContext) -> ResultTable:
        """Make a rule for each identifier, or find the one that there is; then wait."""
        lake = Lake(context, self._settings)
        account = lake.account()
        rules = [
            self._rule(number, parameters, lake=lake, account=account, context=context)
            for number in range(len(parameters.did))
        ]
        follow(rules, lake, context, place=parameters.rse_expression)
        wanted = ReplicasParameters(did=parameters.did, rse_expression=parameters.rse_expression)
        return replicas_table(lake, wanted, maxrec=context.maxrec)

    def _rule(
        self,
        number: int,
        parameters: RuleParameters,
        *,
        lake: Lake,
        account: str,
        context: JobContext,
    ) -> str:
        """Return the id of a rule, which is kept before anything else is done."""
        key, did = f"rule-{number}", parameters.did[number]
        if key in context.checkpoints:
            return context.checkpoints[key]
        wish = _wish(did, parameters) | {"account": account, "comment": f"job {context.job_id}"}
        try:
            rule = _first_id(lake.post(self._settings.address("rules", ""), wish))
            said = "was made"
        except DuplicateRuleError:
            existing = self._existing(did, parameters, lake=lake, account=account)
            rule, said = existing.id, f"was there, and ends {existing.expires_at or 'never'}"
        context.checkpoint(key, rule)
        context.log(f"Rule {rule} for {did} {said}")
        return rule

    def _existing(self, did: str, parameters: RuleParameters, *, lake: Lake, account: str) -> Rule:
        """Return the rule that keeps another one like it from being made."""
        place = parameters.rse_expression
        query = read_did(did) | {"account": account, "rse_expression": place}
        for rule in lake.lines(Rule, self._settings.address("rules", "", query=query)):
            if rule.copies == COPIES and rule.rse_expression == place:
                return rule
        raise ServiceError(f"Rucio says that a rule for {did} at {place} exists, and has none")


def _wish(did: str, parameters: RuleParameters) -> dict[str, Any]:
    return {
        "dids": [read_did(did)],
        "copies": COPIES,
        "rse_expression": parameters.rse_expression,
        "lifetime": round(parameters.lifetime * SECONDS_PER_DAY),
    }


def _first_id(document: Any) -> str:
    if isinstance(document, list) and document and isinstance(document[0], str):
        return document[0]
    raise ServiceError("Rucio was asked for a rule and did not say which it made")
