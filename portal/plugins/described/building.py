"""From a described archive to the archive."""

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from portal.parameters import check_declaration
from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.parameters.errors import WHOLE
from portal.plugins.datasets import Dataset
from portal.plugins.described.description import ArchiveDescription
from portal.plugins.described.description import DatasetDescription
from portal.plugins.described.description import QueryDescription
from portal.plugins.described.faults import DescriptionError
from portal.plugins.described.faults import fault_at
from portal.plugins.described.faults import Faults
from portal.plugins.described.faults import is_it
from portal.plugins.described.protocol import Protocol
from portal.plugins.described.query import form_strings
from portal.plugins.links import ExternalLink
from portal.plugins.links import pairs_of
from portal.plugins.links import QueryLink
from portal.plugins.types import Archive
from portal.plugins.types import Query

SERVICE = "service"


def build_archive(raw: Any, protocols: Mapping[str, Protocol]) -> Archive:
    """Return the archive of a block; raises DescriptionError with everything that is wrong."""
    faults = Faults()
    described = faults.read(ArchiveDescription, raw)
    archive_id = "archive" if described is None else described.id
    blocks = raw.get("queries", []) if isinstance(raw, dict) else []
    queries: dict[str, Query] = {}
    health: list[QueryLink] = []
    for index, block in enumerate(blocks if isinstance(blocks, list) else []):
        try:
            local_id, query, link = _build_query(f"query.{archive_id}", block, protocols)
        except DescriptionError as error:
            faults.take(error, "queries", index)
            continue
        if local_id in queries:
            faults.add("queries", index, "id", message=f"the id {local_id} is there twice")
        queries[local_id] = query
        health += [link] if link else []
    datasets: tuple[Dataset, ...] = ()
    if described is not None and len(queries) == len(described.queries):
        try:
            datasets = _build_datasets(described.datasets, queries)
        except DescriptionError as error:
            faults.take(error)
    faults.close()
    if described is None:
        raise DescriptionError(faults.found)
    archive = _archive(described, tuple(queries.values()), datasets)
    return replace(archive, health=health[0] if health else None)


def _build_query(
    prefix: str, block: Any, protocols: Mapping[str, Protocol]
) -> tuple[str, Query, QueryLink | None]:
    service = block.get(SERVICE) if isinstance(block, dict) else None
    if not isinstance(service, str):
        raise fault_at(SERVICE, message="say which service it is")
    if service not in protocols:
        known = f"it is {' or '.join(sorted(protocols))}" if protocols else "no plugin brings any"
        said = f"there is no service {service}: {known}{is_it(service, protocols)}"
        raise fault_at(SERVICE, message=said)
    protocol = protocols[service]
    faults = Faults()
    description = faults.read(protocol.Description, block)
    if description is None:
        raise DescriptionError(faults.found)
    try:
        query = protocol.query(f"{prefix}-{description.id}", description)
    except DescriptionError as error:
        faults.take(error)
        raise DescriptionError(faults.found) from None
    faults.close()
    _check(query, description)
    return description.id, query, protocol.health(description)


def _check(query: Query, description: QueryDescription) -> None:
    """Refuse a query that cannot be a job type, or whose examples do not fit its form."""
    try:
        check_declaration(query.Parameters, names=[query.id], version=query.version)
    except ValueError as error:
        raise fault_at("id", message=str(error)) from None
    faults = Faults()
    for index, example in enumerate(description.examples):
        for name, message in _misfits(query, example.parameters):
            faults.add("examples", index, "parameters", name, message=f"{name}: {message}")
    faults.close()


def _misfits(query: Query, values: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Go through the values that the form does not take; it may have others to fill in."""
    try:
        read_form(query.Parameters, pairs_of(form_strings(values)))
    except InvalidParametersError as error:
        given = {name.casefold() for name in values}
        for one in error.errors:
            if one.name != WHOLE and one.name.casefold() in given:
                yield one.name, f"{one.message}{_meant(query, one.name, values.get(one.name))}"


def _meant(query: Query, name: str, value: Any) -> str:
    """Return how a message goes on about a name, or a value, that may be a misspelt one."""
    if name not in query.Parameters.model_fields:
        return is_it(name, query.Parameters.model_fields)
    return is_it(value, [one.value for one in query.choices(name)])


def _build_datasets(
    described: Iterable[DatasetDescription], queries: Mapping[str, Query]
) -> tuple[Dataset, ...]:
    faults = Faults(("datasets",))
    made: dict[str, Dataset] = {}
    for index, one in enumerate(described):
        if one.id in made:
            faults.add(index, "id", message=f"the id {one.id} is there twice")
        query = queries.get(one.query)
        if query is None:
            said = f"this archive has no query {one.query}{is_it(one.query, queries)}"
            faults.add(index, "query", message=said)
            continue
        for name, message in _misfits(query, one.parameters):
            faults.add(index, "parameters", name, message=f"{name}: {message}")
        made[one.id] = Dataset(
            id=one.id,
            title=one.title,
            query_id=query.id,
            parameters=form_strings(one.parameters),
            description=one.description,
            category=one.category or "",
            level=one.level or "",
            collection=one.collection or "",
            coverage=one.coverage,
        )
    faults.close()
    return tuple(made.values())


def _archive(
    described: ArchiveDescription, queries: tuple[Query, ...], datasets: tuple[Dataset, ...]
) -> Archive:
    return Archive(
        id=described.id,
        title=described.title,
        description=described.description,
        queries=queries,
        institute=described.institute or "",
        instrument=described.instrument or "",
        documentation_url=described.documentation_url,
        license=described.license or "",
        license_url=described.license_url,
        citation=described.citation,
        wavebands=tuple(described.wavebands),
        order=described.order,
        visible=described.visible,
        at_once=described.at_once,
        datasets=datasets,
        retrieval=described.retrieval,
        links=tuple((one.title, ExternalLink(url=one.url)) for one in described.links),
        coverage=described.coverage,
    )
