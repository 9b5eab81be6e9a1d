"""The tables describe themselves."""

import pytest


def test_the_tables_of_the_folder_are_described(openngc):
    rows = openngc.adql(
        "SELECT table_name, description FROM tap_schema.tables WHERE schema_name = 'files'"
    )

    assert [row[0] for row in rows.values] == ["files.openngc"]
    assert "Licence: CC-BY-SA-4.0." in rows.values[0][1]
    assert "https://github.com/mattiaverga/OpenNGC" in rows.values[0][1]


def test_their_columns_are_described_with_unit_and_ucd(openngc):
    rows = openngc.adql(
        "SELECT column_name, datatype, unit, ucd FROM TAP_SCHEMA.columns "
        "WHERE table_name = 'files.openngc' AND ucd LIKE 'pos.eq.%' ORDER BY column_index"
    )

    assert rows.values == [
        ("ra", "double", "deg", "pos.eq.ra;meta.main"),
        ("dec", "double", "deg", "pos.eq.dec;meta.main"),
    ]


def test_column_names_stand_there_as_a_query_writes_them(files):
    (files.folder / "t.csv").write_text("B-V,size,ra\n1,2,3\n")

    rows = files.adql(
        "SELECT column_name FROM tap_schema.columns WHERE table_name = 'files.t' ORDER BY 1"
    )
    names = [row[0] for row in rows.values]

    assert names == ['"B-V"', '"size"', "ra"]
    assert files.adql(f"SELECT {', '.join(names)} FROM t").values == [(1, 2, 3)]


@pytest.mark.slow
def test_tap_schema_describes_itself(files):
    for name in ("schemas", "tables", "columns", "keys", "key_columns"):
        described = files.adql(
            f"SELECT column_name FROM tap_schema.columns WHERE table_name = 'tap_schema.{name}'"
        )
        columns = ", ".join(row[0] for row in described.values)
        rows = files.adql(f"SELECT {columns} FROM tap_schema.{name}")

        assert [one.name for one in rows.columns] == [row[0].strip('"') for row in described.values]


def test_local_tables_and_their_descriptions_can_be_joined(openngc):
    rows = openngc.adql(
        "SELECT COUNT(*) FROM tap_schema.tables NATURAL JOIN tap_schema.columns "
        "WHERE table_name IN (SELECT 'files.openngc' FROM files.openngc)"
    )

    assert rows.values[0][0] >= 0
