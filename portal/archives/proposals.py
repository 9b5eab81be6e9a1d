"""Queries in ADQL that the portal proposes for a service, by the tables that it has."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.adql import ColumnInfo
from portal.adql import TableInfo
from portal.adql import TableSource

FIRST_ROWS = 1_000
LINE = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A query that can be asked as it stands; `group` is the heading it is under."""

    group: str
    title: str
    query: str


FIRST = "To begin with"
ABOUT_TABLES = "About the tables"
OBSERVATIONS = "Observations (ObsCore)"
REGISTRY = "The registry (RegTAP)"
# For each table that a standard describes, what can be asked of it.
KNOWN = {
    "tap_schema.tables": (
        (ABOUT_TABLES, "All tables", "SELECT table_name, description\nFROM tap_schema.tables"),
        (
            ABOUT_TABLES,
            "Columns with their units and UCDs",
            """\
SELECT TOP 1000 table_name, column_name, unit, ucd, description
FROM tap_schema.columns""",
        ),
        (
            ABOUT_TABLES,
            "Tables with a position",
            """\
SELECT DISTINCT table_name
FROM tap_schema.columns
WHERE ucd LIKE 'pos.eq.ra%'""",
        ),
    ),
    "ivoa.obscore": (
        (
            OBSERVATIONS,
            "What there is: collections and types of data",
            """\
SELECT obs_collection, dataproduct_type, COUNT(*) AS datasets
FROM ivoa.obscore
GROUP BY obs_collection, dataproduct_type""",
        ),
        (
            OBSERVATIONS,
            "Images of a place in the sky",
            """\
SELECT TOP 1000 obs_publisher_did, obs_collection, s_ra, s_dec, access_url, access_format
FROM ivoa.obscore
WHERE dataproduct_type = 'image'
  AND 1 = CONTAINS(POINT('ICRS', 187.7059, 12.3911), s_region)""",
        ),
        (
            OBSERVATIONS,
            "Everything within half a degree of M87",
            """\
SELECT TOP 1000 *
FROM ivoa.obscore
WHERE 1 = CONTAINS(POINT('ICRS', s_ra, s_dec),
  CIRCLE('ICRS', 187.7059, 12.3911, 0.5))""",
        ),
        (
            OBSERVATIONS,
            "Spectra that cover the line of hydrogen at 21 cm",
            """\
SELECT TOP 1000 *
FROM ivoa.obscore
WHERE em_min <= 0.21106 AND em_max >= 0.21106""",
        ),
    ),
    "rr.resource": (
        (
            REGISTRY,
            "TAP services",
            """\
SELECT ivoid, res_title, access_url
FROM rr.resource
NATURAL JOIN rr.capability
NATURAL JOIN rr.interface
WHERE standard_id = 'ivo://ivoa.net/std/tap' AND intf_role = 'std'""",
        ),
        (
            REGISTRY,
            "Resources about quasars",
            """\
SELECT ivoid, res_title, res_description
FROM rr.resource
WHERE 1 = ivo_hasword(res_description, 'quasar')""",
        ),
        (
            REGISTRY,
            "How many resources of each type",
            "SELECT res_type, COUNT(*) AS resources\nFROM rr.resource\nGROUP BY res_type",
        ),
    ),
}


def propose_queries(tables: TableSource, first: TableInfo | None) -> Sequence[Proposal]:
    """Return what can be asked of a service; `first` is one of its tables."""
    found = [] if first is None else _basic(first, tables.columns(first))
    for name, queries in KNOWN.items():
        if tables.find_table(name) is not None:
            found += [Proposal(group=one[0], title=one[1], query=one[2]) for one in queries]
    return found


def select_query(table: TableInfo, columns: Sequence[ColumnInfo] = ()) -> str:
    """Return the query for the first rows of a table: of these columns, or of all."""
    names = [one.written for one in columns]
    chosen = ", ".join(name for name in names if name) or "*"
    if len(chosen) > LINE:
        chosen = "\n  " + ",\n  ".join(name for name in names if name)
    return f"SELECT TOP {FIRST_ROWS} {chosen}\nFROM {table.name}"


def _basic(table: TableInfo, columns: Sequence[ColumnInfo]) -> list[Proposal]:
    group = FIRST
    found = [
        Proposal(group=group, title=f"The first rows of {table.name}", query=select_query(table)),
        Proposal(
            group=group,
            title=f"How many rows {table.name} has",
            query=f"SELECT COUNT(*) AS n\nFROM {table.name}",
        ),
    ]
    position = [_by_ucd(columns, f"pos.eq.{axis}") for axis in ("ra", "dec")]
    if all(position):
        point = f"POINT('ICRS', {position[0]}, {position[1]})"
        query = (
            f"{select_query(table)}\nWHERE 1 = CONTAINS({point},\n"
            "  CIRCLE('ICRS', 187.7059, 12.3911, 1))"
        )
        found.append(Proposal(group=group, title=f"{table.name} around M87", query=query))
    return found


def _by_ucd(columns: Sequence[ColumnInfo], ucd: str) -> str:
    """Return the name of the main column with a UCD, as a query writes it."""
    named = [one for one in columns if (one.ucd or "").lower().split(";")[0] == ucd]
    main = [one for one in named if (one.ucd or "").lower().endswith(";meta.main")]
    return (main or named)[0].written or "" if named else ""
