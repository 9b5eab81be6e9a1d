import hashlib
import io
import json
import uuid

import pytest

from portal.display import file_size
from portal.problems import NotFoundError
from portal.problems import UsageError
from portal.results.checking import DamagedResultError
from portal.results.intake import ResultIntake
from portal.results.keys import ResultKey

CONTENT = b"SIMPLE  =                    T"


@pytest.fixture
def intake(store):
    return ResultIntake(store, max_result_bytes=1_000_000)


@pytest.fixture
def attempt(store):
    """Return the ids of an attempt, and a function that writes a file in its folder."""
    job_id, token = uuid.uuid4().hex, uuid.uuid4().hex
    with store.scratch(job_id, token) as scratch:

        def write(name="a.fits", content=CONTENT):
            (scratch / name).write_bytes(content)
            return scratch / name

        yield job_id, token, scratch, write


@pytest.fixture
def attached(store, attempt):
    """Return what takes the files of an attempt, and the function that writes one."""
    job_id, token, scratch, write = attempt
    with store.attachments(job_id, token, scratch=scratch, max_bytes=100) as files:
        yield files, write, job_id, token


def attach(files, path, name="image"):
    files.attach(name, path, media_type="application/fits", title=" An\nimage\0 ")


def test_a_file_is_moved_and_found_by_its_key(store, attached):
    files, write, job_id, token = attached
    path = write()

    attach(files, path)

    assert not path.exists()
    assert store.file(ResultKey(job_id, token, "image")).read_bytes() == CONTENT
    (kept,) = files.files
    assert (kept.bytes, kept.info["file"]["title"]) == (len(CONTENT), "An image")
    assert kept.info["file"]["sha256"] == hashlib.sha256(CONTENT).hexdigest()


def test_all_files_together_are_no_larger_than_a_result(store, attached):
    files, write, *_ = attached
    attach(files, write(content=b"x" * 60))

    with pytest.raises(UsageError, match="most that it may keep"):
        attach(files, write(content=b"x" * 41), name="second")
    attach(files, write(content=b"x" * 40), name="third")

    assert files.bytes == 100


def test_nothing_but_a_file_of_the_job_itself_is_taken(attached, tmp_path):
    files, write, *_ = attached
    outside = tmp_path / "secret"
    outside.write_bytes(b"secret")
    link = write("real").with_name("link")
    link.symlink_to(outside)

    for path in (outside, link, link.parent, link.with_name("none")):
        with pytest.raises(ValueError, match="no file in the data_dir"):
            attach(files, path)


def test_a_name_is_used_once(attached):
    files, write, *_ = attached
    attach(files, write())

    for name in ("image", "result"):
        with pytest.raises(ValueError, match="already"):
            attach(files, write(), name=name)


def test_a_file_without_its_seal_is_none(store, attached):
    files, write, job_id, token = attached
    attach(files, write())
    key = ResultKey(job_id, token, "image")
    (key.directory(store.root) / "file.json").unlink()

    with pytest.raises(NotFoundError):
        store.file(key)


def test_a_file_comes_from_afar_with_its_seal_last(store, intake, attached, tmp_path):
    files, write, job_id, token = attached
    attach(files, write())
    key = ResultKey(job_id, token, "image")
    paths = store.files(key)
    there = ResultKey(uuid.uuid4().hex, uuid.uuid4().hex, "image")

    assert [path.name for path in paths] == ["file.bin", "file.json"]
    for path in paths:
        intake.receive(*_parts(there), path.name, io.BytesIO(path.read_bytes()))

    assert intake.is_whole(there.job_id, there.token, there.name)
    assert store.file(there).read_bytes() == CONTENT


@pytest.mark.parametrize(
    "seal",
    [
        b"{}",
        b"[]",
        b"\xff",
        b"null",
        b'{"bytes": 3, "sha256": "x"}',
        b'{"bytes": "x", "sha256": 1}',
    ],
)
def test_a_file_that_is_not_what_its_seal_says_is_refused(intake, seal):
    key = ResultKey(uuid.uuid4().hex, uuid.uuid4().hex, "image")
    intake.receive(*_parts(key), "file.bin", io.BytesIO(CONTENT))

    with pytest.raises(DamagedResultError):
        intake.receive(*_parts(key), "file.json", io.BytesIO(seal))

    assert not intake.is_whole(key.job_id, key.token, key.name)


def test_a_seal_without_its_file_is_refused(intake):
    key = ResultKey(uuid.uuid4().hex, uuid.uuid4().hex, "image")
    seal = json.dumps({"bytes": 0, "sha256": hashlib.sha256(b"").hexdigest()})

    with pytest.raises(DamagedResultError, match="missing"):
        intake.receive(*_parts(key), "file.json", io.BytesIO(seal.encode()))


def test_a_store_opens_no_file_as_a_table(store, attached):
    files, write, job_id, token = attached
    attach(files, write())

    with pytest.raises(NotFoundError):
        store.open(ResultKey(job_id, token, "image"))


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (999, "999 B"), (1_000, "1 kB"), (1_440, "1.4 kB"), (999_600, "1 MB"),
     (52_400_000, "52 MB"), (3_000_000_000, "3 GB"), (5_000_000_000_000, "5 TB")],
)  # fmt: skip
def test_sizes_are_written_in_decimal_units(count, words):
    assert file_size(count) == words


def _parts(key):
    return key.job_id, key.token, key.name
