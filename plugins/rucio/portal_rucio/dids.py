"""The data identifiers of a scope: files, datasets and containers."""

from collections.abc import Sequence
from typing import Annotated
from typing import Literal

from pydantic import AfterValidator
from pydantic import Field

from portal.plugins import Example
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import Snippet
from portal_rucio.code import python_code
from portal_rucio.columns import DID_COLUMNS
from portal_rucio.connector import Lake
from portal_rucio.filters import check_conditions
from portal_rucio.filters import read_filters
from portal_rucio.query import LakeQuery
from portal_rucio.resources import Did
from portal_rucio.rows import did_row
from portal_rucio.tables import streamed_table

Condition = Annotated[str, Field(max_length=1000)]


class DidsParameters(QueryParameters):
    """Which of them."""

    scope: str = parameter(title="Scope", min_length=1, max_length=250)
    name: str = parameter(
        "*",
        title="Name",
        description="* stands for any characters.",
        widget="search",
        min_length=1,
        max_length=250,
    )
    did_type: Literal["collection", "dataset", "container", "file", "all"] = parameter(
        "collection",
        title="Type",
        description="A collection is a dataset (of files) or a container (of datasets).",
    )
    filters: Annotated[list[Condition], AfterValidator(check_conditions)] = parameter(
        [],
        title="Metadata",
        description="Conditions such as project=M31 or bytes>=1000000, all of which have to hold.",
        max_length=20,
    )


class DidsQuery(LakeQuery):
    """List what is in a scope."""

    kind = "dids"
    title = "Data of a scope"
    description = "List the containers, datasets and files of a scope, by name and metadata."
    Parameters = DidsParameters
    examples = (
        Example(title="All datasets", parameters={"did_type": "dataset"}),
        Example(
            title="Large files", parameters={"did_type": "file", "filters": "bytes>=1000000000"}
        ),
    )

    def text(self, parameters: DidsParameters) -> str:
        """Return the address; `limit` is added to it."""
        return self._address(parameters, {})

    def job_title(self, parameters: DidsParameters) -> str:
        """Return the names that are looked for."""
        return f"{self.title}: {parameters.scope}:{parameters.name}"

    def code(self, parameters: DidsParameters, *, maxrec: int) -> Sequence[Snippet]:
        """Return the same for Rucio's own client, which reads the list whole."""
        filters = read_filters(parameters.name, parameters.filters)
        asked = f"{parameters.scope!r}, {filters}, did_type={parameters.did_type!r}, long=True"
        return python_code(self._settings, f"list_dids({asked})")

    def run(self, parameters: DidsParameters, context: JobContext) -> ResultTable:
        """Read the list as it arrives."""
        url = self._address(parameters, {"limit": str(context.maxrec + 1)})
        dids = Lake(context, self._settings).lines(Did, url)
        rows = (did_row(did, self._settings.id) for did in dids)
        return streamed_table(DID_COLUMNS, rows, maxrec=context.maxrec)

    def _address(self, parameters: DidsParameters, more: dict[str, str]) -> str:
        query = {
            "filters": read_filters(parameters.name, parameters.filters),
            "type": parameters.did_type,
            "long": "True",
        }
        return self._settings.address(
            "dids", parameters.scope, "dids", "search", query=query | more
        )
