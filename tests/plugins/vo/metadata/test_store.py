"""The files: found again whatever names a service has, replaced as a whole, and not for ever."""

import os
import sqlite3
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st

from portal.plugins import AdqlSchema
from portal.plugins import ColumnInfo
from portal.plugins import name_parts
from portal.plugins import TableFilter
from portal.plugins import TableInfo
from portal_vo.metadata.names import file_name
from portal_vo.metadata.names import table_name
from portal_vo.metadata.records import TableRecord
from portal_vo.metadata.store import MetadataStore

URL = "http://vo.example.org/tap"
names = st.text(
    st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from('."/ Aaß_1'), max_size=12
)
schemas = st.lists(
    st.tuples(names, st.lists(st.tuples(names, st.lists(names, max_size=4)), max_size=5)),
    max_size=4,
)


def record(name, schema="", columns=()):
    return TableRecord(
        info=TableInfo(name=table_name(name, schema), schema=schema, description=f"about {name}"),
        written=name,
        columns=[ColumnInfo(name=one, description=f"is {one}") for one in columns],
    )


def write(store, records, url=URL):
    with store.replacing(url) as writer:
        for one in records:
            writer.add_schema(AdqlSchema(name=one.info.schema, description="text"))
            writer.add_table(one)
        writer.finish(url=url, is_complete=True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(schemas=schemas)
def test_whatever_the_names_are_every_table_is_found_again(store, schemas):
    written = {}
    for schema, tables in schemas:
        for name, columns in tables:
            try:
                one = record(name, schema, columns)
            except ValueError:
                continue
            written.setdefault((one.info.name, schema), one)
    write(store, written.values())
    found = store.find(URL)

    count, listed = found.list_tables(TableFilter(), offset=0, limit=100)
    assert count == len(written)
    assert list(listed) == [one.info for one in written.values()]
    assert sum(number for _, number in found.count_by_schema(TableFilter())) == count
    for one in written.values():
        assert [column.name for column in found.columns(one.info)] == [
            column.name for column in one.columns
        ]
        again = found.find_table(one.info.name)
        assert again is not None
        assert name_parts(again.name)[-1].casefold() == name_parts(one.info.name)[-1].casefold()
        assert found.complete(one.info.name, limit=200)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    text=st.text(max_size=20) | names,
    words=st.lists(st.text(max_size=8), max_size=3),
    places=st.sets(st.sampled_from(["name", "description", "columns"])),
    any_word=st.booleans(),
)
def test_no_text_makes_a_look_up_fail(store, text, words, places, any_word):
    if store.find(URL) is None:
        write(store, [record("cat.stars", "cat", ["ra", "dec"])])
    found = store.find(URL)
    found.find_table(text)
    found.similar_tables(text)
    found.complete(text)
    found.columns(TableInfo(name=text, schema=text))
    found.foreign_keys(TableInfo(name=text))
    which = TableFilter(words=tuple(words), places=tuple(places), any_word=any_word, schema=text)
    found.list_tables(which, offset=0, limit=10)
    found.count_by_schema(which)


@pytest.fixture
def catalogue(store):
    write(
        store,
        [
            record("cat.Stars", "cat", ["ra", "s_dec"]),
            record('cat."stars"', "cat", ["ra"]),
            record("cat.galaxies", "cat", ["z"]),
            record("other.stars", "other"),
            record('"J/ApJ/1"', "viz", ["2MASS"]),
        ],
    )
    return store.find(URL)


def test_of_names_that_differ_in_case_the_one_that_is_written_so_is_found(catalogue):
    assert catalogue.find_table("cat.Stars").name == "cat.Stars"
    assert catalogue.find_table('cat."stars"').name == 'cat."stars"'
    assert catalogue.find_table("OTHER.stars").name == "other.stars"


def test_names_that_are_nearly_right_are_recognised(catalogue):
    assert catalogue.similar_tables("cat.galaxis")[0].name == "cat.galaxies"
    assert catalogue.similar_tables("galaxeis")[0].name == "cat.galaxies"
    assert catalogue.similar_tables("zzz") == []
    assert catalogue.similar_tables("") == []


def test_what_starts_so_comes_before_what_contains_it(catalogue):
    assert catalogue.complete("oth")[0].name == "other.stars"
    assert [one.name for one in catalogue.complete("gal")] == ["cat.galaxies"]
    assert [one.name for one in catalogue.complete("J/Ap")] == ['"J/ApJ/1"']
    assert len(catalogue.complete("", limit=3)) == 3


