"""The OpenAPI 3.1 document: of the operations' own models, and of the job service's tree."""

import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Map

from portal.openapi.jobs import JOB_PATHS
from portal.openapi.jobs import JOB_SCHEMAS
from portal.openapi.operations import Operation
from portal.openapi.operations import operations

REFERENCE = "#/components/schemas/{model}"
ARGUMENT = re.compile(r"<(?:[^<>]*:)?(\w+)>")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WORDS = {
    "ref": "`current`, the id of a basket, or the key of a link to a shared one",
    "item_id": "The id of an item",
    "change_id": "The id of a change",
    "share_id": "The id of a share",
}
PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457)",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}

Json = dict[str, Any]


def write_document(
    url_map: Map, views: Mapping[str, Callable[..., Any]], *, server: str, version: str
) -> Json:
    """Return the document of an app with these addresses and views."""
    found = dict(operations(views))
    paths: dict[str, Json] = {}
    for rule in url_map.iter_rules():
        if rule.endpoint in found:
            path = ARGUMENT.sub(r"{\1}", rule.rule)
            for method in sorted(set(METHODS) & set(rule.methods or ())):
                written = _operation(
                    rule.endpoint, found[rule.endpoint], ARGUMENT.findall(rule.rule)
                )
                paths.setdefault(path, {})[method.lower()] = written
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Archive portal",
            "version": version,
            "description": "Baskets as JSON, and jobs by UWS 1.1 as JSON or XML.",
        },
        "servers": [{"url": server}],
        "security": [{"bearer": []}, {"basic": []}, {}],
        "paths": dict(sorted(paths.items())) | JOB_PATHS,
        "components": {
            "schemas": _schemas(found.values()) | JOB_SCHEMAS | {"Problem": PROBLEM},
            "responses": {
                "Problem": {
                    "description": "It could not be done",
                    "content": {"application/problem+json": {"schema": _ref("Problem")}},
                }
            },
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "An API token"},
                "basic": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "An API token as the password, with any user name",
                },
            },
        },
    }


def _operation(endpoint: str, one: Operation, arguments: Iterable[str]) -> Json:
    written: Json = {
        "operationId": endpoint.replace(".", "_"),
        "summary": one.summary,
        "tags": [one.tag],
        "parameters": [
            *(_path_parameter(name) for name in arguments),
            *(_query_parameters(one.query) if one.query else ()),
            *([_if_match()] if one.takes_etag else []),
        ],
        "responses": {
            str(one.status): {"description": one.answer_words, **_content(one.answer)},
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }
    if one.bodies:
        schemas = [_ref(model.__name__) for model in one.bodies]
        schema = schemas[0] if len(schemas) == 1 else {"oneOf": schemas}
        content = {"application/json": {"schema": schema}}
        written["requestBody"] = {"required": True, "content": content}
    return written


def _path_parameter(name: str) -> Json:
    about = WORDS.get(name, name)
    where = {"name": name, "in": "path", "required": True}
    return {**where, "description": about, "schema": {"type": "string"}}


def _query_parameters(model: type[BaseModel]) -> Iterable[Json]:
    for name, schema in model.model_json_schema()["properties"].items():
        yield {"name": name, "in": "query", "required": False, "schema": schema}


def _if_match() -> Json:
    return {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The ETag of the basket as it was seen: a basket that changed since is "
        "left alone, and the answer is 412",
        "schema": {"type": "string"},
    }


def _content(model: type[BaseModel] | None) -> Json:
    if model is None:
        return {}
    return {"content": {"application/json": {"schema": _ref(model.__name__)}}}


def _schemas(found: Iterable[Operation]) -> Json:
    sent = {(model, "validation") for one in found for model in one.bodies}
    answered = {(one.answer, "serialization") for one in found if one.answer is not None}
    models: Any = sorted(sent | answered, key=lambda pair: pair[0].__name__)
    _, definitions = models_json_schema(models, ref_template=REFERENCE)
    schemas: Json = definitions["$defs"]
    return schemas


def _ref(name: str) -> Json:
    return {"$ref": REFERENCE.format(model=name)}
