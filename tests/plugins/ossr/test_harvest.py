"""The community's software, copied from a Zenodo that is as strict as the real one."""

import json
import os
import time
import zipfile
from datetime import datetime
from datetime import timedelta
from datetime import UTC
from types import SimpleNamespace

import pytest

from portal.plugins import AbortedError
from portal.plugins import QueryParameters
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins.testing import check_archive
from portal.plugins.testing import read_result
from portal.plugins.testing import RunningJob
from portal_ossr import portal_register_archives
from portal_ossr import portal_register_schedules
from portal_ossr import portal_register_workflows
from portal_ossr import remotezip
from portal_ossr.catalogue import CatalogueFile
from portal_ossr.catalogue import Ossr
from portal_ossr.harvest import HarvestQuery
from portal_ossr.settings import OssrSettings
from tests.support.loopback import loopback
from tests.support.zenodo import record
from tests.support.zenodo import Zenodo
from tests.support.zenodo import zipped

CODEMETA = {
    "@context": "https://doi.org/10.5063/schema/codemeta-2.0",
    "name": "Curve fitter",
    "description": "Short.",
    "codeRepository": "https://github.com/escape/curve",
    "author": {"@type": "Person", "givenName": "Grace", "familyName": "Hopper"},
    "keywords": "CTA, desktop",
    "runtimePlatform": ["Java"],
    "programmingLanguage": [{"@type": "ComputerLanguage", "name": "Kotlin"}, "java"],
    "license": "https://spdx.org/licenses/BSD-3-Clause.html",
    "softwareVersion": "2.1",
    "memoryRequirements": "at least 4 GB",
    "processorRequirements": "2 cores",
}


@pytest.fixture
def zenodo():
    with loopback() as server:
        yield Zenodo(server)


@pytest.fixture
def job(tmp_path):
    return RunningJob(data_dir=tmp_path)


@pytest.fixture
def file(tmp_path):
    return CatalogueFile(tmp_path)


@pytest.fixture
def harvest(zenodo, job, file):
    def run():
        settings = OssrSettings(url=zenodo.url, pause=0)
        query = HarvestQuery(settings, file)
        rows, _ = read_result(query.run(QueryParameters(), job.context()))
        return rows[0]

    return run


@pytest.fixture
def workflows(harvest, file):
    def found():
        make_old(file)
        harvest()
        return {one.id: one for one in Ossr("x", file).workflows()}

    return found


def make_old(file):
    copy = file.read()
    if copy:
        file.write(copy.model_copy(update={"harvested": datetime.now(UTC) - timedelta(days=1)}))


def test_all_pages_are_read_25_at_a_time(zenodo, harvest, workflows):
    zenodo.records = [record(number) for number in range(1000, 1066)]

    told = harvest()

    assert (told["records"], told["workflows"], told["note"]) == (66, 66, "copied")
    assert len(zenodo.server.asked()) == 3
    assert len(workflows()) == 66


def test_a_record_without_a_codemeta_says_enough(zenodo, workflows):
    zenodo.records = [record(1001)]

    one = workflows()["1000"]

    assert one.title == "Software 1001"
    assert (one.repository, one.ref) == ("https://github.com/escape/s1001", "v1.0")
    assert one.description == "What software 1001 does."
    assert (one.type, one.authors, one.keywords) == (
        "notebook",
        ("Ada Lovelace",),
        ("jupyter-notebook",),
    )
    assert (one.doi, one.license, one.version) == ("10.5281/zenodo.1001", "mit", "1.0")
    assert one.updated == datetime(2026, 1, 2, 10, 0, 0, 123456, tzinfo=UTC)


