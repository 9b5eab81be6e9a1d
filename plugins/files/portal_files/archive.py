"""The archive that the folder is: what it is called, whose data it has, what to ask first."""

from collections.abc import Iterator
from pathlib import Path

from portal.plugins import Archive
from portal.plugins import Dataset
from portal.plugins import Example
from portal_files import demo
from portal_files.catalogue import Catalogue
from portal_files.catalogue import SCHEMA
from portal_files.connector import Connector
from portal_files.conversion import Conversions
from portal_files.conversion import MEGABYTE
from portal_files.positions import find_position
from portal_files.queries import AdqlQuery
from portal_files.queries import ConeQuery
from portal_files.settings import FilesSettings

TABLES_OF_THE_ARCHIVE = Example(
    title="Which tables and columns are there?",
    parameters={
        "query": "SELECT table_name, column_name, unit, ucd, description\nFROM tap_schema.columns"
    },
)
CONE_EXAMPLES = (
    Example(
        title="Around the Andromeda Galaxy",
        parameters={"table": "openngc", "position": "00:42:44.3 +41:16:08", "sr": "1"},
        description="M31 and its companions M32 and M110",
    ),
    Example(
        title="The heart of the Virgo Cluster",
        parameters={"table": "openngc", "position": "187.7059 12.3911", "sr": "2"},
        description="Two degrees around M87",
    ),
)
ADQL_EXAMPLES = (
    Example(
        title="The brightest galaxies",
        parameters={
            "query": "SELECT TOP 50 name, messier, common_names, ra, dec, v_mag\n"
            "FROM files.openngc\n"
            "WHERE type = 'G' AND v_mag IS NOT NULL\n"
            "ORDER BY v_mag"
        },
    ),
    Example(
        title="Objects within 5 degrees of M87 in Virgo",
        parameters={
            "query": "SELECT name, type_name, ra, dec, b_mag,\n"
            "  DISTANCE(POINT(ra, dec), POINT(187.7059, 12.3911)) AS separation\n"
            "FROM files.openngc\n"
            "WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(187.7059, 12.3911, 5))\n"
            "ORDER BY separation"
        },
    ),
    Example(
        title="How many objects of each kind?",
        parameters={
            "query": "SELECT type_name, COUNT(*) AS objects, AVG(redshift) AS mean_redshift\n"
            "FROM files.openngc\n"
            "GROUP BY type_name\n"
            "ORDER BY objects DESC"
        },
    ),
    TABLES_OF_THE_ARCHIVE,
)


def build_archive(settings: FilesSettings, data_dir: Path) -> Archive:
    """Return the archive of the folder; an empty folder gets OpenNGC first, if so set."""
    folder = settings.folder or data_dir / "tables"
    if settings.demo and demo.is_empty(folder):
        demo.install(folder)
    conversions = Conversions(
        data_dir / "converted", max_bytes=settings.max_file_megabytes * MEGABYTE
    )
    connector = Connector(Catalogue(folder, conversions), settings)
    return _archive(connector, has_demo=(folder / demo.FILE_NAME).is_file())


def _archive(connector: Connector, *, has_demo: bool) -> Archive:
    cone = ConeQuery(connector, CONE_EXAMPLES if has_demo else ())
    adql = AdqlQuery(connector, ADQL_EXAMPLES if has_demo else (TABLES_OF_THE_ARCHIVE,))
    description = (
        "Tables in a folder of this portal (VOTable, FITS, CSV, ECSV, Parquet), to be searched "
        f"by position and by ADQL, without a network. In ADQL they are {SCHEMA}.<name>."
    )
    datasets = tuple(_datasets(connector.catalogue))
    if not has_demo:
        return Archive(
            id=SCHEMA,
            title="Local tables",
            description=description,
            queries=(cone, adql),
            order=0,
            datasets=datasets,
        )
    return Archive(
        id=SCHEMA,
        title="Local tables",
        description=f"{description} To begin with, it holds OpenNGC: galaxies, star clusters and "
        "nebulae of the New General Catalogue and the Index Catalogues.",
        queries=(cone, adql),
        documentation_url=demo.SOURCE,
        license=demo.LICENCE,
        license_url=demo.LICENCE_URL,
        citation=demo.CITATION,
        wavebands=("optical", "infrared"),
        order=0,
        datasets=datasets,
    )


def _datasets(catalogue: Catalogue) -> Iterator[Dataset]:
    """Go through the tables that have positions, and those of which nobody knows that yet."""
    for source in catalogue.sources:
        known = catalogue.known(source)
        if known is None or find_position(known.text.columns) is not None:
            yield Dataset(
                id=source.name,
                title=source.path.name,
                query_id=ConeQuery.id,
                parameters={"table": source.name},
                category="tables",
            )
