"""What can be done with a row that leads to data: follow, look at, open, cut out."""

from abc import abstractmethod
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from typing import Self

from portal.plugins import Column
from portal.plugins import ExternalLink
from portal.plugins import QueryLink
from portal.plugins import RowAction
from portal.plugins import ServiceError
from portal_vo.datalink.descriptors import Columns
from portal_vo.datalink.descriptors import Descriptor
from portal_vo.datalink.descriptors import read_descriptors
from portal_vo.datalink.descriptors import SERVICE
from portal_vo.datalink.document import fill_in
from portal_vo.datalink.document import NEEDED
from portal_vo.datalink.places import find_places
from portal_vo.datalink.places import Places
from portal_vo.datalink.prefilled import cutout_link
from portal_vo.datalink.ways import FOLLOW
from portal_vo.datalink.ways import LOOK
from portal_vo.datalink.ways import OPEN
from portal_vo.datalink.ways import text_of
from portal_vo.datalink.ways import way_to

LONGEST_HEADER = 2_000_000
NO_PLACES = Places()

Header = Callable[[], str | None]


class _AtItsPlace(RowAction):
    """An action for rows with an address and its media type."""

    def __init__(self, places: Places = NO_PLACES) -> None:
        self._places = places

    def applies(self, columns: Sequence[Column]) -> bool:
        """Say whether rows have what the action needs."""
        places = find_places(columns)
        return bool(places.url and places.format) and not _are_links(columns)

    def bind(self, columns: Sequence[Column], header: Header) -> RowAction | None:
        """Return the action that knows the columns."""
        return type(self)(find_places(columns)) if self.applies(columns) else None

    def link(self, row: Mapping[str, Any]) -> QueryLink | ExternalLink | None:
        """Return the way, if the media type asks for this one."""
        places = self._places if self._places.url else find_places([Column(name=n) for n in row])
        way = way_to(
            text_of(row, places.url), text_of(row, places.format), text_of(row, places.product)
        )
        return way.link if way is not None and way.title == self.title else None


class LookAtImage(_AtItsPlace):
    """Leads from a FITS image to its picture."""

    id = "vo-preview"
    title = LOOK


class OpenTable(_AtItsPlace):
    """Leads from a table to its rows."""

    id = "vo-open-table"
    title = OPEN


class ArchivePreview(RowAction):
    """Leads to the preview that the archive has itself."""

    id = "vo-archive-preview"
    title = "Preview by the archive"

    def __init__(self, column: str | None = None) -> None:
        """Take the address from that column."""
        self._column = column

    def applies(self, columns: Sequence[Column]) -> bool:
        """Say whether a column has addresses of previews."""
        return find_places(columns).preview is not None

    def bind(self, columns: Sequence[Column], header: Header) -> RowAction | None:
        """Return the action that knows the column."""
        return ArchivePreview(find_places(columns).preview) if self.applies(columns) else None

    def link(self, row: Mapping[str, Any]) -> ExternalLink | None:
        """Return the address, if there is one in this row."""
        url = text_of(row, self._column or find_places([Column(name=n) for n in row]).preview)
        return ExternalLink(url=url) if url.lower().startswith(("http://", "https://")) else None


class _Described(RowAction):
    """An action by a service that the table describes for its rows."""

    def __init__(self, service: Descriptor | None = None, columns: Columns | None = None) -> None:
        self._service = service
        self._columns = columns or Columns()

    def applies(self, columns: Sequence[Column]) -> bool:
        """Say no: without the table's header, nobody knows."""
        return False

    def bind(self, columns: Sequence[Column], header: Header) -> RowAction | None:
        """Return the action by the first service of the right kind, if there is one."""
        found, named = described_services(header())
        service = next((one for one in found if self.is_for(one)), None)
        return None if service is None else type(self)(service, named)

    @classmethod
    @abstractmethod
    def is_for(cls, service: Descriptor) -> bool:
        """Say whether a service is of the kind that this action is for."""

    def _filled(self, row: Mapping[str, Any]) -> Descriptor | None:
        """Return the service with the values of a row; None when the row lacks one."""
        if self._service is None or not self._service.access_url:
            return None
        values = {name.casefold(): value for name, value in row.items()}
        inputs = fill_in(self._service.inputs, values, self._columns)
        if any(one.ref and not one.value for one in inputs):
            return None
        return Descriptor(
            id=self._service.id,
            access_url=self._service.access_url,
            standard_id=self._service.standard_id,
            inputs=tuple(inputs),
        )


class CutOut(_Described):
    """Leads to the form that has a part cut out."""

    id = "vo-cutout"
    title = "Cut out"

    @classmethod
    def is_for(cls, service: Descriptor) -> bool:
        """Say whether the service cuts."""
        return service.is_soda

    def link(self, row: Mapping[str, Any]) -> QueryLink | None:
        """Return the form with what is known filled in."""
        service = self._filled(row)
        return None if service is None else cutout_link(service.access_url, service.inputs)


class FollowLinks(_Described):
    """Leads to what belongs to a dataset: by its address, or by the table's service of links."""

    id = "vo-links"
    title = FOLLOW

    def __init__(
        self,
        service: Descriptor | None = None,
        columns: Columns | None = None,
        by_address: RowAction | None = None,
    ) -> None:
        """Follow an address that is one of links; else ask the service."""
        super().__init__(service, columns)
        self._by_address = by_address

    @classmethod
    def is_for(cls, service: Descriptor) -> bool:
        """Say whether the service answers with links."""
        return service.is_links

    def applies(self, columns: Sequence[Column]) -> bool:
        """Say whether rows have an address and its media type."""
        return _FollowAddress().applies(columns)

    def bind(self, columns: Sequence[Column], header: Header) -> Self | None:
        """Return the action by address, by service, or by both."""
        by_address = _FollowAddress().bind(columns, header)
        found, named = described_services(header())
        service = next((one for one in found if one.is_links), None)
        if by_address is None and service is None:
            return None
        return type(self)(service, named, by_address)

    def link(self, row: Mapping[str, Any]) -> QueryLink | None:
        """Return the query for the links of this row."""
        found = (self._by_address or _FollowAddress()).link(row)
        if isinstance(found, QueryLink):
            return found
        service = self._filled(row)
        ids = [one.value for one in service.inputs if one.name.upper() == "ID"] if service else []
        if service is None or not ids:
            return None
        return QueryLink(
            query_id="query.datalink", parameters={"access_url": service.access_url, "id": ids}
        )


class _FollowAddress(_AtItsPlace):
    """Follows an address that is one of links."""

    id = "vo-links-address"
    title = FOLLOW


ROW_ACTIONS: tuple[type[RowAction], ...] = (
    FollowLinks, LookAtImage, OpenTable, CutOut, ArchivePreview,
)  # fmt: skip


@lru_cache(maxsize=16)
def described_services(header: str | None) -> tuple[Sequence[Descriptor], Columns]:
    """Return the services that the header of a table describes; none of a strange one."""
    if not header or SERVICE not in header or len(header) > LONGEST_HEADER:
        return (), Columns()
    try:
        return read_descriptors(header)
    except ServiceError:
        return (), Columns()


def _are_links(columns: Sequence[Column]) -> bool:
    names = {column.name.casefold() for column in columns}
    return names >= NEEDED | {"error_message"}
