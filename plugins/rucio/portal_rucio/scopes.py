"""The scopes of a data lake: the name spaces of its data identifiers."""

from fnmatch import fnmatchcase

from portal.plugins import Example
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal_rucio.columns import SCOPE_COLUMNS
from portal_rucio.connector import Lake
from portal_rucio.query import LakeQuery
from portal_rucio.tables import streamed_table


class ScopesParameters(QueryParameters):
    """Which of them."""

    pattern: str = parameter(
        "*",
        title="Name",
        description="* stands for any characters, ? for one.",
        widget="search",
        max_length=250,
    )


class ScopesQuery(LakeQuery):
    """List the scopes."""

    kind = "scopes"
    title = "Scopes"
    description = "List the scopes of the data lake: experiments, surveys, and people's own."
    Parameters = ScopesParameters
    examples = (Example(title="All scopes", parameters={"pattern": "*"}),)

    def text(self, parameters: ScopesParameters) -> str:
        """Return the address; Rucio sends all scopes, and names are compared here."""
        return self._settings.address("scopes", "")

    def job_title(self, parameters: ScopesParameters) -> str:
        """Return the names that are looked for."""
        return f"{self.title}: {parameters.pattern}"

    def run(self, parameters: ScopesParameters, context: JobContext) -> ResultTable:
        """Ask, and compare."""
        found = Lake(context, self._settings).document(self.text(parameters))
        if not (isinstance(found, list) and all(isinstance(one, str) for one in found)):
            raise ServiceError("Rucio sent scopes in a form that its API does not have")
        wanted = sorted(one for one in found if fnmatchcase(one, parameters.pattern))
        rows = ({"lake": self._settings.id, "scope": one} for one in wanted)
        return streamed_table(SCOPE_COLUMNS, rows, maxrec=context.maxrec)
