"""Job types: what a portal can be asked, and what each question takes."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from portal_client.connection import Connection
from portal_client.schema_text import describe_parameters
from portal_client.values import as_json


@dataclass(frozen=True, slots=True)
class JobTypeSummary:
    """One line of the list of job types."""

    name: str
    title: str
    version: str
    description: str

    def __repr__(self) -> str:
        """Write name and title, as one reads down a list."""
        return f"<{self.name}: {self.title}>"


@dataclass(frozen=True, slots=True)
class Example:
    """Parameters that a job type works with."""

    title: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobType:
    """One kind of job; printed, it says what it takes.

    `parameters` is a JSON Schema (draft 2020-12) in which `x-unit` and `x-ucd` are the units
    and UCDs. `document` is the whole description as the portal gives it.
    """

    name: str
    title: str
    version: str
    description: str
    parameters: Mapping[str, Any]
    examples: Sequence[Example]
    document: Mapping[str, Any] = field(repr=False)
    _connection: Connection = field(repr=False, compare=False)

    def validate(self, parameters: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """Return the parameters as a job would have them, defaults included; makes no job.

        Raises InvalidParametersError with all that is wrong at once.
        """
        body = {"parameters": self.as_json({**(parameters or {}), **more})}
        answer = self._connection.post("uws", "types", self.name, "validate", body=body)
        coerced: dict[str, Any] = answer["parameters"]
        return coerced

    def as_json(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values as they are sent: quantities in the units of their parameters.

        Raises TypeError for what is no value, and astropy's UnitConversionError.
        """
        properties: Mapping[str, Mapping[str, Any]] = self.parameters.get("properties", {})
        units = {
            name.casefold(): one["x-unit"] for name, one in properties.items() if "x-unit" in one
        }
        return as_json(values, units)

    def __repr__(self) -> str:
        """Explain the type and its parameters in plain text."""
        head = [f"{self.name}: {self.title}", *([self.description] if self.description else [])]
        return "\n".join([*head, *describe_parameters(self.parameters)])


def list_types(connection: Connection) -> list[JobTypeSummary]:
    """Return all job types of a portal."""
    return [
        JobTypeSummary(one["name"], one["title"], one["version"], one["description"])
        for one in connection.get("uws", "types")["types"]
    ]


def get_type(connection: Connection, name: str) -> JobType:
    """Return one job type, by its name or alias; raises PortalError when there is none."""
    document = connection.get("uws", "types", name)
    return JobType(
        name=document["name"],
        title=document["title"],
        version=document["version"],
        description=document["description"],
        parameters=document["parameters"],
        examples=tuple(
            Example(one["title"], one["description"], one["parameters"])
            for one in document["examples"]
        ),
        document=document,
        _connection=connection,
    )
