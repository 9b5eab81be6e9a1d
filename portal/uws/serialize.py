"""Jobs as UWS 1.1 documents: XML after the schema of the Recommendation, and JSON beside it.

Pure: what a document says about the world around a job (its root, its owner's name, its place
in the queue) is given as a `View`. The XML is written piece by piece in the order of the
schema, and with nil where the schema wants an element of a value that is not known.
"""

import re
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import UTC
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape
from xml.sax.saxutils import quoteattr as quote_attribute

from portal.uws.models import Job
from portal.uws.models import JobReference
from portal.uws.models import Parameter
from portal.uws.models import Result

VERSION = "1.1"
NAMESPACES = (
    'xmlns:uws="http://www.ivoa.net/xml/UWS/v1.0" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
PIECE = 500  # references that are sent together
DECLARATION = '<?xml version="1.0"?>\n'  # of clients that parse text, some fail at an encoding
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How one caller sees jobs: the absolute URL of the list, and the name of the owner.

    `queue_position` and `children`, by id, are those of the one job that is shown.
    """

    root: str
    owner_name: str | None = None
    queue_position: int | None = None
    children: Sequence[str] = ()

    def job(self, job_id: str) -> str:
        """Return the URL of a job."""
        return f"{self.root}/{job_id}"

    def parameter(self, job_id: str, name: str) -> str:
        """Return the URL of a parameter."""
        return f"{self.root}/{job_id}/parameters/{quote(name, safe='')}"

    def result(self, job_id: str, name: str) -> str:
        """Return the URL of a result."""
        return f"{self.root}/{job_id}/results/{quote(name, safe='')}"


def instant(time: datetime | None) -> str:
    """Write a time as UWS wants it, UTC with "Z" and as exact as it is stored; empty for None."""
    if time is None:
        return ""
    in_utc = time.astimezone(UTC).replace(tzinfo=None)
    return in_utc.isoformat(timespec="microseconds") + "Z"


def is_xml(text: str) -> bool:
    """Say whether a text can stand in an XML document."""
    return NOT_IN_XML.search(text) is None


def shown_results(job: Job) -> list[Result]:
    """Return the results that are whole; rows that still arrive are no UWS result."""
    return [result for result in job.results if not result.partial]


def job_xml(job: Job, view: View) -> str:
    """Write the job element (UWS 1.1, section 2.1 and schema)."""
    return DECLARATION + "".join(_job_pieces(job, view)) + "</uws:job>\n"


def _job_pieces(job: Job, view: View) -> Iterator[str]:
    yield f'<uws:job {NAMESPACES} version="{VERSION}">'
    yield _element("jobId", job.id)
    if job.run_id:
        yield _element("runId", job.run_id)
    yield _nillable("ownerId", view.owner_name)
    yield _element("phase", job.phase.value)
    yield _nillable("quote", instant(job.quote))
    yield _element("creationTime", instant(job.creation_time))
    yield _nillable("startTime", instant(job.start_time))
    yield _nillable("endTime", instant(job.end_time))
    yield _element("executionDuration", str(job.execution_duration))
    yield _nillable("destruction", instant(job.destruction))
    yield _parameters(job, view)
    yield _results(job, view)
    yield _error_summary(job)
    yield _job_info(job, view)


def parameters_xml(job: Job, view: View) -> str:
    """Write the list of parameters as a document of its own."""
    return DECLARATION + _parameters(job, view, attributes=f" {NAMESPACES}") + "\n"


def results_xml(job: Job, view: View) -> str:
    """Write the list of results as a document of its own."""
    return DECLARATION + _results(job, view, attributes=f" {NAMESPACES}") + "\n"


def jobs_xml(references: Sequence[JobReference], view: View) -> Iterator[str]:
    """Write the list of jobs, in pieces worth sending."""
    yield f'{DECLARATION}<uws:jobs {NAMESPACES} version="{VERSION}">'
    root = escape(view.root, {'"': "&quot;"})
    owner = _nillable("ownerId", view.owner_name)
    for start in range(0, len(references), PIECE):
        yield "".join(_jobref(one, root, owner) for one in references[start : start + PIECE])
    yield "</uws:jobs>\n"


def _jobref(one: JobReference, root: str, owner: str) -> str:
    run_id = _element("runId", one.run_id) if one.run_id else ""
    return (
        f'<uws:jobref id="{one.id}" xlink:href="{root}/{one.id}">'
        f"<uws:phase>{one.phase.value}</uws:phase>{run_id}{owner}"
        f"<uws:creationTime>{instant(one.creation_time)}</uws:creationTime></uws:jobref>"
    )


def _parameters(job: Job, view: View, *, attributes: str = "") -> str:
    inner = "".join(_parameter(one, view) for one in job.parameters)
    return f"<uws:parameters{attributes}>{inner}</uws:parameters>"


def _parameter(one: Parameter, view: View) -> str:
    value, by_reference = parameter_value(one, view)
    reference = ' byReference="true"' if by_reference else ""
    return f"<uws:parameter id={_quoted(one.name)}{reference}>{_text(value)}</uws:parameter>"


def parameter_value(one: Parameter, view: View) -> tuple[str, bool]:
    """Return a value as documents show it, and whether it is the URL of the value.

    It has to be a URL when the value cannot be written in XML (UWS 1.1, section 2.1.11).
    """
    if one.by_reference or not is_xml(one.value):
        return view.parameter(one.job_id, one.name), True
    return one.value, False


def _results(job: Job, view: View, *, attributes: str = "") -> str:
    inner = "".join(_result(one, view) for one in shown_results(job))
    return f"<uws:results{attributes}>{inner}</uws:results>"


def _result(one: Result, view: View) -> str:
    size = "" if one.size is None else f' size="{one.size}"'
    return (
        f'<uws:result id={_quoted(one.name)} xlink:type="simple"'
        f" xlink:href={_quoted(view.result(one.job_id, one.name))}{size}"
        f" mime-type={_quoted(one.mime_type)}/>"
    )


def _error_summary(job: Job) -> str:
    if job.error_type is None:
        return ""
    has_detail = "true" if job.error_detail else "false"
    message = _element("message", job.error_message or "")
    return (
        f'<uws:errorSummary type="{job.error_type}" hasDetail="{has_detail}">'
        f"{message}</uws:errorSummary>"
    )


def _job_info(job: Job, view: View) -> str:
    inner = "".join(
        f"<{name}>{_text(' '.join(value) if isinstance(value, list) else str(value))}</{name}>"
        for name, value in job_info(job, view).items()
        if value is not None
    )
    return f"<uws:jobInfo>{inner}</uws:jobInfo>"


def job_info(job: Job, view: View) -> dict[str, Any]:
    """Return what UWS leaves to the service: type, progress, place in the queue, family."""
    return {
        "type": job.type,
        "typeVersion": job.type_version,
        "schemaHash": job.schema_hash,
        "title": job.title or None,
        "attempt": job.attempt,
        "progress": job.progress,
        "message": job.message or None,
        "queuePosition": view.queue_position,
        "parent": job.parent_id,
        "children": list(view.children) or None,
    }


def job_json(job: Job, view: View) -> dict[str, Any]:
    """Return the job as JSON shows it: the names of the XML, null for nil."""
    error = job.error_type and {
        "type": job.error_type,
        "hasDetail": bool(job.error_detail),
        "message": job.error_message or "",
    }
    return {
        "version": VERSION,
        "jobId": job.id,
        "href": view.job(job.id),
        "runId": job.run_id,
        "ownerId": view.owner_name,
        "phase": job.phase.value,
        "quote": instant(job.quote) or None,
        "creationTime": instant(job.creation_time),
        "startTime": instant(job.start_time) or None,
        "endTime": instant(job.end_time) or None,
        "executionDuration": job.execution_duration,
        "destruction": instant(job.destruction) or None,
        "parameters": parameters_json(job, view),
        "results": results_json(job, view),
        "errorSummary": error,
        "jobInfo": job_info(job, view),
    }


def parameters_json(job: Job, view: View) -> list[dict[str, Any]]:
    """Return the parameters in their order, a repeated one several times."""
    values = [(one.name, *parameter_value(one, view)) for one in job.parameters]
    return [
        {"id": name, "value": value, "byReference": by_reference}
        for name, value, by_reference in values
    ]


def results_json(job: Job, view: View) -> list[dict[str, Any]]:
    """Return the results that are whole."""
    return [
        {
            "id": one.name,
            "href": view.result(job.id, one.name),
            "size": one.size,
            "mimeType": one.mime_type,
        }
        for one in shown_results(job)
    ]


def jobs_json(references: Sequence[JobReference], view: View) -> dict[str, Any]:
    """Return the list of jobs as JSON shows it."""
    return {
        "version": VERSION,
        "jobs": [
            {
                "id": one.id,
                "href": view.job(one.id),
                "phase": one.phase.value,
                "runId": one.run_id,
                "ownerId": view.owner_name,
                "creationTime": instant(one.creation_time),
            }
            for one in references
        ],
    }


def _element(name: str, text: str) -> str:
    return f"<uws:{name}>{_text(text)}</uws:{name}>"


def _nillable(name: str, text: str | None) -> str:
    return _element(name, text) if text else f'<uws:{name} xsi:nil="true"/>'


def _quoted(text: str) -> str:
    return quote_attribute(NOT_IN_XML.sub("\ufffd", text))


def _text(text: str) -> str:
    """Escape a text; a carriage return would come back as a line feed."""
    return escape(NOT_IN_XML.sub("\ufffd", text), {"\r": "&#13;"})
