"""Run jobs of an archive portal from Python: `Portal(url, token)` is where it begins."""

from portal_client.basket import Added
from portal_client.basket import Basket
from portal_client.downloads import Downloaded
from portal_client.errors import InvalidParametersError
from portal_client.errors import JobError
from portal_client.errors import ParameterError
from portal_client.errors import PortalError
from portal_client.errors import UnavailableError
from portal_client.errors import WaitTimeoutError
from portal_client.job_types import Example
from portal_client.job_types import JobType
from portal_client.job_types import JobTypeSummary
from portal_client.jobs import ErrorSummary
from portal_client.jobs import Job
from portal_client.portal import Portal
from portal_client.results import OverflowWarning
from portal_client.results import Result
from portal_client.session import open_session
from portal_client.session import Session

__all__ = [
    "Added",
    "Basket",
    "Downloaded",
    "ErrorSummary",
    "Example",
    "InvalidParametersError",
    "Job",
    "JobError",
    "JobType",
    "JobTypeSummary",
    "OverflowWarning",
    "ParameterError",
    "Portal",
    "PortalError",
    "Result",
    "Session",
    "UnavailableError",
    "WaitTimeoutError",
    "open_session",
]
