"""The files of a dataset, or of all datasets of a container."""

from collections.abc import Sequence

from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import Snippet
from portal_rucio.code import python_code
from portal_rucio.columns import FILE_COLUMNS
from portal_rucio.connector import Lake
from portal_rucio.identifiers import DidText
from portal_rucio.identifiers import read_did
from portal_rucio.query import LakeQuery
from portal_rucio.resources import File
from portal_rucio.rows import file_row
from portal_rucio.tables import streamed_table


class FilesParameters(QueryParameters):
    """Of what."""

    did: DidText = parameter(
        title="Dataset or container",
        description="Its scope and its name, as scope:name.",
        placeholder="survey:data-release-1",
    )


class FilesQuery(LakeQuery):
    """List the files of a dataset or container."""

    kind = "files"
    title = "Files of a dataset"
    description = "List the files of a dataset, or of all datasets of a container."
    Parameters = FilesParameters

    def text(self, parameters: FilesParameters) -> str:
        """Return the address."""
        did = read_did(parameters.did)
        return self._settings.address("dids", did["scope"], did["name"], "files")

    def job_title(self, parameters: FilesParameters) -> str:
        """Return the dataset."""
        return f"{self.title}: {' '.join(parameters.did.split())}"

    def code(self, parameters: FilesParameters, *, maxrec: int) -> Sequence[Snippet]:
        """Return the same for Rucio's own client, which reads the list whole."""
        did = read_did(parameters.did)
        return python_code(self._settings, f"list_files({did['scope']!r}, {did['name']!r})")

    def run(self, parameters: FilesParameters, context: JobContext) -> ResultTable:
        """Read the list as it arrives."""
        files = Lake(context, self._settings).lines(File, self.text(parameters))
        rows = (file_row(file, self._settings.id) for file in files)
        return streamed_table(FILE_COLUMNS, rows, maxrec=context.maxrec)
