import portal_names
from portal.plugins.discovery import Candidate
from portal.plugins.registry import PluginRegistry


def load(tmp_path, **settings):
    registry = PluginRegistry()
    registry.load(
        [Candidate(name="names", load=lambda: portal_names)],
        settings={"names": settings},
        data_dir=tmp_path,
        probing=False,
    )
    assert registry.plugins[0].reason is None
    return registry.resolvers


def test_the_lists_are_asked_before_sesame(tmp_path):
    resolvers = load(tmp_path)

    assert [one.id for one in resolvers] == ["names-openngc", "names-stars", "names-sesame"]
    assert [one.local for one in resolvers] == [True, True, False]


def test_sesame_can_be_turned_off(tmp_path):
    assert all(one.local for one in load(tmp_path, sesame=False))
