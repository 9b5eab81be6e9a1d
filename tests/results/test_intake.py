import io
import json
import shutil
import uuid
from pathlib import Path

import numpy as np
import pytest

from portal.problems import NotFoundError
from portal.results.checking import DamagedResultError
from portal.results.intake import ResultIntake
from portal.results.intake import TooLargeError
from portal.results.keys import ResultKey
from portal.results.store import ResultStore
from portal.results.survey import UNSAMPLED_ROWS
from portal.tables import Column
from portal.tables import ResultTable

COLUMNS = (Column(name="n", datatype="int"), Column(name="name", arraysize="*"))
ROWS = UNSAMPLED_ROWS + 1


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Return the folder of a result in the store of a worker that is elsewhere."""
    afar = ResultStore(tmp_path_factory.mktemp("afar"))
    key = ResultKey(uuid.uuid4().hex, uuid.uuid4().hex, "result")
    rows = ((index, f"star {index}") for index in range(ROWS))
    afar.write(key, ResultTable.from_rows(COLUMNS, rows), maxrec=ROWS, max_bytes=10**9)
    return key.directory(afar.root)


@pytest.fixture
def intake(store):
    return ResultIntake(store, max_result_bytes=50_000_000)


@pytest.fixture
def sent(written, tmp_path):
    """Return the folder of a result that is to be sent; tests change it."""
    return Path(shutil.copytree(written, tmp_path / "sent"))


def send(intake, key, name, content):
    intake.receive(key.job_id, key.token, key.name, name, io.BytesIO(content))


def send_all(intake, key, folder, **instead):
    """Send every file of a folder, `meta.json` last; some with other contents."""
    for path in sorted(folder.iterdir(), key=lambda path: path.name == "meta.json"):
        send(intake, key, path.name, instead.get(path.stem) or path.read_bytes())


def is_whole(intake, key):
    return intake.is_whole(key.job_id, key.token, key.name)


def test_a_result_from_afar_is_like_one_stored_here(intake, store, key, sent):
    send_all(intake, key, sent)

    result = store.open(key)
    assert is_whole(intake, key)
    assert result.rows == ROWS
    assert result.columns == COLUMNS
    assert result.find_array("sample-0.npy") is not None


def test_without_its_meta_a_result_is_not_whole(intake, key, sent):
    send(intake, key, "rows.arrow", (sent / "rows.arrow").read_bytes())

    assert not is_whole(intake, key)


def test_files_may_be_sent_again(intake, key, sent):
    send_all(intake, key, sent)
    send_all(intake, key, sent)

    assert is_whole(intake, key)


def test_a_file_that_comes_after_the_meta_takes_it_back(intake, key, sent):
    send_all(intake, key, sent)
    send(intake, key, "rows.arrow", b"something else")

    assert not is_whole(intake, key)


@pytest.mark.parametrize("left_out", ["rows.arrow", "rows.parquet", "sample-0.npy"])
def test_a_result_with_a_file_missing_is_refused(intake, key, sent, left_out):
    (sent / left_out).unlink()

    with pytest.raises(DamagedResultError):
        send_all(intake, key, sent)
    assert not is_whole(intake, key)


def flipped(content, place):
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


@pytest.mark.parametrize("part", [0.0, 0.0001, 0.999])
def test_damaged_rows_are_refused(intake, key, sent, part):
    content = (sent / "rows.arrow").read_bytes()

    with pytest.raises(DamagedResultError):
        send_all(intake, key, sent, rows=flipped(content, int(part * len(content))))


def test_text_offsets_that_lead_outside_are_refused(intake, key, sent):
    """Pages map the rows: a wrong offset would be read as memory of the web process."""
    content = bytearray((sent / "rows.arrow").read_bytes())
    lengths = [len(f"star {index}") for index in range(100)]
    place = bytes(content).find(np.cumsum(lengths, dtype=np.int32).tobytes())
    assert place > 0
    content[place : place + 4] = b"\xff\xff\xff\x7f"

    with pytest.raises(DamagedResultError):
        send_all(intake, key, sent, rows=bytes(content))


@pytest.mark.parametrize(
    "change",
    [
        {"rows": 5},
        {"bytes": 1},
        {"rows": "many"},
        {"columns": []},
        {"columns": [{"name": "n", "datatype": "no such type"}, {"name": "name"}]},
    ],
)
def test_a_meta_that_does_not_fit_the_files_is_refused(intake, key, sent, change):
    meta = json.loads((sent / "meta.json").read_text())
    meta["stored"] |= change

    with pytest.raises(DamagedResultError):
        send_all(intake, key, sent, meta=json.dumps(meta).encode())


@pytest.mark.parametrize("meta", [b"{}", b"[]", b"\xff\xfe", b"{", b"null"])
def test_a_meta_that_is_none_is_refused(intake, key, sent, meta):
    with pytest.raises(DamagedResultError):
        send_all(intake, key, sent, meta=meta)


def test_a_pickled_sample_is_refused(intake, key, sent):
    content = io.BytesIO()
    np.save(content, np.array([{}], dtype=object), allow_pickle=True)
    (sent / "sample-0.npy").write_bytes(content.getvalue())
    meta = json.loads((sent / "meta.json").read_text())
    meta["stored"]["bytes"] = sum(
        path.stat().st_size for path in sent.iterdir() if path.name != "meta.json"
    )

    with pytest.raises(DamagedResultError):
        send_all(intake, key, sent, meta=json.dumps(meta).encode())


@pytest.mark.parametrize(
    "name",
    ["../rows.arrow", "..", ".", "", "rows.arrow/..", "/etc/passwd", "meta.json\0", "other.py"],
)
def test_a_name_that_no_file_of_a_result_has_is_refused(intake, store, key, name):
    with pytest.raises(NotFoundError):
        send(intake, key, name, b"x")

    assert not key.directory(store.root).exists()


@pytest.mark.parametrize("name", ["..", "../../x", "Result", "a/b", ""])
def test_a_result_of_an_impossible_name_is_refused(intake, key, name):
    with pytest.raises(NotFoundError):
        intake.receive(key.job_id, key.token, name, "rows.arrow", io.BytesIO(b"x"))


def test_more_than_a_result_may_take_is_refused_and_not_kept(store, key):
    intake = ResultIntake(store, max_result_bytes=0)

    send(intake, key, "rows.arrow", b"x" * intake.max_bytes)
    with pytest.raises(TooLargeError):
        send(intake, key, "rows.parquet", b"x")

    assert [file.name for file in key.directory(store.root).iterdir()] == ["rows.arrow"]


def test_what_an_attempt_sent_can_be_dropped(intake, store, key, sent):
    send_all(intake, key, sent)

    intake.drop_attempt(key.job_id, key.token)

    assert not is_whole(intake, key)