def test_the_projects_own_words_count_more(zenodo, workflows):
    one = record(1001)
    zenodo.records = [one]
    zenodo.add_file(one, "codemeta.json", json.dumps(CODEMETA).encode())

    found = workflows()["1000"]

    assert found.title == "Curve fitter"
    assert found.repository == "https://github.com/escape/curve"
    assert found.ref == "HEAD"
    assert found.authors == ("Grace Hopper",)
    assert found.keywords == ("CTA", "desktop", "jupyter-notebook")
    assert (found.type, found.platforms) == ("desktop", ("Java", "Kotlin"))
    assert (found.license, found.version) == ("BSD-3-Clause", "2.1")
    assert (found.cores, found.memory) == (2, 4_000_000_000)
    assert found.description == "What software 1001 does."


def test_a_tag_of_the_same_repository_is_its_ref(zenodo, workflows):
    one = record(1001)
    zenodo.records = [one]
    same = CODEMETA | {"codeRepository": "https://github.com/Escape/S1001.git"}
    zenodo.add_file(one, "codemeta.json", json.dumps(same).encode())

    found = workflows()["1000"]

    assert (found.repository, found.ref) == ("https://github.com/Escape/S1001.git", "v1.0")


def test_a_codemeta_is_read_out_of_a_zip_without_fetching_all_of_it(zenodo, workflows):
    one = record(1001)
    zenodo.records = [one]
    content = {"s-1/codemeta.json": json.dumps(CODEMETA), "s-1/sub/deep/codemeta.json": "{}"}
    content["s-1/data.bin"] = os.urandom(3_000_000)
    zenodo.add_file(one, "s-1.zip", zipped(content))

    assert workflows()["1000"].title == "Curve fitter"
    fetched = sum(
        int(last) - int(first) + 1
        for first, last in (span.removeprefix("bytes=").split("-") for span in zenodo.spans)
    )
    assert fetched < 300_000


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"no archive at all" * 100,
        zipped({"a/b/c/codemeta.json": "{}"}),
        zipped({"codemeta.json": b"{" * 2_000_000}),
        zipped({"codemeta.json": "[" * 100_000}),
        zipped({"codemeta.json": "not json"}),
        zipped({"codemeta.json": '{"name": "x"}'}, compression=zipfile.ZIP_LZMA),
        zipped({"codemeta.json": '{"name": "x"}'})[:-30],
        zipped({"codemeta.json": '{"name": "x"}' * 10}).replace(b"name", b"nbme"),
    ],
)
def test_an_archive_that_cannot_be_read_costs_only_the_codemeta(zenodo, workflows, content):
    one = record(1001)
    zenodo.records = [one]
    zenodo.add_file(one, "s.zip", content)

    assert workflows()["1000"].title == "Software 1001"


def test_an_archive_is_not_downloaded_where_there_are_no_ranges(zenodo, workflows):
    one = record(1001)
    zenodo.records, zenodo.ignores_ranges = [one], True
    zenodo.add_file(one, "s.zip", zipped({"codemeta.json": json.dumps(CODEMETA)}))

    assert workflows()["1000"].title == "Software 1001"


def test_an_archive_with_a_huge_directory_is_left_alone(zenodo, workflows, monkeypatch):
    monkeypatch.setattr(remotezip, "MOST_AT_ONCE", 1000)
    monkeypatch.setattr(remotezip, "PIECE", 500)
    one = record(1001)
    zenodo.records = [one]
    names = {f"x{number}": "" for number in range(100)}
    zenodo.add_file(one, "s.zip", zipped({"codemeta.json": json.dumps(CODEMETA)} | names))

    assert workflows()["1000"].title == "Software 1001"


def test_only_the_last_version_counts(zenodo, workflows):
    old = {"relations": {"version": [{"index": 0, "is_last": False}]}, "version": "1"}
    new = {"relations": {"version": [{"index": 1, "is_last": True}]}, "version": "2"}
    zenodo.records = [
        record(1005, conceptrecid="1000", metadata=new),
        record(1001, conceptrecid="1000", metadata=old),
    ]

    assert {one.id: one.version for one in workflows().values()} == {"1000": "2"}


def test_records_of_others_do_not_flood_the_catalogue(zenodo, harvest, file):
    zenodo.records = [record(number, community="pottery") for number in range(1000, 1200)]
    zenodo.forgets = True

    with pytest.raises(ServiceError, match="not software of escape2020"):
        harvest()

    assert len(zenodo.server.asked()) == 1
    assert file.read() is None


