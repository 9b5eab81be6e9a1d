"""What an ADQL editor and the pages about tables know of the folder, without reading a file."""

from portal.plugins import AdqlSchema
from portal.plugins import Column
from portal.plugins import ColumnInfo
from portal.plugins import MemoryCatalogue
from portal.plugins import quote_table_name
from portal.plugins import ServiceFact
from portal.plugins import ServiceMetadata
from portal.plugins import TableInfo
from portal_files.catalogue import Catalogue
from portal_files.catalogue import SCHEMA
from portal_files.tap_schema import COLUMNS as TAP_COLUMNS
from portal_files.tap_schema import SCHEMA as TAP_SCHEMA

SCHEMAS = (
    AdqlSchema(name=SCHEMA, description="The tables of the folder"),
    AdqlSchema(name=TAP_SCHEMA, description="Descriptions of the tables"),
)


def describe_folder(catalogue: Catalogue) -> ServiceMetadata:
    """Return the tables of the folder; columns are known of those that were used before."""
    tables: dict[TableInfo, tuple[ColumnInfo, ...]] = {}
    for source in catalogue.sources:
        known = catalogue.known(source)
        info = TableInfo(
            name=quote_table_name(SCHEMA, source.name),
            schema=SCHEMA,
            description=known.text.summary if known else catalogue.describe(source),
            nrows=known.row_count if known else None,
        )
        tables[info] = _columns(known.text.columns) if known else ()
    for name, columns in TAP_COLUMNS.items():
        tables[TableInfo(name=f"{TAP_SCHEMA}.{name}", schema=TAP_SCHEMA)] = _columns(columns)
    return ServiceMetadata(
        tables=MemoryCatalogue(tables, schemas=SCHEMAS),
        facts=(
            ServiceFact(group="Languages", name="ADQL", value="2.1"),
            ServiceFact(group="Service", name="Where", value="A folder of this portal"),
        ),
    )


def _columns(columns: tuple[Column, ...]) -> tuple[ColumnInfo, ...]:
    return tuple(
        ColumnInfo(
            name=one.name,
            datatype=f"{one.datatype}({one.arraysize})" if one.arraysize else one.datatype,
            unit=one.unit,
            ucd=one.ucd,
            description=one.description or "",
        )
        for one in columns
    )
