"""Services that a document describes: DataLink 1.1, section 4."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field

from portal.plugins import ServiceError
from portal_vo.xml import child_text
from portal_vo.xml import find_all
from portal_vo.xml import local_name

SERVICE = "adhoc:service"
INPUTS = "inputparams"
SODA = "ivo://ivoa.net/std/soda#sync"
LINKS = "ivo://ivoa.net/std/datalink#links"
MOST_INPUTS = 100
MOST_OPTIONS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One parameter that a service takes, with the range of its values in this place.

    `ref` is the ID of a column that has its value.
    """

    name: str
    value: str = ""
    unit: str = ""
    xtype: str = ""
    minimum: str = ""
    maximum: str = ""
    options: tuple[str, ...] = ()
    description: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """A service that a document describes; `id` is what rows name it by."""

    id: str
    access_url: str
    standard_id: str = ""
    name: str = ""
    description: str = ""
    inputs: tuple[Input, ...] = ()

    @property
    def is_soda(self) -> bool:
        """Whether it cuts out (SODA 1.0), at once."""
        return self.standard_id.casefold().startswith(SODA)

    @property
    def is_links(self) -> bool:
        """Whether it answers with a DataLink document."""
        return self.standard_id.casefold().startswith(LINKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns that inputs may take their values from: names by ID."""

    names: Mapping[str, str] = field(default_factory=dict)


def read_descriptors(document: bytes | str) -> tuple[list[Descriptor], Columns]:
    """Return the services of a VOTable that was screened already: it has no DOCTYPE.

    Raises ServiceError for what is no XML.
    """
    try:
        root = ET.fromstring(document)  # noqa: S314 - screened before
    except ET.ParseError as error:
        raise ServiceError("the service sent a document that is no XML") from error
    found = [one for one in map(_descriptor, find_all(root, "RESOURCE")) if one is not None]
    names = {
        id_: one.get("name") or id_ for one in find_all(root, "FIELD") if (id_ := one.get("ID"))
    }
    return found, Columns(names=names)


def inputs_to_json(inputs: Iterable[Input]) -> str:
    """Write inputs into a cell."""
    return json.dumps([{k: v for k, v in asdict(one).items() if v} for one in inputs])


def inputs_from_json(text: str | None) -> list[Input]:
    """Read what `inputs_to_json` wrote; nothing from anything else."""
    try:
        found = json.loads(text or "[]")
        return [Input(**{**one, "options": tuple(one.get("options", ()))}) for one in found]
    except (ValueError, TypeError, AttributeError):
        return []


def _descriptor(resource: ET.Element) -> Descriptor | None:
    if (resource.get("utype") or "").casefold() != SERVICE:
        return None
    params = {one.get("name", "").casefold(): one for one in resource if _is(one, "PARAM")}

    def value(name: str) -> str:
        return (params[name].get("value") or "").strip() if name in params else ""

    groups = [
        one
        for one in resource
        if _is(one, "GROUP") and (one.get("name") or "").casefold() == INPUTS
    ]
    return Descriptor(
        id=resource.get("ID", ""),
        access_url=value("accessurl"),
        standard_id=value("standardid"),
        name=resource.get("name", ""),
        description=child_text(resource, "DESCRIPTION"),
        inputs=tuple(_inputs(groups)),
    )


def _inputs(groups: Iterable[ET.Element]) -> Iterator[Input]:
    params = [one for group in groups for one in group if _is(one, "PARAM")]
    for param in params[:MOST_INPUTS]:
        limits = {local_name(one): one.get("value") or "" for one in param.iter()}
        options = [one.get("value") or "" for one in param.iter() if _is(one, "OPTION")]
        yield Input(
            name=param.get("name") or "",
            value=(param.get("value") or "").strip(),
            unit=param.get("unit") or "",
            xtype=param.get("xtype") or "",
            minimum=limits.get("MIN", ""),
            maximum=limits.get("MAX", ""),
            options=tuple(options[:MOST_OPTIONS]),
            description=child_text(param, "DESCRIPTION"),
            ref=param.get("ref") or "",
        )


def _is(element: ET.Element, name: str) -> bool:
    return local_name(element) == name
