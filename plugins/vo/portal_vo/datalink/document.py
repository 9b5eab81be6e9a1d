"""DataLink documents as rows: every link, what went wrong, and the services for each."""

import io
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from urllib.parse import urljoin

import requests

from portal.plugins import Column
from portal.plugins import open_body
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal.plugins import TableEnd
from portal_vo.datalink.descriptors import Columns
from portal_vo.datalink.descriptors import Descriptor
from portal_vo.datalink.descriptors import Input
from portal_vo.datalink.descriptors import inputs_to_json
from portal_vo.datalink.descriptors import read_descriptors
from portal_vo.words import blame

MOST_BYTES = 16_000_000
CHUNK = 1 << 18
NEEDED = frozenset({"access_url", "semantics"})
COLUMNS = (
    Column(name="ID", arraysize="*", ucd="meta.id;meta.main", description="Of what it is a link"),
    Column(name="semantics", arraysize="*", ucd="meta.code", description="What it is to that"),
    Column(name="description", arraysize="*", ucd="meta.note", description="In words"),
    Column(name="content_type", arraysize="*", ucd="meta.code.mime", description="Media type"),
    Column(
        name="content_length", datatype="long", unit="byte", ucd="phys.size;meta.file",
        description="Size",
    ),
    Column(name="access_url", arraysize="*", ucd="meta.ref.url", description="Where it is"),
    Column(
        name="error_message", arraysize="*", ucd="meta.code.error", description="Why it is nowhere"
    ),
    Column(
        name="service_def", arraysize="*", ucd="meta.ref", description="Which service makes it"
    ),
    Column(name="local_semantics", arraysize="*", ucd="meta.id.assoc",
           description="What it is in the archive's words"),
    Column(name="content_qualifier", arraysize="*", description="What kind of product it is"),
    Column(name="link_auth", arraysize="*", description="Whether one has to log in"),
    Column(name="link_authorized", arraysize="*", description="Whether this job may"),
    Column(name="service_url", arraysize="*", ucd="meta.ref.url",
           description="Where that service answers"),
    Column(name="service_standard", arraysize="*", description="The standard it follows"),
    Column(name="service_parameters", arraysize="*", description="What it takes, as JSON"),
)  # fmt: skip
OWN = ("service_url", "service_standard", "service_parameters")


def read_links(response: requests.Response) -> tuple[list[dict[str, Any]], bool]:
    """Return the links of a document, by the names of `COLUMNS`, and whether it was cut.

    Raises in the service's words when it reports an error for the whole.
    """
    document = _whole(response)
    try:
        table = ResultTable.from_votable(io.BytesIO(document))
        rows, end = _rows(table)
    except ServiceError as error:
        raise blame(error.message) from error
    names = {column.name.casefold() for column in table.columns}
    if not names >= NEEDED:
        raise ServiceError(
            "this is a VOTable, but no document of links (DataLink): open it as a result instead"
        )
    descriptors, columns = read_descriptors(document)
    by_id = {one.id: one for one in descriptors}
    return [
        _link(row, by_id, columns, base=response.url) for row in rows
    ], end is not None and end.overflow


def as_rows(links: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """Go through links as rows of `COLUMNS`."""
    return (tuple(link[column.name] for column in COLUMNS) for link in links)


def fill_in(inputs: Sequence[Input], row: Mapping[str, Any], columns: Columns) -> list[Input]:
    """Give inputs that take their value from a column the value of that column in a row.

    `row` has its names in small letters.
    """
    filled = []
    for one in inputs:
        column = columns.names.get(one.ref, one.ref).casefold() if one.ref else ""
        value = row.get(column)
        if one.ref and value is not None:
            filled.append(
                Input(
                    name=one.name, value=str(value), unit=one.unit, xtype=one.xtype,
                    description=one.description,
                )
            )  # fmt: skip
        else:
            filled.append(one)
    return filled


def _link(
    row: Mapping[str, Any], by_id: Mapping[str, Descriptor], columns: Columns, *, base: str
) -> dict[str, Any]:
    names = [column.name for column in COLUMNS]
    link: dict[str, Any] = {name: _text(row.get(name.casefold())) for name in names}
    link["content_length"] = _length(row.get("content_length"))
    if link["access_url"]:
        link["access_url"] = urljoin(base, link["access_url"])
    service = by_id.get((link["service_def"] or "").removeprefix("#"))
    link.update(dict.fromkeys(OWN))
    if service is not None and service.access_url:
        link["service_url"] = urljoin(base, service.access_url)
        link["service_standard"] = service.standard_id or None
        link["service_parameters"] = inputs_to_json(fill_in(service.inputs, row, columns))
        link["description"] = link["description"] or service.description or service.name or None
    return link


def _rows(table: ResultTable) -> tuple[list[dict[str, Any]], TableEnd | None]:
    rows: list[dict[str, Any]] = []
    end = None
    for part in table.batches:
        if isinstance(part, TableEnd):
            end = part
        else:
            rows += [{k.casefold(): v for k, v in row.items()} for row in part.to_pylist()]
    return rows, end


def _whole(response: requests.Response) -> bytes:
    document = b""
    with open_body(response) as body:
        while data := body.read(CHUNK):
            document += data
            if len(document) > MOST_BYTES:
                raise ServiceError("the document of links is far too long: ask for fewer IDs")
    return document


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(str(value).split()) or None if value is not None else None


def _length(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
