"""The columns of one table, of a service that has too many tables to read them all."""

from collections.abc import Sequence
from urllib.parse import quote

from portal.plugins import ColumnInfo
from portal.plugins import JobContext
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal_vo.connector import TapService
from portal_vo.metadata.tableset import read_table_element
from portal_vo.metadata.tap_schema import TapSchemaReader
from portal_vo.xml import local_name
from portal_vo.xml import read_xml


def read_columns_of(
    service: TapService, written: str, schema: str, context: JobContext
) -> Sequence[ColumnInfo]:
    """Return the columns of the table that the service calls `written`.

    They come from /tables/<name> (VOSI 1.1, section 2.3), or else from TAP_SCHEMA. Raises in
    the service's own words.
    """
    try:
        root = read_xml(service.get(f"tables/{quote(written, safe='')}"))
        record = read_table_element(root, schema) if local_name(root) == "table" else None
        if record is not None and record.columns:
            return record.columns
        context.log(f"/tables/{written}: it has no columns there")
    except (ServiceError, TransientError, UsageError) as error:
        context.log(f"/tables/{written}: {error.message}")
    found = TapSchemaReader(service).columns_of(written)
    if not found:
        raise ServiceError(f"the service lists no columns of {written}")
    return found
