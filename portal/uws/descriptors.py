"""What a job type is, for programs: its descriptor, and the same as an OGC API process.

Pure. The JSON Schema of the parameters is the one source; everything else is derived from it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from portal.parameters import example_values
from portal.parameters import json_schema
from portal.parameters import upload_names
from portal.uws.limits import Limits
from portal.uws.phases import ExecutionPhase
from portal.uws.types import DeclaredResult
from portal.uws.types import JobType
from portal.uws.types import schema_hash

SCHEMA_TYPE = "application/schema+json"
NEVER = frozenset({ExecutionPhase.SUSPENDED, ExecutionPhase.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a service is found; `root` is the absolute URL below which it is mounted."""

    root: str

    @property
    def types(self) -> str:
        """The list of job types."""
        return f"{self.root}/types"

    @property
    def all_jobs(self) -> str:
        """The list of jobs of every type."""
        return f"{self.root}/jobs"

    def type(self, job_type: JobType) -> str:
        """Return the URL of a descriptor."""
        return f"{self.types}/{job_type.name}"

    def schema(self, job_type: JobType) -> str:
        """Return the URL of the JSON Schema of a type's parameters."""
        return f"{self.type(job_type)}/schema"

    def validate(self, job_type: JobType) -> str:
        """Return where parameters can be checked."""
        return f"{self.type(job_type)}/validate"

    def jobs(self, job_type: JobType) -> str:
        """Return the list of jobs of one type: a UWS of its own."""
        return f"{self.root}/{job_type.name}"


def type_list(types: Iterable[JobType], addresses: Addresses) -> dict[str, Any]:
    """Return what a client chooses a job type from."""
    return {
        "types": [
            {
                "name": job_type.name,
                "title": job_type.title,
                "version": job_type.version,
                "description": job_type.description,
                "href": addresses.type(job_type),
                "jobs": addresses.jobs(job_type),
            }
            for job_type in types
        ]
    }


def descriptor(
    job_type: JobType, *, addresses: Addresses, limits: Limits, upload_bytes: int
) -> dict[str, Any]:
    """Return all there is to know of a type before one makes a job of it.

    `upload_bytes` is how much may be sent to a type that takes files.
    """
    takes_files = bool(upload_names(job_type.parameters))
    return {
        "name": job_type.name,
        "version": job_type.version,
        "type": f"{addresses.type(job_type)}#{job_type.version}",
        "title": job_type.title,
        "description": job_type.description,
        "documentation": job_type.documentation,
        "aliases": list(job_type.aliases),
        "parameters": json_schema(job_type.parameters),
        "schemaHash": schema_hash(job_type),
        "results": {result.name: _result(result) for result in job_type.results},
        "limits": _limits(limits) | ({"uploadBytes": upload_bytes} if takes_files else {}),
        "retry": {
            "max": job_type.transient_retries,
            "on": ["transient"],
            "maxAttempts": job_type.max_attempts,
        },
        "phases": [phase.value for phase in ExecutionPhase if phase not in NEVER],
        "examples": _examples(job_type),
        "links": {
            "self": addresses.type(job_type),
            "schema": addresses.schema(job_type),
            "validate": addresses.validate(job_type),
            "jobs": addresses.jobs(job_type),
            "datalink": f"{addresses.type(job_type)}?format=votable",
            "process": f"{addresses.type(job_type)}?format=process",
        },
    }


def schema_document(job_type: JobType, addresses: Addresses) -> dict[str, Any]:
    """Return the JSON Schema of a type's parameters as a document of its own."""
    schema = json_schema(job_type.parameters)
    about = {"$id": addresses.schema(job_type), "title": job_type.title}
    if job_type.description:
        about["description"] = job_type.description
    return {"$schema": schema["$schema"], **about, **schema}


def process(job_type: JobType, addresses: Addresses) -> dict[str, Any]:
    """Return the type as a process description (OGC API - Processes 1.0, section 7.10)."""
    schema = json_schema(job_type.parameters)
    definitions = {key: schema[key] for key in ("$defs",) if key in schema}
    required = schema.get("required", ())
    return {
        "id": job_type.name,
        "version": job_type.version,
        "title": job_type.title,
        "description": job_type.description,
        "jobControlOptions": ["async-execute", "dismiss"],
        "outputTransmission": ["reference"],
        "inputs": {
            name: {
                "title": declared.get("title", name),
                "description": declared.get("description", ""),
                "minOccurs": int(name in required),
                "maxOccurs": 1,
                "schema": {**declared, **definitions},
            }
            for name, declared in schema["properties"].items()
        },
        "outputs": {result.name: _output(result) for result in job_type.results},
        "links": [
            _link(addresses.type(job_type), "alternate", "application/json"),
            _link(addresses.schema(job_type), "describedby", SCHEMA_TYPE),
            _link(addresses.jobs(job_type), "related", "application/xml"),
        ],
    }


def _result(result: DeclaredResult) -> dict[str, Any]:
    return {"mediaType": result.media_type, "required": True, "description": result.description}


def _output(result: DeclaredResult) -> dict[str, Any]:
    return {
        "title": result.name,
        "description": result.description,
        "schema": {"type": "string", "contentMediaType": result.media_type},
    }


def _limits(limits: Limits) -> dict[str, Any]:
    return {
        "executionDuration": {
            "default": limits.execution_duration,
            "maximum": limits.max_execution_duration,
        },
        "lifetime": {
            "default": int(limits.retention.total_seconds()),
            "maximum": int(limits.max_retention.total_seconds()),
        },
        "activeJobsPerOwner": limits.max_active_jobs,
    }


def _examples(job_type: JobType) -> list[dict[str, Any]]:
    return [
        {"title": example.title, "description": example.description, "parameters": values}
        for example, values in example_values(job_type.parameters, job_type.examples)
    ]


def _link(href: str, relation: str, media_type: str) -> dict[str, str]:
    return {"href": href, "rel": relation, "type": media_type}
