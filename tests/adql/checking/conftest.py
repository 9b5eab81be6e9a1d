"""A service with a few tables, and a function that checks queries for it."""

import pytest

from portal.adql import check
from portal.adql import ColumnInfo
from portal.adql import FunctionInfo
from portal.adql import MemoryTables
from portal.adql import TableInfo


def columns(*names):
    return [ColumnInfo(name=name) for name in names]


TABLES = {
    TableInfo(name="gaiadr3.gaia_source", schema="gaiadr3", nrows=1_811_709_771): columns(
        "source_id", "ra", "dec", "parallax", "pmra", "phot_g_mean_mag"
    ),
    TableInfo(name='"II/336/apass9"', schema="vizls", nrows=61_176_401): columns(
        "recno", "RAJ2000", "DEJ2000", "B-V", "Vmag", '"date"'
    ),
    TableInfo(name='"I/239/hip_main"', schema="vizls", nrows=118_218): columns(
        "HIP", "RAJ2000", "DEJ2000", "Vmag"
    ),
    TableInfo(name="ivoa.obscore", schema="ivoa", nrows=400): columns(
        "obs_id", "s_ra", "s_dec", "s_region"
    ),
    TableInfo(name="public.notes", schema="public"): columns("id", "text"),
    TableInfo(name="unknown.columns_of", schema="unknown"): [],
}
FUNCTIONS = [FunctionInfo(name="ivo_healpix_index"), FunctionInfo(name="gavo_mocunion")]


@pytest.fixture
def service():
    """Return what is known of the service: everything."""
    return MemoryTables(TABLES, functions=FUNCTIONS)


@pytest.fixture
def found(service):
    """Return a function from a query to code and text of each finding, hints left out."""

    def find(text, tables=service, **more):
        return [
            (finding.code, text[finding.start : finding.end])
            for finding in check(text, tables, **more)
            if finding.severity != "hint"
        ]

    return find


@pytest.fixture
def mended(service):
    """Return a function that makes the first change that a check offers."""

    def mend(text, tables=service):
        fixes = [fix for finding in check(text, tables) for fix in finding.fixes]
        return fixes[0].apply(text)

    return mend
