"""Two small tables, as a query may name them and as DuckDB holds them."""

import duckdb
import pytest

from portal.adql import AdqlTable
from portal.adql import parse
from portal.adql import to_duckdb

TABLES = (
    AdqlTable(schema="files", name="stars", columns=("name", "ra", "dec", "Vmag", "B-V", "n")),
    AdqlTable(schema="files", name="notes", columns=("name", "text", "n")),
    AdqlTable(schema="other", name="notes", columns=("name",)),
)
ROWS = """
    CREATE SCHEMA files; CREATE SCHEMA other;
    CREATE TABLE files.stars AS SELECT * FROM (VALUES
        ('a', 10.0::DOUBLE, 41.0::DOUBLE, 3.5::DOUBLE, 0.5::DOUBLE, 1::INTEGER),
        ('b', 359.9, -89.95, 9.0, NULL, 2),
        ('c', 0.1, 0.0, NULL, 1.5, 3),
        (NULL, NULL, NULL, NULL, NULL, NULL)
    ) t(name, ra, dec, "Vmag", "B-V", n);
    CREATE TABLE files.notes AS SELECT * FROM (VALUES
        ('a', 'first', 1),
        ('a', 'Second', 2)
    ) t(name, "text", n);
    CREATE TABLE other.notes AS SELECT 'elsewhere' AS name;
"""


@pytest.fixture
def translate():
    """Return a function from ADQL to the translation for these tables."""
    return lambda text, **more: to_duckdb(parse(text), TABLES, **more)


@pytest.fixture
def rows(translate):
    """Return a function from ADQL to the rows that DuckDB finds."""
    with duckdb.connect() as connection:
        connection.execute(ROWS)
        yield lambda text, **more: connection.execute(translate(text, **more).sql).fetchall()
