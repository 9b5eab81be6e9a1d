"""From a record of Zenodo, and the project's own codemeta.json, to a workflow."""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from datetime import datetime
from datetime import UTC
from typing import Any

from pydantic import BaseModel
from pydantic import ConfigDict

from portal.plugins import read_repository
from portal.plugins import RepositoryAddress
from portal.plugins import UsageError
from portal.plugins import Workflow
from portal.plugins import WorkflowType
from portal_ossr.plaintext import plain_text
from portal_ossr.reading import keywords
from portal_ossr.reading import number
from portal_ossr.reading import part
from portal_ossr.reading import people
from portal_ossr.reading import size
from portal_ossr.reading import text
from portal_ossr.reading import texts
from portal_ossr.reading import unique

RECORD_ID = re.compile(r"\d{1,20}")
DOI = re.compile(r"10\.\d{4,9}/\S{1,200}")
SLASHES = 4  # of the address of a repository: a site, its owner, its name
SIGNS = {
    WorkflowType.DESKTOP: ("desktop",),
    WorkflowType.CLI: ("cli", "command-line", "command line"),
    WorkflowType.NOTEBOOK: ("notebook", "jupyter", "binder"),
}


class Entry(BaseModel):
    """What is kept of a record: the workflow, and which version of which record it is of."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    record_id: str
    record_updated: str
    id: str
    title: str
    repository: str
    ref: str = "HEAD"
    path: str | None = None
    type: WorkflowType
    description: str = ""
    keywords: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    documentation_url: str | None = None
    doi: str | None = None
    license: str = ""
    version: str = ""
    cores: float | None = None
    memory: int | None = None
    storage: int | None = None
    updated: datetime | None = None

    def workflow(self) -> Workflow:
        """Return it for the portal."""
        return Workflow(**self.model_dump(exclude={"record_id", "record_updated"}))


def record_id(record: Any) -> str | None:
    """Return the number of a record, which is there as a number or as a text."""
    found = str(part(record, "id") or part(record, "recid") or "")
    return found if RECORD_ID.fullmatch(found) else None


def concept_id(record: Any) -> str | None:
    """Return what all versions of a record have in common."""
    found = str(part(record, "conceptrecid") or "")
    return found if RECORD_ID.fullmatch(found) else record_id(record)


def is_software_of(record: Any, community: str) -> bool:
    """Say whether a record is software, and really belongs to the community.

    A search for a community that there is not finds everything.
    """
    metadata = part(record, "metadata")
    members = texts(part(metadata, "communities"), "id", "identifier")
    kind = text(part(metadata, "resource_type", "type")) or text(
        part(metadata, "resource_type", "id")
    )
    return community.casefold() in map(str.casefold, members) and kind == "software"


def make_entry(record: Any, codemeta: Any) -> Entry | None:
    """Return what is kept of a record; None when it names no repository that git can clone."""
    metadata = part(record, "metadata")
    custom = part(metadata, "custom") or part(record, "custom")
    places = list(_repositories(metadata, custom, codemeta))
    number_of, own = concept_id(record), record_id(record)
    title = text(part(codemeta, "name")) or text(part(metadata, "title"))
    if not places or not number_of or not own or not title:
        return None
    place = places[0]
    words = unique([*keywords(part(codemeta, "keywords")), *keywords(part(metadata, "keywords"))])
    platforms = _platforms(codemeta, custom)
    return Entry(
        record_id=own,
        record_updated=text(part(record, "updated")),
        id=number_of,
        title=title,
        repository=place.repository,
        ref=_ref(places),
        path=place.path,
        type=_type([*words, *platforms, text(part(codemeta, "applicationCategory"))]),
        description=plain_text(_longest(part(codemeta, "description"), metadata)),
        keywords=tuple(words),
        authors=tuple(people(part(codemeta, "author")) or people(part(metadata, "creators"))),
        platforms=tuple(platforms),
        documentation_url=_documentation(metadata, codemeta),
        doi=_doi(record, metadata),
        license=_license(part(codemeta, "license") or part(metadata, "license")),
        version=text(part(codemeta, "softwareVersion"))
        or text(part(codemeta, "version"))
        or text(part(metadata, "version")),
        cores=number(part(codemeta, "processorRequirements")),
        memory=size(part(codemeta, "memoryRequirements")),
        storage=size(part(codemeta, "storageRequirements")),
        updated=_instant(text(part(record, "updated")) or text(part(metadata, "publication_date"))),
    )


def _repositories(metadata: Any, custom: Any, codemeta: Any) -> Iterator[RepositoryAddress]:
    """Go through the repositories that are named, the authors' own words first."""
    related = part(metadata, "related_identifiers")
    supplements = [
        one
        for one in (related if isinstance(related, list) else [])
        if text(part(one, "relation")).casefold() == "issupplementto"
    ]
    named = [
        *texts(part(codemeta, "codeRepository"), "url", "@id"),
        *texts(part(custom, "code:codeRepository"), "url", "@id"),
        *texts(supplements, "identifier"),
    ]
    for address in named:
        try:
            place = read_repository(address.removeprefix("git+"))
        except UsageError:
            continue
        if place.repository.count("/") >= SLASHES:
            yield place


def _ref(places: Iterable[RepositoryAddress]) -> str:
    """Return the branch or tag that is said of the first repository, wherever it is said."""
    first, *others = places
    for one in (first, *others):
        if one.ref and _plain(one.repository) == _plain(first.repository):
            return one.ref
    return "HEAD"


def _plain(repository: str) -> str:
    return repository.casefold().removesuffix(".git").partition("://")[2]


def _type(words: Iterable[str]) -> WorkflowType:
    """Return how one works with software, by its keywords; without any sign, in a shell."""
    lines = [word.casefold() for word in words]
    for kind, signs in SIGNS.items():
        exact = kind is WorkflowType.CLI
        if any(line == sign or (not exact and sign in line) for line in lines for sign in signs):
            return kind
    return WorkflowType.CLI


def _platforms(codemeta: Any, custom: Any) -> list[str]:
    named = [
        *texts(part(codemeta, "runtimePlatform"), "name"),
        *texts(part(codemeta, "programmingLanguage"), "name"),
        *texts(part(custom, "code:programmingLanguage"), "id", "name"),
    ]
    return unique(named)


def _longest(description: Any, metadata: Any) -> str:
    """Return the longer of two descriptions: a codemeta.json often has one line only."""
    found = [one for one in (description, part(metadata, "description")) if isinstance(one, str)]
    return max(found, key=len, default="")


def _documentation(metadata: Any, codemeta: Any) -> str | None:
    related = part(metadata, "related_identifiers")
    documents = [
        one
        for one in (related if isinstance(related, list) else [])
        if text(part(one, "relation")).casefold() == "isdocumentedby"
    ]
    named = [
        *texts(part(codemeta, "softwareHelp"), "url", "@id"),
        *texts(documents, "identifier"),
        *texts(part(codemeta, "readme"), "url", "@id"),
    ]
    return next((one for one in named if one.startswith(("https://", "http://"))), None)


def _doi(record: Any, metadata: Any) -> str | None:
    found = text(part(record, "doi")) or text(part(metadata, "doi"))
    return found if DOI.fullmatch(found) else None


def _license(value: Any) -> str:
    """Return the short name of a licence, which CodeMeta gives as an address of SPDX."""
    found = text(value, "id", "name", "url", "@id")
    return found.rstrip("/").rpartition("/")[2].removesuffix(".html") if "//" in found else found


def _instant(written: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
