import pyarrow as pa
import pytest

from portal.plugins import Column
from portal.plugins import ServiceError
from portal.plugins import TableEnd
from portal_zooniverse.exports import reading
from portal_zooniverse.exports.reading import read_export


@pytest.fixture
def load(tmp_path, read):
    """Return a function that reads a file with these bytes."""

    def load(data, **given):
        path = tmp_path / "export.csv"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        table = read_export(path, **{"category": "subjects", "maxrec": 1_000, **given})
        return table.columns, *read(table)

    return load


def types(columns):
    return {column.name: column.datatype for column in columns}


def test_a_file_without_rows_is_an_empty_table(load):
    columns, rows, end = load("subject_id,metadata\n")
    assert types(columns) == {"subject_id": "long", "metadata": "unicodeChar"}
    assert (rows, end.overflow) == ([], False)
    assert load("subject_id,metadata")[1] == []


@pytest.mark.parametrize(
    "data", ["", "\n", "<html><body>404</body></html>", "classification_id\n1\n", "{}", b"\xff\xfe"]
)
def test_what_is_no_export_of_subjects_is_refused(load, data):
    with pytest.raises(ServiceError, match=r"no export of subjects|cannot be read as CSV"):
        load(data)


@pytest.mark.parametrize(
    "data",
    [
        "subject_id,metadata\n1,2,3\n",
        "subject_id,metadata\n1\n",
        b"subject_id,metadata\n1,\xff\n",
        b'subject_id,"meta\n',
    ],
)
def test_damaged_files_are_refused(load, data):
    with pytest.raises(ServiceError, match="cannot be read as CSV"):
        load(data)


def test_a_row_longer_than_a_block_is_refused(load, monkeypatch):
    monkeypatch.setattr(reading, "BLOCK", 1_000)
    with pytest.raises(ServiceError, match="cannot be read as CSV"):
        load("subject_id,metadata\n1," + "x" * 5_000 + "\n")


def test_a_number_that_is_none_makes_its_column_text(load):
    columns, rows, _ = load("subject_id,project_id\n1,\n2,7a\n")
    assert types(columns) == {"subject_id": "long", "project_id": "unicodeChar"}
    assert rows[1]["project_id"] == "7a"


@pytest.mark.parametrize("odd", ["007", "1.0", "1e3", " 1", "1_000", "99999999999999999999", "-0"])
def test_only_what_comes_back_as_it_was_is_a_number(load, odd):
    (_, column), rows, _ = load(f"subject_id,size\n1,{odd}\n2,3\n")
    assert column.datatype == "unicodeChar"
    assert rows[0]["size"] == odd


@pytest.mark.parametrize(
    ("values", "column", "first"),
    [
        (("1", "-2"), Column(name="new", datatype="long"), 1),
        (("true", "false"), Column(name="new", datatype="boolean"), True),
        (
            ("2024-01-01 00:00:00 UTC", "2024-01-01T00:00:00.5Z"),
            Column(name="new", arraysize="*", xtype="timestamp"),
            "2024-01-01T00:00:00Z",
        ),
        (("True", "false"), Column(name="new", datatype="unicodeChar", arraysize="*"), "True"),
        (("", ""), Column(name="new", datatype="unicodeChar", arraysize="*"), None),
    ],
)
def test_columns_that_nobody_knows_are_what_all_their_values_are(load, values, column, first):
    (_, found), rows, _ = load("subject_id,new\n" + "".join(f"1,{one}\n" for one in values))
    assert found == column
    assert rows[0]["new"] == first


def test_known_text_stays_text_whatever_it_looks_like(load):
    columns, rows, _ = load("subject_id,user_name,subject_ids,workflow_version\n1,42,7,22.10\n")
    assert set(types(columns).values()) == {"long", "unicodeChar"}
    assert rows[0] == {
        "subject_id": 1,
        "user_name": "42",
        "subject_ids": "7",
        "workflow_version": "22.10",
    }


def test_quotes_commas_and_line_breaks_stay_in_their_cell(load):
    _, rows, _ = load('subject_id,metadata\r\n1,"{""a"":\r\n""b, c""}"\r\n2,""\r\n3,\r\n')
    assert [row["metadata"] for row in rows] == ['{"a":\r\n"b, c"}', "", None]


def test_a_byte_order_mark_and_repeated_names_are_no_harm(load):
    columns, rows, _ = load(b"\xef\xbb\xbfsubject_id,a,A\n1,x,y\n")
    assert [column.name for column in columns] == ["subject_id", "a", "A_2"]
    assert rows == [{"subject_id": 1, "a": "x", "A_2": "y"}]


def test_a_name_over_two_lines_is_one_name(load):
    _, rows, _ = load('subject_id,"two\nlines"\n1,x\n')
    assert rows == [{"subject_id": 1, "two\nlines": "x"}]


def test_a_workflow_without_a_column_for_it_is_refused(load):
    with pytest.raises(ServiceError, match="does not say to which workflow"):
        load("subject_id\n1\n", workflow=3)


def test_the_rows_of_a_workflow_are_picked_before_they_are_counted(load):
    data = "subject_id,workflow_id\n" + "".join(f"{n},{n % 3}\n" for n in range(30))
    _, rows, end = load(data, workflow=2, maxrec=4)
    assert [row["subject_id"] for row in rows] == [2, 5, 8, 11]
    assert end.overflow


def test_a_long_file_comes_in_batches(load, monkeypatch):
    monkeypatch.setattr(reading, "BLOCK", 10_000)
    data = "subject_id,metadata\n" + "".join(f'{n},"{{""n"":{n}}}"\n' for n in range(5_000))
    _, rows, end = load(data, maxrec=4_999)
    assert [row["subject_id"] for row in rows] == list(range(4_999))
    assert end.overflow


@pytest.mark.slow
def test_a_long_file_is_never_in_memory_as_a_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "BLOCK", 100_000)
    path, note = tmp_path / "export.csv", "x" * 200
    with path.open("w") as file:
        file.write("subject_id,metadata\n")
        file.writelines(f"{n},{note}\n" for n in range(200_000))
    before, most, count = pa.total_allocated_bytes(), 0, 0
    for batch in read_export(path, category="subjects", maxrec=10**6).batches:
        if not isinstance(batch, TableEnd):
            most, count = max(most, pa.total_allocated_bytes()), count + batch.num_rows
    assert count == 200_000
    assert most - before < path.stat().st_size / 4


def test_a_letter_in_the_last_row_of_a_long_file_is_seen(load, monkeypatch):
    monkeypatch.setattr(reading, "BLOCK", 10_000)
    data = "subject_id\n" + "".join(f"{n}\n" for n in range(5_000)) + "last\n"
    columns, rows, _ = load(data, maxrec=10_000)
    assert types(columns) == {"subject_id": "unicodeChar"}
    assert rows[-1]["subject_id"] == "last"