@pytest.mark.parametrize(
    ("words", "options", "count"),
    [
        (("stars",), {}, 3),
        (("stars", "galaxies"), {}, 0),
        (("stars", "galaxies"), {"any_word": True}, 4),
        (("tar",), {"places": ("name",)}, 3),
        (("tar",), {"places": ("description",)}, 0),
        (("s_d",), {"places": ("columns",)}, 1),
        (("dec",), {"places": ("columns",)}, 1),
        (("2mass",), {}, 1),
        (("about",), {"places": ("description",), "schema": "cat"}, 3),
        (('"',), {"places": ("columns",)}, 0),
        (("NEAR(", "AND"), {}, 0),
    ],
)
def test_tables_are_filtered_by_words_in_places(catalogue, words, options, count):
    which = TableFilter(words=words, **options)
    assert catalogue.list_tables(which, offset=0, limit=1)[0] == count


def test_a_table_that_is_listed_twice_is_one(store):
    write(store, [record("cat.stars", "cat", ["ra"]), record("cat.stars", "cat", ["x"])])
    found = store.find(URL)
    assert [one.name for one in found.columns(found.find_table("stars"))] == ["ra"]


def test_a_file_of_another_version_or_a_damaged_one_is_as_good_as_none(store, tmp_path):
    write(store, [record("a")])
    path = tmp_path / "metadata" / file_name(URL)
    path.write_bytes(b"rubbish" * 1_000)
    assert store.find(URL) is None
    path.unlink()
    write(store, [record("a")])
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert MetadataStore(tmp_path / "metadata").find(URL) is None


def test_who_reads_the_earlier_file_reads_on_and_then_finds_the_new_one(store):
    write(store, [record("old")])
    found = store.find(URL)
    assert found.find_table("old") is not None
    write(store, [record("new")])
    assert found.find_table("new") is not None
    assert store.find(URL).find_table("old") is None


def test_a_block_that_fails_changes_nothing(store, tmp_path):
    write(store, [record("old")])

    def fail():
        with store.replacing(URL) as writer:
            writer.add_table(record("new"))
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        fail()
    assert store.find(URL).find_table("old") is not None
    assert not list((tmp_path / "metadata").glob("*.part"))


def test_what_is_found_may_be_used_in_any_thread(store):
    write(store, [record("cat.stars", "cat")])
    found = store.find(URL)
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(found.find_table("stars"))) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.name for one in answers} == {"cat.stars"}


def test_services_that_nobody_uses_any_more_make_room(tmp_path):
    store = MetadataStore(tmp_path, most_services=2)
    for number, url in enumerate(["http://a/tap", "http://b/tap", "http://c/tap"]):
        write(store, [record("t")], url=url)
        path = tmp_path / file_name(url)
        if path.exists():
            at = time.time() - 10_000 + number * 1_000
            os.utime(path, (at, path.stat().st_mtime))
    assert store.find("http://a/tap") is None  # used longest ago
    assert store.find("http://b/tap") is not None


def test_looking_is_using(store, tmp_path):
    write(store, [record("t")])
    path = tmp_path / "metadata" / file_name(URL)
    before = path.stat()
    os.utime(path, ns=(0, before.st_mtime_ns))
    store.find(URL)
    after = path.stat()
    assert after.st_atime > time.time() - 100
    assert after.st_mtime_ns == before.st_mtime_ns


def test_unfinished_files_of_yesterday_are_removed(store, tmp_path):
    folder = tmp_path / "metadata"
    folder.mkdir()
    old, new = folder / "old.1-1.part", folder / "new.1-2.part"
    for path in (old, new):
        path.touch()
    os.utime(old, (0, 0))
    write(store, [record("t")])
    assert not old.exists()
    assert new.exists()


@pytest.mark.slow
def test_a_process_that_is_killed_while_it_writes_leaves_what_was_there(store, tmp_path):
    write(store, [record("old")])
    writing = (
        "import sys, time; from pathlib import Path; from portal_vo.metadata.store import *\n"
        "with MetadataStore(Path(sys.argv[1])).replacing(sys.argv[2]) as writer:\n"
        "    print('ready', flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", writing, str(tmp_path / "metadata"), URL]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        process.kill()
    assert store.find(URL).find_table("old") is not None
    write(store, [record("new")])
    assert store.find(URL).find_table("new") is not None
