"""The query `workflow.inspect`: a table of the branches, tags and files of a repository."""

from collections.abc import Iterator
from itertools import islice
from typing import cast

from pydantic import field_validator

from portal.analysis.repository.fetching import Checkout
from portal.analysis.repository.fetching import fetch
from portal.analysis.repository.remote import find_commit
from portal.analysis.repository.remote import list_refs
from portal.analysis.repository.remote import open_remote
from portal.analysis.repository.remote import Refs
from portal.parameters import parameter
from portal.parameters import QueryParameters
from portal.plugins.http import GuardedSession
from portal.plugins.repositories import check_path
from portal.plugins.repositories import read_repository
from portal.plugins.types import JobContext
from portal.plugins.types import Query
from portal.plugins.workflows import DEFAULT_REF
from portal.problems import UsageError
from portal.tables import Column
from portal.tables import ResultTable

QUERY_ID = "workflow.inspect"
MOST_BYTES = 100_000_000
MOST_REFS = 500
MOST_FILES = 5_000
ASKED, OPENED = "asked", "opened"  # the ref that was read, and what the page chooses at first
BRANCH, TAG, NOTEBOOK, FILE = "branch", "tag", "notebook", "file"
COLUMNS = (
    Column(name="kind", arraysize="*", description="asked, opened, branch, tag, notebook, file"),
    Column(name="name", arraysize="*", description="Of the ref, or the path of the file"),
    Column(name="commit", arraysize="*", description="What a branch or tag is at the moment"),
    Column(name="is_default", datatype="boolean", description="The branch of HEAD"),
)
Row = tuple[str, str, str | None, bool | None]


class InspectParameters(QueryParameters):
    """Which repository, and which state of it."""

    repository: str = parameter(title="Repository", max_length=2_000)
    ref: str = parameter(DEFAULT_REF, title="Branch, tag or commit", max_length=250)
    path: str = parameter(
        "", title="File", description="What the page chooses at first", max_length=2_000
    )

    @field_validator("repository")
    @classmethod
    def _can_be_cloned(cls, address: str) -> str:
        """Refuse what is no address, or has a password in it, before it is kept with the job."""
        try:
            read_repository(address)
        except UsageError as error:
            raise ValueError(error.message) from error
        return address


class InspectRepository(Query):
    """Reads names only: no content is fetched, where the server can leave it out."""

    id = QUERY_ID
    title = "What is in a repository"
    description = "Reads the branches, tags and notebooks of a git repository."
    Parameters = InspectParameters
    hidden = True
    local = True

    def text(self, parameters: InspectParameters) -> str:
        """Return what is read."""
        return f"{parameters.repository} at {parameters.ref}"

    def job_title(self, parameters: InspectParameters) -> str:
        """Say which repository is read."""
        return f"What is in {parameters.repository}"

    def service(self, parameters: InspectParameters) -> str:
        """Return the repository: its host is asked."""
        return parameters.repository

    def run(self, parameters: InspectParameters, context: JobContext) -> ResultTable:
        """Read the refs, then the names of one commit."""
        http = cast("GuardedSession", context.http)
        context.report(None, "asking for branches and tags")
        remote = open_remote(parameters.repository, http)
        refs = list_refs(remote, http)
        ref, path = _with_slashes(refs, parameters.ref, parameters.path)
        commit = find_commit(refs, ref, remote.url)
        context.report(None, f"reading the names of files at {commit[:10]}")
        folder = context.data_dir / "repository.git"
        folder.mkdir()
        files = fetch(remote, commit, folder, http, most_bytes=MOST_BYTES, contents=False)
        asked = (ASKED, ref, commit, None), (OPENED, path, None, None)
        return ResultTable.from_rows(COLUMNS, [*asked, *_refs(refs), *_files(files)])


def _with_slashes(refs: Refs, ref: str, path: str) -> tuple[str, str]:
    """Tell a branch with slashes in its name from folders, as the address of a page cannot."""
    parts = [ref, *path.split("/")]
    known = refs.branches.keys() | refs.tags.keys()
    for length in range(len(parts), 1, -1):
        longer = "/".join(parts[:length])
        if ref not in known and longer in known:
            return longer, "/".join(parts[length:])
    return ref, path


def _refs(refs: Refs) -> Iterator[Row]:
    for name, commit in islice(refs.branches.items(), MOST_REFS):
        yield BRANCH, name, commit, name == refs.default
    for name, commit in islice(reversed(refs.tags.items()), MOST_REFS):
        yield TAG, name, commit, None


def _files(files: Checkout) -> Iterator[Row]:
    """Go through the files that have a usable name, notebooks and what lies high up first."""
    paths = sorted(
        (path for path in files.entries if files.entries[path].is_file and _is_usable(path)),
        key=lambda path: (not _is_notebook(path), path.count("/"), path.casefold()),
    )
    for path in paths[:MOST_FILES]:
        yield NOTEBOOK if _is_notebook(path) else FILE, path, None, None


def _is_notebook(path: str) -> bool:
    hidden = any(part.startswith(".") for part in path.split("/"))
    return path.casefold().endswith(".ipynb") and not hidden


def _is_usable(path: str) -> bool:
    try:
        check_path(path)
        path.encode()
    except (UsageError, UnicodeEncodeError):
        return False
    return True
