"""A job that somebody made at a TAP service: followed here, its result kept here."""

import re

from portal.plugins import Example
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import ServiceUrl
from portal.plugins import UsageError
from portal_vo.following import follow
from portal_vo.login import log_in
from portal_vo.uws import RemoteJob

# Parts of a job (UWS 1.1, section 2.2.2.1) whose address somebody may have copied.
PARTS = re.compile(
    r"/(phase|results(/[^/]*)?|error|parameters|quote|owner|executionduration|destruction)/?$"
)


class ResumeParameters(QueryParameters):
    """Which job at a service."""

    job_url: ServiceUrl = parameter(
        title="Address of the job",
        description="As the service, TOPCAT or pyvo gave it, such as https://…/async/12345.",
        placeholder="https://dc.g-vo.org/tap/async/12345",
    )
    start: bool = parameter(default=False, title="Start it, if it waits to be started")


class ResumeQuery(Query):
    """Takes over a job that runs at a TAP service: follows it, and keeps its result.

    The job stays at the service as it is: it is neither aborted nor deleted.
    """

    id = "query.tap-resume"
    title = "Take over a job at a TAP service"
    description = (
        "Follows a job that was made at a service with another program, and brings its result "
        "here. At the service it stays as it is."
    )
    Parameters = ResumeParameters
    examples: tuple[Example, ...] = ()

    def text(self, parameters: ResumeParameters) -> str:
        """Return the address of the job."""
        return job_address(parameters.job_url)

    def service(self, parameters: ResumeParameters) -> str:
        """Return the address of the job."""
        return parameters.job_url

    def run(self, parameters: ResumeParameters, context: JobContext) -> ResultTable:
        """Follow the job to its end, and return its result; raises in the service's words."""
        url = job_address(parameters.job_url)
        log_in(context, url)
        job = RemoteJob(context.http, url, service_url=url)
        document = job.look()
        if document is None:
            raise UsageError(f"the service knows no job at {url}: it may have been deleted")
        if document.phase == "PENDING" and not parameters.start:
            raise UsageError(
                "the job waits at the service until somebody starts it (PENDING): "
                "tick the box that has it started"
            )
        if document.phase == "ARCHIVED":
            raise UsageError("the service has deleted the result of the job (ARCHIVED)")
        return follow(job, document, context, is_ours=False)


def job_address(url: str) -> str:
    """Return the address of a job, of whichever of its parts this is the address."""
    address = url.strip().partition("?")[0].partition("#")[0].rstrip("/")
    return PARTS.sub("", address)
