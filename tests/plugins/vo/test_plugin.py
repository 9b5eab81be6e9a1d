from datetime import timedelta
from pathlib import Path

import pytest

import portal_vo
from portal.plugins.discovery import Candidate
from portal.plugins.registry import PluginRegistry
from portal.plugins.testing import check_archive


@pytest.fixture
def load(tmp_path: Path):
    def load(**settings):
        registry = PluginRegistry()
        candidate = Candidate(name="vo", load=lambda: portal_vo)
        registry.load([candidate], settings={"vo": settings}, data_dir=tmp_path, probing=False)
        return registry

    return load


def test_the_plugin_brings_the_virtual_observatory(load):
    registry = load()
    assert [plugin.reason for plugin in registry.plugins] == [None]
    queries = {query.id: query.hidden for query in registry.archive("vo").queries}
    assert (
        queries.items()
        >= {
            "query.registry": False,
            "query.tap": False,
            "query.tap-resume": False,
            "query.scs": False,
            "query.sia1": False,
            "query.sia2": False,
            "query.ssa": False,
            "vo.tap-metadata": True,
            "vo.registry-mirror": True,
        }.items()
    )
    assert "vo-services" in {renderer.id for renderer in registry.renderers}
    assert {action.id for action in registry.row_actions} >= {
        "vo-query-service",
        "vo-about-service",
    }
    pages = {page.id: page.linked for page in registry.archive("vo").pages}
    assert pages == {"registry": True, "resource": False, "chosen": False}
    (schedule,) = registry.schedules
    assert (schedule.query, schedule.every) == ("vo.registry-mirror", timedelta(hours=12))


def test_an_operator_can_do_without_a_copy_of_the_registry(load):
    registry = load(registry_mirror=False)
    assert not registry.archive("vo").pages
    assert not registry.schedules
    assert "vo.registry-mirror" not in {query.id for query in registry.archive("vo").queries}


def test_the_archive_keeps_the_contract(load):
    check_archive(load().archive("vo"))


def test_an_unknown_setting_is_refused(load):
    (plugin,) = load(registry="http://vo.example.org/tap").plugins
    assert "registry" in plugin.reason


def test_templates_are_packaged_with_the_plugin():
    assert (Path(portal_vo.__file__).parent / "templates" / "services.html").is_file()
