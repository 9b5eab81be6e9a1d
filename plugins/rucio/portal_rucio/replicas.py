"""Where the files behind data identifiers are."""

import json
from collections.abc import Sequence
from typing import Any
from typing import Literal

from portal.plugins import Choice
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import Snippet
from portal_rucio.code import python_code
from portal_rucio.columns import REPLICA_COLUMNS
from portal_rucio.connector import Lake
from portal_rucio.identifiers import DidText
from portal_rucio.identifiers import read_did
from portal_rucio.query import LakeQuery
from portal_rucio.resources import Replicas
from portal_rucio.rows import replica_rows
from portal_rucio.settings import LakeSettings
from portal_rucio.tables import streamed_table

BY_HTTP = ("https", "http", "davs")
WAYS = {"http": "over HTTP: what a basket can fetch", "any": "any: root, gsiftp, srm, s3, ..."}


class ReplicasParameters(QueryParameters):
    """Of what, where, and how they are fetched."""

    did: list[DidText] = parameter(
        title="Data identifiers",
        description="Of files, datasets or containers, as scope:name.",
        min_length=1,
        max_length=100,
    )
    rse_expression: str = parameter(
        "",
        title="Places",
        description=(
            "An RSE expression: names of storage elements, or attributes such as site=CERN, put "
            "together with | (or), & (and) and \\ (without). Empty: everywhere."
        ),
        max_length=1000,
    )
    scheme: Literal["http", "any"] = parameter("http", title="Fetched")
    only_best: bool = parameter(
        default=True,
        title="Only the best replica of each file",
        description="The first by priority that can be fetched; otherwise all are listed.",
    )


class ReplicasQuery(LakeQuery):
    """List where files are."""

    kind = "replicas"
    title = "Replicas"
    description = "List where files are, and the addresses at which they can be fetched."
    Parameters = ReplicasParameters

    def text(self, parameters: ReplicasParameters) -> str:
        """Return the address, and the document that is sent there."""
        url, document = _question(self._settings, parameters)
        return f"POST {url}\n{json.dumps(document, ensure_ascii=False)}"

    def job_title(self, parameters: ReplicasParameters) -> str:
        """Return what is looked for."""
        return f"{self.title}: {' '.join(', '.join(parameters.did).split())}"[:200]

    def choices(self, field_name: str) -> Sequence[Choice]:
        """Return the ways to fetch a file, in words."""
        if field_name != "scheme":
            return ()
        return [Choice(value=value, title=title) for value, title in WAYS.items()]

    def code(self, parameters: ReplicasParameters, *, maxrec: int) -> Sequence[Snippet]:
        """Return the same for Rucio's own client, which reads the list whole."""
        _, document = _question(self._settings, parameters)
        asked = ", ".join(f"{name}={value!r}" for name, value in document.items())
        return python_code(self._settings, f"list_replicas({asked})")

    def run(self, parameters: ReplicasParameters, context: JobContext) -> ResultTable:
        """Read the list as it arrives."""
        return replicas_table(Lake(context, self._settings), parameters, maxrec=context.maxrec)


def replicas_table(lake: Lake, parameters: ReplicasParameters, *, maxrec: int) -> ResultTable:
    """Return the replicas that are asked for, as they arrive."""
    url, document = _question(lake.settings, parameters)
    rows = (
        row
        for file in lake.lines(Replicas, url, post=document)
        for row in replica_rows(file, lake.settings.id, only_best=parameters.only_best)
    )
    return streamed_table(REPLICA_COLUMNS, rows, maxrec=maxrec)


def _question(lake: LakeSettings, parameters: ReplicasParameters) -> tuple[str, dict[str, Any]]:
    document: dict[str, Any] = {"dids": [read_did(one) for one in parameters.did]}
    if parameters.scheme == "http":
        document["schemes"] = list(BY_HTTP)
    if parameters.rse_expression:
        document["rse_expression"] = parameters.rse_expression
    return lake.address("replicas", "list"), document
