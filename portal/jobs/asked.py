"""What a job asked, as people read it: its archive, its query, the values of its parameters."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from flask import current_app
from flask import url_for

from portal.links import with_query
from portal.parameters import form_fields
from portal.parameters import FormField
from portal.plugins.multi.query import QUERY_ID as SEARCH_OF_ALL
from portal.plugins.registry import PluginRegistry
from portal.problems import NotFoundError
from portal.uws.attachments import file_names
from portal.uws.models import Job
from portal.uws.service import jobs

YES_OR_NO = {"true": "yes", "false": "no"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedValue:
    """One parameter of a job: its name, how forms call it, its unit, and its values."""

    name: str
    title: str
    unit: str | None
    values: Sequence[str]


def archive_of(job: Job) -> str:
    """Return the title of the archive that a job asks; nothing when its plugin is gone."""
    registry: PluginRegistry = current_app.extensions["plugins"]
    try:
        return registry.archive_of(job.type).title
    except NotFoundError:
        return ""


def kind_of(job: Job) -> str:
    """Return the title of a job's type; its name when its plugin is gone."""
    types = jobs().types
    return types[job.type].title if job.type in types else job.type


def form_url(job: Job) -> str | None:
    """Return the link to the form that this job came from, filled in; None: there is none."""
    registry: PluginRegistry = current_app.extensions["plugins"]
    try:
        archive = registry.archive_of(job.type)
    except NotFoundError:
        return None
    if job.type == SEARCH_OF_ALL:
        return _search_url(_values(job), wait=job.execution_duration)
    if registry.query(job.type).hidden:
        return None
    form = url_for("archives.query_form", archive_id=archive.id, query_id=job.type)
    return with_query(form, _values(job))


def _search_url(values: Mapping[str, list[str]], *, wait: int) -> str:
    """Return the link to the search of all archives; what a place is called stands before it."""
    said = {name: sent for name, sent in values.items() if name not in ("name", "names", "maxrec")}
    said["position"] = _called(values["position"], values.get("name", []))
    if "positions" in values:
        said["positions"] = _called(values["positions"], values.get("names", []))
    return with_query(url_for("multi.show"), {**said, "wait": [str(wait)]})


def _called(positions: list[str], names: list[str]) -> list[str]:
    """Return positions as the form of the search reads them, with the names that they have."""
    return [
        place if name in ("", place) else f"{name} = {place}"
        for place, name in zip_longest(positions, names[: len(positions)], fillvalue="")
    ]


def asked_of(job: Job) -> list[AskedValue]:
    """Return the parameters of a job, without those that its text shows already."""
    fields = _fields(job)
    files = file_names(job.id) if any(one.by_reference for one in job.parameters) else {}
    return [
        _asked(name, [files.get(value, value) for value in values], fields.get(name))
        for name, values in _values(job).items()
        if values != [job.text]
    ]


def _fields(job: Job) -> dict[str, FormField]:
    types = jobs().types
    if job.type not in types:
        return {}
    return {field.name: field for field in form_fields(types[job.type].parameters)}


def _asked(name: str, values: Sequence[str], field: FormField | None) -> AskedValue:
    if field is None:
        return AskedValue(name=name, title=name, unit=None, values=values)
    titles = {choice.value: choice.title for choice in field.choices}
    words = YES_OR_NO if field.kind == "checkbox" else titles
    return AskedValue(
        name=name,
        title=field.title,
        unit=field.unit,
        values=[words.get(value, value) for value in values],
    )


def _values(job: Job) -> dict[str, list[str]]:
    """Return the values of each parameter; a repeated one has several."""
    values: dict[str, list[str]] = {}
    for one in job.parameters:
        values.setdefault(one.name, []).append(one.value)
    return values
