"""The registry search: which services there are, one row per service."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import Literal
from typing import Self

import pyarrow as pa
from pydantic import model_validator

from portal.plugins import Choice
from portal.plugins import Column
from portal.plugins import DataItem
from portal.plugins import Example
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal_vo.connector import TapService
from portal_vo.regtap import registry_query
from portal_vo.regtap import split_terms
from portal_vo.standards import SERVICE_TYPES
from portal_vo.standards import standards_of

MOST_SERVICES = 10_000  # fits in memory, and nobody reads on
# http://www.ivoa.net/rdf/messenger, as the registry writes it
WAVEBANDS = {
    "radio": "Radio",
    "millimeter": "Millimetre",
    "infrared": "Infrared",
    "optical": "Optical",
    "uv": "Ultraviolet",
    "euv": "Extreme ultraviolet",
    "x-ray": "X-ray",
    "gamma-ray": "Gamma ray",
    "neutrino": "Neutrinos",
}
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


class RegistryParameters(QueryParameters):
    """What to look for; at least one of the three."""

    keywords: str = parameter(
        "",
        title="Keywords",
        description='All of them must occur; put a phrase in "quotation marks".',
        widget="search",
        placeholder='pulsar "data release"',
        max_length=500,
    )
    service_type: Literal["tap", "scs", "sia", "ssa"] | None = parameter(
        None, title="Type of service"
    )
    waveband: (
        Literal[
            "radio", "millimeter", "infrared", "optical", "uv", "euv", "x-ray", "gamma-ray",
            "neutrino",
        ]
        | None
    ) = parameter(None, title="Waveband")  # fmt: skip

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not (split_terms(self.keywords) or self.service_type or self.waveband):
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
        """Return the ADQL that the registry is asked."""
        return registry_query(
            terms=split_terms(parameters.keywords),
            standards=standards_of(parameters.service_type),
            waveband=parameters.waveband,
        )

    def job_title(self, parameters: RegistryParameters) -> str:
        """Return what is looked for."""
        chosen = [parameters.keywords, parameters.service_type, parameters.waveband]
        return f"{self.title}: {', '.join(one for one in chosen if one)}"

    def choices(self, field_name: str) -> Sequence[Choice]:
        """Return types and wavebands in words."""
        if field_name == "service_type":
            return [Choice(value=one.key, title=one.title) for one in SERVICE_TYPES]
        if field_name == "waveband":
            return [Choice(value=value, title=title) for value, title in WAVEBANDS.items()]
        return ()

    def run(self, parameters: RegistryParameters, context: JobContext) -> ResultTable:
        """Ask the registry, and put the services whose title fits first."""
        context.report(None, "asking the registry")
        service = TapService(context.http, self._registry_url)
        most = min(context.maxrec, MOST_SERVICES)
        answer = service.query_sync(self.text(parameters), maxrec=most)
        found, overflow = _read(answer)
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


def _read(table: ResultTable) -> tuple[list[dict[str, Any]], bool]:
    """Return all rows, by names in lower case whatever the registry makes of them."""
    names = [column.name.lower() for column in table.columns]
    rows: list[dict[str, Any]] = []
    overflow = False
    for batch in table.batches:
        if isinstance(batch, pa.RecordBatch):
            rows += batch.rename_columns(names).to_pylist()
        else:
            overflow = batch.overflow
    return rows, overflow


def _services(found: Iterable[Mapping[str, Any]], terms: Sequence[str]) -> list[tuple[Any, ...]]:
    """Return one row per resource, standard and address; those named like the search first."""
    words = standards_of(None)
    services: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for row in found:
        key = (row["ivoid"], row["standard_id"], row["access_url"])
        services.setdefault(key, row)
    ordered = sorted(services.values(), key=lambda row: _rank(row, terms))
    return [_service(row, words) for row in ordered]


def _rank(row: Mapping[str, Any], terms: Sequence[str]) -> tuple[bool, bool, str]:
    title = f"{row['res_title'] or ''} {row['short_name'] or ''}".casefold()
    named = all(term.casefold() in title for term in terms)
    return not named, "aux" in row["standard_id"], title


def _service(row: Mapping[str, Any], words: Mapping[str, str]) -> tuple[Any, ...]:
    return (
        _line(row["res_title"]),
        _line(row["short_name"]),
        words.get(row["standard_id"], row["standard_id"]),
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
