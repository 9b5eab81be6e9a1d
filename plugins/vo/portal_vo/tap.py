"""A query in ADQL to any TAP service."""

from collections.abc import Mapping
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
from portal.plugins import UsageError
from portal_vo.code import tap_code
from portal_vo.connector import TapService
from portal_vo.following import follow
from portal_vo.login import log_in
from portal_vo.metadata.found import find_metadata
from portal_vo.metadata.store import MetadataStore

REMOTE_JOB = "remote_job"
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
        description="In ADQL. The tables of a service are listed in its own TAP_SCHEMA.tables.",
        placeholder="SELECT TOP 100 * FROM ivoa.obscore",
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
        service = TapService(context.http, parameters.access_url)
        if parameters.mode != "synchronous":
            table = _ask_by_job(service, parameters, context)
            if table is not None:
                return table
            if parameters.mode == "asynchronous":
                raise UsageError(f"{service.url} offers no jobs: choose another way to ask")
        context.report(None, "asking the service")
        return service.query_sync(
            parameters.query,
            maxrec=context.maxrec,
            response_format=service.preferred_format(),
        )


def _ask_by_job(
    service: TapService, parameters: TapParameters, context: JobContext
) -> ResultTable | None:
    """Return the result of a remote job: the one an earlier attempt made, or a new one.

    None when the service offers no jobs.
    """
    known = context.checkpoints.get(REMOTE_JOB)
    if known:
        job = service.job(known)
        document = job.look()
        if document is not None and document.is_useful:
            context.report(None, "going on with the job at the service")
            return follow(job, document, context)
    return _ask_by_new_job(service, parameters, context)


def _ask_by_new_job(
    service: TapService, parameters: TapParameters, context: JobContext
) -> ResultTable | None:
    context.report(None, "making a job at the service")
    job = service.create_job(
        parameters.query,
        maxrec=context.maxrec,
        response_format=service.preferred_format(),
    )
    if job is None:
        return None
    # Committed before it is run: whatever happens to this attempt, the next one finds it.
    context.checkpoint(REMOTE_JOB, job.url)
    document = job.look()
    if document is None:
        raise ServiceError(f"{service.url} does not know the job that it has just made")
    return follow(job, document, context)
