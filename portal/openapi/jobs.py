"""The tree of the job service (UWS 1.1, section 2.2) in OpenAPI's words."""

from typing import Any

from portal.uws.json_schema import UWS_SCHEMA

Json = dict[str, Any]

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
XML = "application/xml"
TAG = "jobs"
PREFIX = "Uws"
CONTROL = {
    "PHASE": "RUN starts the job at once",
    "RUNID": "A name of the caller's own",
    "BASKET": "The basket that the rows go into when the job completes: `current` or its id",
    "EXECUTIONDURATION": "How many seconds it may run",
    "DESTRUCTION": "When it may be deleted, in UTC",
}

JOB_SCHEMAS: Json = {PREFIX + name.capitalize(): one for name, one in UWS_SCHEMA["$defs"].items()}


def _path(*names: str) -> list[Json]:
    about = {"root": "`jobs`, or the name of a job type", "job_id": "The id of a job"}
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": about.get(name, "Its name"),
            "schema": {"type": "string"},
        }
        for name in names
    ]


def _query(**about: str) -> list[Json]:
    return [
        {"name": name, "in": "query", "description": words, "schema": {"type": "string"}}
        for name, words in about.items()
    ]


def _document(name: str, words: str) -> Json:
    schema = {"$ref": f"#/components/schemas/{PREFIX}{name}"}
    return {"description": words, "content": {JSON: {"schema": schema}, XML: {}}}


def _operation(operation_id: str, summary: str, parameters: list[Json], **more: Any) -> Json:
    responses = more.pop("responses", {"303": {"description": "Done; Location says where"}})
    default = {"description": "It could not be done", "content": {"text/plain": {}}}
    return {
        "operationId": f"uws_{operation_id}",
        "summary": summary,
        "tags": [TAG],
        "parameters": parameters,
        "responses": {**responses, "default": default},
        **more,
    }


def _form(fields: dict[str, str], *, others: bool = False) -> Json:
    properties = {name: {"type": "string", "description": words} for name, words in fields.items()}
    schema = {"type": "object", "properties": properties, "additionalProperties": others}
    return {"required": True, "content": {FORM: {"schema": schema}}}


def _creation() -> Json:
    body = _form({"TYPE": "The job type, where the root does not say it", **CONTROL}, others=True)
    lower = {"type": "string"}
    names = ("type", "phase", "runId", "basket", "executionDuration", "destruction")
    body["content"][JSON] = {
        "schema": {
            "type": "object",
            "properties": {"parameters": {"type": "object"}} | dict.fromkeys(names, lower),
        }
    }
    return body


_ROOT, _JOB = _path("root"), _path("root", "job_id")

JOB_PATHS: Json = {
    "/uws/types": {
        "get": _operation(
            "types",
            "List the job types",
            [],
            responses={"200": {"description": "Their names and titles", "content": {JSON: {}}}},
        )
    },
    "/uws/types/{type_name}/schema": {
        "get": _operation(
            "type_schema",
            "Show the JSON Schema of a type's parameters",
            _path("type_name"),
            responses={
                "200": {"description": "The schema", "content": {"application/schema+json": {}}}
            },
        )
    },
    "/uws/{root}": {
        "get": _operation(
            "list",
            "List your jobs",
            _ROOT + _query(PHASE="Only this phase", AFTER="Made after", LAST="The latest so many"),
            responses={"200": _document("Jobs", "The jobs, newest first")},
        ),
        "post": _operation("create", "Make a job", _ROOT, requestBody=_creation()),
    },
    "/uws/{root}/{job_id}": {
        "get": _operation(
            "show",
            "Show a job",
            _JOB + _query(WAIT="Seconds to wait for another phase", PHASE="The phase to leave"),
            responses={"200": _document("Job", "The job")},
        ),
        "post": _operation(
            "change",
            "Change or delete a job",
            _JOB,
            requestBody=_form({"ACTION": "DELETE", **CONTROL}, others=True),
        ),
        "delete": _operation("delete", "Delete a job", _JOB),
    },
    "/uws/{root}/{job_id}/phase": {
        "get": _operation(
            "phase",
            "Show the phase",
            _JOB,
            responses={"200": {"description": "The phase", "content": {"text/plain": {}}}},
        ),
        "post": _operation(
            "set_phase",
            "Run or abort a job",
            _JOB,
            requestBody=_form({"PHASE": "RUN or ABORT"}),
        ),
    },
    "/uws/{root}/{job_id}/parameters": {
        "get": _operation(
            "parameters",
            "Show the parameters",
            _JOB,
            responses={"200": _document("Parameters", "The parameters")},
        )
    },
    "/uws/{root}/{job_id}/results": {
        "get": _operation(
            "results",
            "List the results",
            _JOB,
            responses={"200": _document("Results", "The results")},
        )
    },
    "/uws/{root}/{job_id}/results/{name}": {
        "get": _operation(
            "result",
            "Fetch a result",
            _path("root", "job_id", "name"),
            responses={
                "200": {
                    "description": "The rows as a VOTable, or a file as it is",
                    "content": {"application/x-votable+xml": {}},
                }
            },
        )
    },
}
