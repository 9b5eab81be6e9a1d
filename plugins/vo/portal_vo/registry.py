"""The registry search: which services there are, one row per service."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import Self

from pydantic import model_validator

from portal.plugins import Choice
from portal.plugins import Column
from portal.plugins import DataItem
from portal.plugins import Example
from portal.plugins import JobContext
from portal.plugins import parse_position
from portal.plugins import Query
from portal.plugins import QueryLink
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import Snippet
from portal_vo.code import tap_code
from portal_vo.connector import TapService
from portal_vo.constraints import asked_values
from portal_vo.constraints import constraint_choices
from portal_vo.constraints import is_empty
from portal_vo.constraints import RegistryConstraints
from portal_vo.regtap import registry_query
from portal_vo.rows import read_rows
from portal_vo.standards import is_auxiliary
from portal_vo.standards import words_of_standard
from portal_vo.terms import split_terms

MOST_SERVICES = 10_000  # fits in memory, and nobody reads on
COLUMNS = (
    Column(name="title", description="What it holds", ucd="meta.title"),
    Column(name="short_name", description="Its short name", ucd="meta.id"),
    Column(name="service_type", description="How it can be asked"),
    Column(name="waveband", description="Parts of the spectrum it covers", ucd="instr.bandpass"),
    Column(name="publisher", description="Who runs it", ucd="meta.curation"),
    Column(name="creators", description="Who made the data", ucd="meta.curation"),
    Column(name="description", description="In its own words", ucd="meta.note"),
    Column(name="access_url", description="Where it answers", ucd="meta.ref.url"),
    Column(name="reference_url", description="Where to read more", ucd="meta.ref.url"),
    Column(name="standard_id", description="The standard it follows", ucd="meta.id"),
    Column(name="ivoid", description="Its identifier", ucd="meta.ref.ivoid;meta.main"),
)


class RegistryParameters(RegistryConstraints, QueryParameters):
    """What to look for; at least one thing."""

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if is_empty(self):
            raise ValueError("give a keyword, or choose a type of service or a waveband")
        return self


class RegistryQuery(Query):
    """Search the VO registry."""

    id = "query.registry"
    title = "Find services"
    description = "Search the registry of the Virtual Observatory for services."
    Parameters = RegistryParameters
    examples = (
        Example(
            title="Tables about pulsars", parameters={"keywords": "pulsar", "service_type": "tap"}
        ),
        Example(title="Radio images", parameters={"service_type": "sia", "waveband": "radio"}),
        Example(title="Apertif", parameters={"keywords": "apertif"}),
    )

    def __init__(self, registry_url: str) -> None:
        self._registry_url = registry_url

    def text(self, parameters: RegistryParameters) -> str:
        """Return the ADQL that the registry is asked; a name stands where its position goes."""
        adql = self._adql(parameters)
        return adql or f"{registry_query(parameters)}\n  AND it covers {parameters.position}"

    def service(self, parameters: RegistryParameters) -> str:
        """Return the TAP service of the registry."""
        return self._registry_url

    def in_adql(self, parameters: RegistryParameters) -> QueryLink | None:
        """Return the query to the TAP service of the registry, where no name is to be looked up."""
        adql = self._adql(parameters)
        if adql is None:
            return None
        return QueryLink(
            query_id="query.tap", parameters={"access_url": self._registry_url, "query": adql}
        )

    def code(self, parameters: RegistryParameters, *, maxrec: int) -> Sequence[Snippet]:
        """Return the same query for pyvo, curl and STILTS."""
        adql = self._adql(parameters)
        most = min(maxrec, MOST_SERVICES)
        return tap_code(self._registry_url, adql, maxrec=most, is_job=False) if adql else ()

    def _adql(self, parameters: RegistryParameters) -> str | None:
        try:
            position = parse_position(parameters.position) if parameters.position else None
        except ValueError:
            return None
        return registry_query(parameters, position=position)

    def job_title(self, parameters: RegistryParameters) -> str:
        """Return what is looked for."""
        words = [_in_words(name, value) for name, value in asked_values(parameters).items()]
        return f"{self.title}: {', '.join(words)}"

    def choices(self, field_name: str) -> Sequence[Choice]:
        """Return types, wavebands and data models in words."""
        return constraint_choices(field_name)

    def run(self, parameters: RegistryParameters, context: JobContext) -> ResultTable:
        """Ask the registry, and put the services whose title fits first."""
        context.report(None, "asking the registry")
        service = TapService(context.http, self._registry_url)
        most = min(context.maxrec, MOST_SERVICES)
        query = registry_query(parameters, position=_position(parameters, context))
        found, overflow = read_rows(service.query_sync(query, maxrec=most))
        rows = _services(found, split_terms(parameters.keywords))
        return ResultTable.from_rows(COLUMNS, rows, overflow=overflow)

    def to_items(
        self, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]
    ) -> list[DataItem]:
        """Return services as items: their title, identifier and address."""
        return [
            DataItem(
                title=row.get("title") or row.get("ivoid") or "",
                publisher_did=row.get("ivoid"),
                access_url=row.get("access_url"),
            )
            for row in rows
        ]


def _position(parameters: RegistryParameters, context: JobContext) -> tuple[float, float] | None:
    if not parameters.position:
        return None
    try:
        return parse_position(parameters.position)
    except ValueError:
        found = context.resolve(parameters.position)
        return found.ra, found.dec


def _in_words(name: str, value: str | list[str]) -> str:
    said = " or ".join(value) if isinstance(value, list) else " ".join(value.split())
    return said if name in ("keywords", "service_type", "waveband") else f"{name} {said}"


def _services(found: Iterable[Mapping[str, Any]], terms: Sequence[str]) -> list[tuple[Any, ...]]:
    """Return one row per resource, standard and address; those named like the search first."""
    services: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for row in found:
        key = (row["ivoid"], row["standard_id"], row["access_url"])
        services.setdefault(key, row)
    ordered = sorted(services.values(), key=lambda row: _rank(row, terms))
    return [_service(row) for row in ordered]


def _rank(row: Mapping[str, Any], terms: Sequence[str]) -> tuple[bool, bool, str]:
    title = f"{row['res_title'] or ''} {row['short_name'] or ''}".casefold()
    named = all(term.casefold() in title for term in terms)
    return not named, is_auxiliary(row["standard_id"]), title


def _service(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        _line(row["res_title"]),
        _line(row["short_name"]),
        words_of_standard(row["standard_id"]),
        (row["waveband"] or "").replace("#", ", ") or None,
        _line(row["publisher"]),
        _line(row["creator_seq"]),
        _line(row["res_description"]),
        row["access_url"],
        row["reference_url"],
        row["standard_id"],
        row["ivoid"],
    )


def _line(text: str | None) -> str | None:
    return " ".join(text.split()) if text else None