def test_each_record_is_checked_for_its_community_and_kind(zenodo, workflows):
    zenodo.forgets = True
    paper = {"resource_type": {"type": "publication"}}
    zenodo.records = [record(1001), record(1003, community="pottery"), record(1005, metadata=paper)]

    assert list(workflows()) == ["1000"]


def test_a_record_without_a_repository_is_left_out_and_said(zenodo, workflows, job):
    zenodo.records = [record(1001), record(1003, metadata={"related_identifiers": []})]

    assert list(workflows()) == ["1000"]
    assert "1003 Software 1003 names no repository, and is left out" in job.lines


def test_a_busy_site_is_asked_again_when_it_wants(zenodo, workflows, job):
    zenodo.records = [record(1001)]
    zenodo.busy = [{"Retry_After": "0"}, {"Retry_After": "Wed, 21 Oct 2015 07:28:00 GMT"}]

    assert list(workflows()) == ["1000"]
    assert len(zenodo.server.asked()) == 3
    assert any("is busy: going on in 0 s" in message for message in job.messages)


def test_a_site_that_stays_busy_leaves_the_copy_as_it_was(zenodo, harvest, file):
    zenodo.records = [record(1001)]
    harvest()
    make_old(file)
    before = file.read()
    zenodo.busy = [{"Retry_After": "0"}] * 9

    with pytest.raises(TransientError, match="is busy"):
        harvest()

    assert file.read() == before


def test_a_site_that_wants_hours_is_not_waited_for(zenodo, harvest):
    zenodo.busy = [{"Retry_After": "86400"}] * 9

    begin = time.monotonic()
    with pytest.raises(TransientError):
        harvest()

    assert time.monotonic() - begin < 2


def test_requests_keep_their_distance(zenodo, job, file):
    zenodo.records = [record(number) for number in range(1000, 1030)]
    query = HarvestQuery(OssrSettings(url=zenodo.url, pause=0.2), file)

    begin = time.monotonic()
    query.run(QueryParameters(), job.context())

    assert time.monotonic() - begin >= 0.2


def test_an_abort_ends_a_pause(zenodo, job, file):
    zenodo.busy = [{"Retry_After": "60"}]
    job.abort()

    with pytest.raises(AbortedError):
        HarvestQuery(OssrSettings(url=zenodo.url), file).run(QueryParameters(), job.context())


def test_a_young_copy_is_not_made_again(zenodo, harvest):
    zenodo.records = [record(1001)]
    harvest()

    assert harvest()["note"] == "it was young enough"
    assert len(zenodo.server.asked()) == 1


def test_what_has_not_changed_is_not_fetched_again(zenodo, workflows):
    one, other = record(1001), record(1003)
    zenodo.records = [one, other]
    for each in (one, other):
        zenodo.add_file(each, "codemeta.json", json.dumps(CODEMETA).encode())
    workflows()
    other["updated"] = "2026-02-02T00:00:00+00:00"
    zenodo.server.requests.clear()

    assert len(workflows()) == 2
    assert [path for path in zenodo.server.asked() if "1001" in path] == []
    assert len([path for path in zenodo.server.asked() if "1003" in path]) == 1


def test_a_harvest_that_was_interrupted_goes_on_where_it_was(zenodo, harvest, file):
    zenodo.records = [record(number) for number in range(1000, 1120, 2)]
    for one in zenodo.records:
        zenodo.add_file(one, "codemeta.json", json.dumps(CODEMETA).encode())
    last = "/api/records/1118/files/codemeta.json/content"
    answer = zenodo.server.routes[last]
    zenodo.server.routes[last] = lambda exchange: zenodo.reply(
        exchange, {}, status=503, Retry_After="0"
    )
    with pytest.raises(TransientError):
        harvest()
    assert file.read() is None
    zenodo.server.routes[last] = answer
    zenodo.server.requests.clear()

    harvest()

    assert len(file.read().entries) == 60
    assert len([path for path in zenodo.server.asked() if "/files/" in path]) == 10
    assert file.unfinished.read() is None


