"""The JSON Schema of the documents that `serialize` writes as JSON."""

from typing import Any

from portal.uws.phases import ExecutionPhase

_TEXT = {"type": "string"}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_INSTANT = {"type": "string", "format": "date-time"}
_INSTANT_OR_NULL = {"type": ["string", "null"], "format": "date-time"}
_LINK = {"type": "string", "format": "uri"}
_PHASE = {"enum": [phase.value for phase in ExecutionPhase]}


def _object(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": required | optional,
    }


_PARAMETER = _object({"id": _TEXT, "value": _TEXT, "byReference": {"type": "boolean"}})
_RESULT = _object(
    {"id": _TEXT, "href": _LINK, "size": {"type": ["integer", "null"]}, "mimeType": _TEXT}
)
_ERROR = _object(
    {
        "type": {"enum": ["transient", "fatal"]},
        "hasDetail": {"type": "boolean"},
        "message": _TEXT,
    }
)
_JOB = _object(
    {
        "version": {"const": "1.1"},
        "jobId": _TEXT,
        "href": _LINK,
        "runId": _TEXT_OR_NULL,
        "ownerId": _TEXT_OR_NULL,
        "phase": _PHASE,
        "quote": _INSTANT_OR_NULL,
        "creationTime": _INSTANT,
        "startTime": _INSTANT_OR_NULL,
        "endTime": _INSTANT_OR_NULL,
        "executionDuration": {"type": "integer", "minimum": 0},
        "destruction": _INSTANT_OR_NULL,
        "parameters": {"type": "array", "items": _PARAMETER},
        "results": {"type": "array", "items": _RESULT},
        "errorSummary": {"anyOf": [{"type": "null"}, _ERROR]},
        "jobInfo": {"type": "object", "required": ["type", "attempt"]},
    }
)
_REFERENCE = _object(
    {
        "id": _TEXT,
        "href": _LINK,
        "phase": _PHASE,
        "runId": _TEXT_OR_NULL,
        "ownerId": _TEXT_OR_NULL,
        "creationTime": _INSTANT,
    }
)
_PARAMETERS = {"type": "array", "items": _PARAMETER}
_RESULTS = {"type": "array", "items": _RESULT}
_JOBS = _object({"version": {"const": "1.1"}, "jobs": {"type": "array", "items": _REFERENCE}})

UWS_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "UWS 1.1 as JSON",
    "description": "A job, a list of jobs, or the parameters or results of a job: the names of "
    "the XML documents, null for nil.",
    "anyOf": [{"$ref": f"#/$defs/{name}"} for name in ("job", "jobs", "parameters", "results")],
    "$defs": {"job": _JOB, "jobs": _JOBS, "parameters": _PARAMETERS, "results": _RESULTS},
}
