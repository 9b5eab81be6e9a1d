"""The job that copies the community."""

from collections.abc import Iterator
from collections.abc import Mapping
from datetime import datetime
from datetime import timedelta
from datetime import UTC
from typing import Any

from pydantic_core import from_json

from portal.plugins import Column
from portal.plugins import JobContext
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import ServiceError
from portal_ossr.catalogue import CatalogueFile
from portal_ossr.catalogue import Copy
from portal_ossr.connector import Zenodo
from portal_ossr.entry import concept_id
from portal_ossr.entry import Entry
from portal_ossr.entry import is_software_of
from portal_ossr.entry import make_entry
from portal_ossr.entry import record_id
from portal_ossr.reading import part
from portal_ossr.reading import text
from portal_ossr.remotezip import RangeFile
from portal_ossr.remotezip import read_from_zip
from portal_ossr.settings import OssrSettings

QUERY_ID = "ossr.harvest"
CODEMETA = "codemeta.json"
MOST_CODEMETA = 1_000_000
MINIMUM_AGE = timedelta(minutes=30)  # anybody may ask for a harvest, and it costs Zenodo most
LARGEST_LOSS = 0.5  # of what is known: more than that is a broken answer
FEW = 4
STAGE = 25  # entries after which a harvest can go on if it is interrupted
COLUMNS = (
    Column(name="community", arraysize="*", description="Which community"),
    Column(name="records", datatype="long", description="Records that are software of it"),
    Column(name="workflows", datatype="long", description="Those with a repository"),
    Column(name="note", arraysize="*", description="What was done"),
)


class HarvestQuery(Query):
    """Copies what the community says of its software into a file of this host."""

    id = QUERY_ID
    title = "Copy of the ESCAPE software repository"
    description = "Keeps a copy of what a community of Zenodo says of its software."
    Parameters = QueryParameters
    hidden = True
    local = True

    def __init__(self, settings: OssrSettings, file: CatalogueFile) -> None:
        """Keep what is copied, and where to."""
        self._settings = settings
        self._file = file

    def text(self, parameters: QueryParameters) -> str:
        """Return what is searched for."""
        return f"communities:{self._settings.community} AND type:software"

    def service(self, parameters: QueryParameters) -> str:
        """Return the site that is asked."""
        return self._settings.site

    def run(self, parameters: QueryParameters, context: JobContext) -> ResultTable:
        """Copy everything, or nothing when the copy is young."""
        site, community = self._settings.site, self._settings.community
        before = self._file.read()
        if before and not before.is_of(site, community):
            before = None
        if before and before.is_younger(MINIMUM_AGE, datetime.now(UTC)):
            return self._told(len(before.entries), len(before.entries), "it was young enough")
        zenodo = Zenodo(site, context, self._settings.pause)
        records = self._records(zenodo, context)
        known = len(before.entries) if before else 0
        entries = self._entries(records, before, zenodo, context)
        if known >= FEW and len(entries) < known * LARGEST_LOSS:
            raise ServiceError(
                f"{site} has {len(entries)} workflows now, where {known} were known: "
                "the copy stays as it was"
            )
        self._file.write(self._copy(entries))
        self._file.unfinished.remove()
        return self._told(len(records), len(entries), "copied")

    def _entries(
        self, records: list[Any], before: Copy | None, zenodo: Zenodo, context: JobContext
    ) -> list[Entry]:
        """Look into every record, and keep now and then what was read so far."""
        known = {one.record_id: one for one in before.entries} if before else {}
        unfinished = self._file.unfinished.read()
        if unfinished and unfinished.is_of(self._settings.site, self._settings.community):
            known |= {one.record_id: one for one in unfinished.entries}
        entries: list[Entry] = []
        for entry in _entries(records, known, zenodo, context):
            entries.append(entry)
            if len(entries) % STAGE == 0:
                self._file.unfinished.write(self._copy(entries))
        return entries

    def _copy(self, entries: list[Entry]) -> Copy:
        return Copy(
            harvested=datetime.now(UTC),
            site=self._settings.site,
            community=self._settings.community,
            entries=tuple(entries),
        )

    def _records(self, zenodo: Zenodo, context: JobContext) -> list[Any]:
        """Return the last version of each record of the community."""
        latest: dict[str, Any] = {}
        read = 0
        for hits, total in zenodo.records(self.text(QueryParameters())):
            read += len(hits)
            members = [one for one in hits if is_software_of(one, self._settings.community)]
            if hits and not members:
                raise ServiceError(
                    f"{self._settings.site} answers with records that are not software of "
                    f"{self._settings.community}: the copy stays as it was"
                )
            for one in members:
                concept = concept_id(one)
                if concept and _version(one) >= _version(latest.get(concept)):
                    latest[concept] = one
            context.report(None, f"{read} of {total} records read")
        return list(latest.values())

    def _told(self, records: int, workflows: int, note: str) -> ResultTable:
        row = (self._settings.community, records, workflows, note)
        return ResultTable.from_rows(COLUMNS, [row])


def _entries(
    records: list[Any], known: Mapping[str, Entry], zenodo: Zenodo, context: JobContext
) -> Iterator[Entry]:
    """Go through the workflows; what has not changed since the last copy is not fetched again."""
    for number, record in enumerate(records, start=1):
        earlier = known.get(record_id(record) or "")
        if earlier and earlier.record_updated == text(part(record, "updated")) != "":
            yield earlier
            continue
        entry = make_entry(record, _codemeta(record, zenodo, context))
        if entry is None:
            context.log(f"{_name(record)} names no repository, and is left out")
        else:
            yield entry
        context.report(number / len(records), f"{number} of {len(records)} looked into")


def _codemeta(record: Any, zenodo: Zenodo, context: JobContext) -> Any:
    """Return the project's codemeta.json: a file of the record, or in its one zip; or None."""
    files = part(record, "files")
    listed = [one for one in (files if isinstance(files, list) else []) if _address(one)]
    own = [one for one in listed if text(part(one, "key")).casefold() == CODEMETA]
    zips = [one for one in listed if text(part(one, "key")).casefold().endswith(".zip")]
    try:
        if own:
            return from_json(zenodo.get(_address(own[0]), most=MOST_CODEMETA))
        if len(zips) == 1 and isinstance(length := part(zips[0], "size"), int):
            file = RangeFile(zenodo, _address(zips[0]), length)
            content = read_from_zip(file, CODEMETA, most=MOST_CODEMETA)
            return from_json(content) if content else None
    except (ServiceError, ValueError) as error:
        context.log(f"{_name(record)}: no {CODEMETA}: {error}")
    return None


def _address(file: Any) -> str:
    return text(part(file, "links", "self"))


def _name(record: Any) -> str:
    return f"{record_id(record)} {text(part(record, 'metadata', 'title'))}"


def _version(record: Any) -> tuple[bool, int, int]:
    """Return what is larger the later a version is: said to be the last, its place, its number."""
    relations = part(record, "metadata", "relations", "version")
    said = relations[0] if isinstance(relations, list) and relations else None
    place = part(said, "index")
    return (
        part(said, "is_last") is True,
        place if isinstance(place, int) else -1,
        int(record_id(record) or -1),
    )
