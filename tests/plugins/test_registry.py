from dataclasses import replace
from datetime import timedelta
from types import ModuleType

import pytest
from pydantic import BaseModel

from portal.plugins import Archive
from portal.plugins import Dataset
from portal.plugins import hookimpl
from portal.plugins import parameter
from portal.plugins import Schedule
from portal.plugins.discovery import Candidate
from portal.plugins.registry import PluginRegistry
from portal.problems import NotFoundError
from portal_vo.described.tap import TapProtocol
from tests.support import lab
from tests.support.descriptions import ARCHIVE
from tests.support.descriptions import TAP


def module(**members):
    made = ModuleType("made_up")
    vars(made).update(members)
    return made


def candidate(name, made):
    return Candidate(name=name, load=lambda: made)


@pytest.fixture
def load(tmp_path):
    """Return a function that loads modules as plugins a, b, c and returns the registry."""

    def load(*modules, settings=None):
        registry = PluginRegistry()
        candidates = [candidate(name, one) for name, one in zip("abc", modules, strict=False)]
        registry.load(candidates, settings=settings or {}, data_dir=tmp_path, probing=False)
        return registry

    return load


def archive(id):
    return Archive(id=id, title=id.title(), description="", queries=())


def archives_hook(*archives):
    def portal_register_archives():
        return list(archives)

    return module(portal_register_archives=hookimpl(portal_register_archives))


def reason(registry, position=0):
    return registry.plugins[position].reason


def test_a_plugin_of_another_package_is_found_by_its_ids(load):
    registry = load(lab)

    assert reason(registry) is None
    assert registry.archive("lab").title == "The lab"
    assert registry.query("QUERY.lab-Stars").title == "Stars"
    assert registry.archive_of("query.lab-stars").id == "lab"
    assert [one.id for one in registry.renderers] == ["lab-cards"]
    assert [one.id for one in registry.row_actions] == ["lab-again"]


def test_archives_come_in_the_order_they_want_and_hidden_ones_not_at_all(load):
    first = Archive(id="z", title="Z", description="", queries=(), order=1)
    hidden = Archive(id="h", title="H", description="", queries=(), visible=False)
    registry = load(archives_hook(archive("a"), first, hidden))

    assert [one.id for one in registry.archives] == ["z", "a"]
    assert registry.archive("h")


def test_what_is_not_there_is_not_found(load):
    registry = load()

    for find in (registry.archive, registry.query, registry.archive_of):
        with pytest.raises(NotFoundError):
            find("nothing")


def test_an_id_that_is_taken_sets_the_second_plugin_aside(load):
    registry = load(archives_hook(archive("x")), archives_hook(archive("x")))

    assert reason(registry, 0) is None
    assert "archive id x is already taken" in reason(registry, 1)
    assert len(registry.archives) == 1


def test_a_misspelt_hook_is_named(load):
    def portal_register_archive():
        return []

    marked = load(module(portal_register_archive=hookimpl(portal_register_archive)))
    unmarked = load(module(portal_register_archive=portal_register_archive))

    assert "portal_register_archive" in reason(marked)
    assert "portal_register_archive" in reason(unmarked)


def test_a_misspelt_argument_is_named(load):
    def portal_register_archives(contxt):
        return []

    registry = load(module(portal_register_archives=hookimpl(portal_register_archives)))

    assert "contxt" in reason(registry)


def test_a_hook_that_answers_something_else_is_refused(load):
    registry = load(archives_hook("not an archive"))

    assert "is not of the type Archive" in reason(registry)


@pytest.mark.parametrize("error", [RuntimeError("no network"), SystemExit(3)])
def test_a_hook_that_raises_sets_its_plugin_aside_and_no_other(load, error):
    def portal_register_archives():
        raise error

    registry = load(
        module(portal_register_archives=hookimpl(portal_register_archives)),
        archives_hook(archive("x")),
    )

    assert type(error).__name__ in reason(registry, 0)
    assert [one.id for one in registry.archives] == ["x"]


def test_a_plugin_for_a_newer_portal_says_so(load):
    registry = load(module(PORTAL_API=99))

    assert "version 99" in reason(registry)


def query_hook(**said):
    made = type("Made", (lab.Stars,), {"id": "query.x", **said})()
    return archives_hook(Archive(id=made.id, title="X", description="", queries=(made,)))


class WithPassword(lab.StarsParameters):
    password: str = parameter(title="Password")


