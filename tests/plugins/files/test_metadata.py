"""What an editor is told of the folder, without any file being read for that."""

from portal.plugins import TableFilter


def metadata(files):
    query = next(one for one in files.archive.queries if one.id == "query.files-adql")
    return query.metadata({})


def test_a_table_that_was_used_is_known_with_its_columns(openngc):
    openngc.adql("SELECT TOP 1 * FROM openngc")
    tables = metadata(openngc).tables
    table = tables.find_table("openngc")
    assert table.name == "files.openngc"
    assert table.nrows > 10_000
    columns = {column.name: column for column in tables.columns(table)}
    assert columns["ra"].unit == "deg"
    assert columns["ra"].ucd == "pos.eq.ra;meta.main"


def test_a_file_that_nobody_used_is_known_by_its_name(files):
    (files.folder / "t.csv").write_text("a,b\n1,2\n")
    tables = metadata(files).tables
    table = tables.find_table("files.t")
    assert tables.columns(table) == ()
    assert "CSV" in table.description
    assert not list(files.data_dir.glob("converted/*"))


def test_the_tables_that_describe_the_others_are_there(files):
    tables = metadata(files).tables
    assert tables.find_table("tap_schema.columns") is not None
    counts = {schema.name: count for schema, count in tables.count_by_schema(TableFilter())}
    assert counts["tap_schema"] == 5