def test_a_site_that_has_lost_most_leaves_the_copy_as_it_was(zenodo, harvest, file):
    zenodo.records = [record(number) for number in range(1000, 1010)]
    harvest()
    make_old(file)
    zenodo.records = zenodo.records[:2]

    with pytest.raises(ServiceError, match="2 workflows now, where 10 were known"):
        harvest()

    assert len(file.read().entries) == 10


@pytest.mark.parametrize(
    "document",
    [b"<html>", b"[]", b"{}", b'{"hits": []}', b'{"hits": {"hits": 5}}', b"[" * 100_000],
)
def test_what_is_no_list_of_records_is_refused(zenodo, harvest, document):
    zenodo.server.routes["/api/records"] = lambda exchange: exchange.answer(document)

    with pytest.raises(ServiceError):
        harvest()


def test_a_next_page_on_another_site_is_not_followed(zenodo, harvest):
    def elsewhere(exchange):
        hits = {"hits": [record(1001)], "total": 2}
        links = {"next": "http://127.0.0.1:9/api/records"}
        zenodo.reply(exchange, {"hits": hits, "links": links})

    zenodo.server.routes["/api/records"] = elsewhere

    with pytest.raises(ServiceError, match="another site"):
        harvest()


HOSTILE = [
    None,
    5,
    True,
    "x" * 100_000,
    "\x00\u202e<script>alert(1)</script><![foo[bar]]>",
    [],
    [None, [["x"]], {}],
    {"name": {"name": 5}},
    {"id": ["javascript:alert(1)"]},
    [{"id": "escape2020"}, "escape2020", 7],
]


@pytest.mark.parametrize("value", HOSTILE)
def test_no_value_of_a_record_breaks_the_harvest(zenodo, harvest, value):
    names = [*record(1)["metadata"], "custom"]
    zenodo.records = [record(999)]
    zenodo.records += [
        record(1000 + 2 * at, metadata={name: value}) for at, name in enumerate(names)
    ]
    odd = {"files": value, "custom": value, "doi": value, "updated": value, "title": value}
    zenodo.records.append(record(2000) | odd)
    zenodo.forgets = True

    assert harvest()["workflows"] >= 5


@pytest.mark.parametrize("value", HOSTILE)
def test_no_value_of_a_codemeta_breaks_the_harvest(zenodo, workflows, value):
    one = record(1001)
    zenodo.records = [one]
    zenodo.add_file(one, "codemeta.json", json.dumps(dict.fromkeys(CODEMETA, value)).encode())

    found = workflows()["1000"]

    assert found.repository.startswith("https://github.com/escape/")
    assert "\x00" not in found.title


def test_the_source_reads_a_new_copy_and_says_its_age(zenodo, harvest, file):
    source = Ossr("https://zenodo.example.org/communities/escape2020", file)
    assert list(source.workflows()) == []
    assert source.harvested() is None
    zenodo.records = [record(1001)]
    harvest()

    first = source.workflows()

    assert len(first) == 1
    assert source.workflows() is first
    assert datetime.now(UTC) - source.harvested() < timedelta(minutes=1)


def test_a_file_that_is_none_of_ours_is_no_copy(tmp_path, file):
    (tmp_path / "software-1.json").write_text("{")

    assert file.read() is None
    assert list(Ossr("x", file).workflows()) == []


def test_the_plugin_keeps_its_contract(tmp_path):
    context = SimpleNamespace(settings=OssrSettings(every=12), data_dir=tmp_path)

    (archive,) = portal_register_archives(context=context)
    (schedule,) = portal_register_schedules(context=context)
    (source,) = portal_register_workflows(context=context)

    check_archive(archive)
    assert not archive.visible
    assert schedule.every == timedelta(hours=12)
    assert source.url == "https://zenodo.org/communities/escape2020"