class WithPhase(lab.StarsParameters):
    phase: str = parameter(title="Phase")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"Parameters": WithPassword}, "stored credential"),
        ({"Parameters": WithPhase}, "phase"),
        ({"id": "types"}, "cannot be named types"),
        ({"id": "query/x"}, "cannot name a job type"),
        ({"aliases": ["Jobs"]}, "cannot be named jobs"),
        ({"aliases": ["Query.X"]}, "query.x is already taken"),
        ({"version": "x" * 17}, "16 characters"),
    ],
)
def test_a_query_that_cannot_be_a_job_type_sets_its_plugin_aside(load, said, words):
    registry = load(query_hook(**said), archives_hook(archive("other")))

    assert words in reason(registry)
    assert [one.id for one in registry.archives] == ["other"]
    assert registry.queries == []


def hooks_with(schedule=None, pages=()):
    made = type("Made", (lab.Stars,), {"id": "query.x"})()
    archives = [Archive(id="x", title="X", description="", queries=(made,), pages=pages)]
    schedules = [schedule] if schedule else []
    return module(
        portal_register_archives=hookimpl(lambda: archives),
        portal_register_schedules=hookimpl(lambda: schedules),
    )


DAILY = timedelta(days=1)


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (Schedule(id="s", title="S", every=DAILY, query="query.other"), "no query of this plugin"),
        (Schedule(id="s", title="S", every=timedelta(0), query="query.x"), "has no period"),
        (
            Schedule(id="s", title="S", every=DAILY, query="query.x", parameters={"rows": "-1"}),
            "rows",
        ),
    ],
)
def test_a_schedule_that_cannot_be_kept_sets_its_plugin_aside(load, schedule, words):
    assert words in reason(load(hooks_with(schedule)))


def test_a_schedule_is_known_by_its_query_whatever_the_case(load):
    registry = load(hooks_with(Schedule(id="s", title="S", every=DAILY, query="Query.X")))

    assert [one.id for one in registry.schedules] == ["s"]


def test_pages_of_an_archive_differ_by_id(load):
    assert "two pages" in reason(load(hooks_with(pages=(lab.Entry(), lab.Entry()))))
    assert "is not a Page" in reason(load(hooks_with(pages=("entry",))))


def test_an_alias_that_is_taken_sets_the_second_plugin_aside(load):
    registry = load(query_hook(id="a", aliases=["b"]), query_hook(id="B"))

    assert reason(registry, 0) is None
    assert "query id b is already taken" in reason(registry, 1)


class LabSettings(BaseModel, extra="forbid"):
    url: str = "http://default"


def test_a_plugin_gets_its_own_settings_and_a_folder(load, tmp_path):
    contexts = []

    def portal_register_settings():
        return LabSettings

    def portal_register_archives(context):
        contexts.append(context)
        return []

    made = module(
        portal_register_settings=hookimpl(portal_register_settings),
        portal_register_archives=hookimpl(portal_register_archives),
    )
    load(made, settings={"a": {"url": "http://mine"}, "b": {"url": "x"}})

    assert contexts[0].settings.url == "http://mine"
    assert contexts[0].data_dir == tmp_path / "a"
    assert contexts[0].data_dir.is_dir()


def test_a_wrong_setting_sets_the_plugin_aside_with_its_name(load):
    def portal_register_settings():
        return LabSettings

    registry = load(
        module(portal_register_settings=hookimpl(portal_register_settings)),
        settings={"a": {"ulr": "x"}},
    )

    assert "ulr" in reason(registry)


def test_choices_come_from_the_query(load):
    registry = load(lab)

    choices = registry.choices(registry.query("query.lab-stars"))

    assert [one.value for one in choices["survey"]] == ["a", "b"]


def test_data_sets_are_of_a_form_of_their_archive(load):
    stars = lab.portal_register_archives()[0]
    lost = Dataset(id="lost", title="Lost", query_id="query.nothing")
    wrong = replace(stars, datasets=(lost,))

    registry = load(archives_hook(wrong))

    assert "the data set lost is for query.nothing, no form of lab" in reason(registry)


def test_two_plugins_do_not_speak_one_protocol(load):
    def module_with_protocols():
        return module(
            portal_register_protocols=hookimpl(lambda: [TapProtocol()]),
        )

    registry = load(module_with_protocols(), module_with_protocols())

    assert reason(registry) is None
    assert "the protocol id tap is already taken" in reason(registry, 1)
    assert list(registry.protocols) == ["tap"]


def test_files_with_archives_are_read_after_all_plugins(load, tmp_path):
    path = tmp_path / "archives.toml"
    path.write_text(ARCHIVE + TAP, encoding="utf-8")
    brings = module(portal_register_archive_files=hookimpl(lambda: [path]))
    speaks = module(portal_register_protocols=hookimpl(lambda: [TapProtocol()]))

    both, alone = load(brings, speaks), load(brings)

    assert [(one.name, one.reason) for one in both.plugins] == [
        ("a", None), ("b", None), ("a/archives.toml", None)
    ]  # fmt: skip
    assert both.archive("demo").title == "Demo"
    assert "there is no service tap: no plugin brings any" in reason(alone, 1)
