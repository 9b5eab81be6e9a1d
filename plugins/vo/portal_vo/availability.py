"""Whether a service answers: VOSI's availability, or the least question that it must answer."""

from typing import Literal

from portal.plugins import Column
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import Query
from portal.plugins import QueryLink
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal.plugins import ServiceUrl
from portal.plugins import TransientError
from portal_vo.connector import TapService
from portal_vo.positional.addresses import request_url
from portal_vo.positional.asking import Asker
from portal_vo.xml import find_all
from portal_vo.xml import find_text
from portal_vo.xml import read_xml

QUERY_ID = "vo.availability"
COLUMNS = (Column(name="access_url", arraysize="*", description="Service that answered"),)
METADATA = ("FORMAT", "METADATA")
LEAST_QUESTIONS = {
    "scs": ("Cone Search", [("RA", "0"), ("DEC", "0"), ("SR", "0")]),  # SCS 1.03, section 2
    "sia1": ("SIA", [("POS", "0,0"), ("SIZE", "0"), METADATA]),  # SIA 1.0, section 6.1
    "sia2": ("SIA", [("MAXREC", "0")]),  # DALI 1.1, section 3.4.4
    "ssa": ("SSA", [("REQUEST", "queryData"), METADATA]),  # SSA 1.1, section 4.1.1
}


def availability_link(access_url: str, standard: str) -> QueryLink:
    """Return the query for a service of one of the standards."""
    parameters = {"access_url": access_url, "standard": standard}
    return QueryLink(query_id=QUERY_ID, parameters=parameters)


class AvailabilityParameters(QueryParameters):
    """Which service to look at."""

    access_url: ServiceUrl = parameter(title="Service")
    standard: Literal["tap", "scs", "sia1", "sia2", "ssa"] = parameter(
        "tap", title="What kind of service it is"
    )


class AvailabilityQuery(Query):
    """Fails, in the service's own words, when it does not answer or says that it is down."""

    id = QUERY_ID
    title = "See whether a service answers"
    Parameters = AvailabilityParameters
    hidden = True

    def text(self, parameters: AvailabilityParameters) -> str:
        """Return the address."""
        return parameters.access_url

    def run(self, parameters: AvailabilityParameters, context: JobContext) -> ResultTable:
        """Ask the service."""
        if parameters.standard == "tap":
            _check_tap(TapService(context.http, parameters.access_url))
        else:
            protocol, question = LEAST_QUESTIONS[parameters.standard]
            url = request_url(parameters.access_url, question)
            for _ in Asker(context.http, protocol).ask(url).batches:
                pass
        return ResultTable.from_rows(COLUMNS, [(parameters.access_url,)])


def _check_tap(service: TapService) -> None:
    """Read VOSI's availability (VOSI 1.1, section 4), or the capabilities where it has none."""
    response = service.fetch(f"{service.url}/availability")
    if response is None:
        if service.capabilities() is None:
            raise ServiceError(f"there is no TAP service at {service.url}")
        return
    document = read_xml(response)
    if find_text(document, "available").casefold() in ("false", "0"):
        notes = [" ".join((note.text or "").split()) for note in find_all(document, "note")]
        said = "; ".join(filter(None, notes)) or "and not why"
        raise TransientError(f"the service says that it is not available: {said}")
