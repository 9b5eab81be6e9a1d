"""A query in ADQL to any TAP service."""

from collections.abc import Mapping
from typing import Any
from typing import Literal

from portal.plugins import Adql
from portal.plugins import Choice
from portal.plugins import Example
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal.plugins import ServiceMetadata
from portal.plugins import ServiceUrl
from portal.plugins import Snippet
from portal.plugins import Upload
from portal.plugins import UsageError
from portal_vo.code import tap_code
from portal_vo.connector import preferred_format
from portal_vo.connector import TapService
from portal_vo.following import follow
from portal_vo.login import log_in
from portal_vo.metadata.found import find_metadata
from portal_vo.metadata.store import MetadataStore
from portal_vo.uploads import as_votable
from portal_vo.uploads import check_upload
from portal_vo.uploads import TableUpload
from portal_vo.words import peer_of

REMOTE_JOB = "remote_job"
UPLOAD_NAME = "mytable"
UPLOADS = (
    "application/x-votable+xml", "application/vnd.apache.parquet", "application/fits",
    "application/x-ecsv", "text/csv", ".vot", ".votable", ".xml", ".parquet", ".fits", ".ecsv",
    ".csv",
)  # fmt: skip
MODES = (
    Choice(value="automatic", title="Automatic: as a job where the service has them"),
    Choice(value="asynchronous", title="As a job at the service: for queries that take long"),
    Choice(value="synchronous", title="Directly: for queries that take seconds"),
)


class TapParameters(QueryParameters):
    """Which service, and what to ask it."""

    access_url: ServiceUrl = parameter(
        title="Service",
        description="Address of a TAP service, as the registry gives it.",
        placeholder="https://dc.g-vo.org/tap",
    )
    query: Adql = parameter(
        title="Query",
        description="In ADQL. Which tables there are is under “Tables and columns”.",
        placeholder="SELECT TOP 100 * FROM ivoa.obscore",
    )
    upload_table: Upload | None = parameter(
        None,
        title="Table to send along",
        description=(
            "Goes to the service with the query: a VOTable, Parquet, FITS, ECSV or CSV file, or "
            "the result of an earlier job, or the basket."
        ),
        accept=UPLOADS,
    )
    upload_name: str | None = parameter(
        None,
        title="Its name",
        description="In the query it is TAP_UPLOAD.<name>; mytable, if you give none.",
        placeholder=UPLOAD_NAME,
        pattern=r"^[A-Za-z][A-Za-z0-9_]*$",
        max_length=60,
    )
    mode: Literal["automatic", "asynchronous", "synchronous"] = parameter(
        "automatic", title="How to ask"
    )


class TapQuery(Query):
    """Ask a TAP service in ADQL."""

    id = "query.tap"
    title = "Query a TAP service"
    description = "Ask any table service of the Virtual Observatory in ADQL."
    Parameters = TapParameters
    examples = (
        Example(
            title="Which tables a service has",
            parameters={
                "access_url": "https://dc.g-vo.org/tap",
                "query": "SELECT table_name, description FROM tap_schema.tables",
            },
        ),
        Example(
            title="Apertif continuum images",
            parameters={
                "access_url": "https://vo.astron.nl/tap",
                "query": (
                    "SELECT TOP 100 * FROM ivoa.obscore\n"
                    "WHERE obs_collection = 'apertif-dr1' AND dataproduct_subtype = 'continuum'"
                ),
            },
        ),
    )

    def __init__(self, store: MetadataStore | None = None) -> None:
        """Keep where the metadata of services are; without it, none is known."""
        self._store = store

    def metadata(self, values: Mapping[str, str]) -> ServiceMetadata | None:
        """Return what was read of the service whose address is filled in."""
        return find_metadata(self._store, values) if self._store else None

    def text(self, parameters: TapParameters) -> str:
        """Return the query as it was written."""
        return parameters.query

    def job_title(self, parameters: TapParameters) -> str:
        """Return the service and the query, in a line."""
        return f"{peer_of(parameters.access_url)}: {' '.join(parameters.query.split())}"

    def code(self, parameters: TapParameters, *, maxrec: int) -> list[Snippet]:
        """Return the same query for pyvo, curl and STILTS."""
        return tap_code(
            parameters.access_url.rstrip("?&/"),
            parameters.query,
            maxrec=maxrec,
            is_job=parameters.mode != "synchronous",
        )

    def choices(self, field_name: str) -> tuple[Choice, ...]:
        """Return the modes in words."""
        return MODES if field_name == "mode" else ()

    def run(self, parameters: TapParameters, context: JobContext) -> ResultTable:
        """Ask the service, as a job of its own where it offers them."""
        log_in(context, parameters.access_url)
        return _Asking(parameters, context).answer()


class _Asking:
    """One query to one service."""

    def __init__(self, parameters: TapParameters, context: JobContext) -> None:
        self._parameters = parameters
        self._context = context
        self._service = TapService(context.http, parameters.access_url)

    def answer(self) -> ResultTable:
        if self._parameters.mode != "synchronous":
            table = self._by_earlier_job() or self._by_new_job()
            if table is not None:
                return table
            if self._parameters.mode == "asynchronous":
                raise UsageError(f"{self._service.url} offers no jobs: choose another way to ask")
        how = self._how()
        self._context.report(None, "asking the service")
        return self._service.query_sync(self._parameters.query, **how)

    def _by_earlier_job(self) -> ResultTable | None:
        """Return the result of the remote job that an earlier attempt made, if it made one."""
        known = self._context.checkpoints.get(REMOTE_JOB)
        if not known:
            return None
        job = self._service.job(known)
        document = job.look()
        if document is None or not document.is_useful:
            return None
        self._context.report(None, "going on with the job at the service")
        return follow(job, document, self._context)

    def _by_new_job(self) -> ResultTable | None:
        """Return the result of a new remote job; None when the service offers no jobs."""
        how = self._how()
        self._context.report(None, "making a job at the service")
        job = self._service.create_job(self._parameters.query, **how)
        if job is None:
            return None
        # Committed before it is run: whatever happens to this attempt, the next one finds it.
        self._context.checkpoint(REMOTE_JOB, job.url)
        document = job.look()
        if document is None:
            raise ServiceError(f"{self._service.url} does not know the job that it has just made")
        return follow(job, document, self._context)

    def _how(self) -> dict[str, Any]:
        """Return the row limit, the format, and the table that goes along, if there is one."""
        capabilities = self._service.capabilities()
        upload = self._upload()
        if upload is not None:
            check_upload(capabilities, upload.path.stat().st_size)
        return {
            "maxrec": self._context.maxrec,
            "response_format": preferred_format(capabilities),
            "upload": upload,
        }

    def _upload(self) -> TableUpload | None:
        if self._parameters.upload_table is None:
            return None
        self._context.report(None, "preparing the table")
        path = as_votable(self._context.upload("upload_table"), self._context.data_dir)
        return TableUpload(name=self._parameters.upload_name or UPLOAD_NAME, path=path)
