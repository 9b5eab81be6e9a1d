"""One workflow of all sources, for whatever launches it."""

from dataclasses import replace
from types import ModuleType

import pytest

from portal.analysis.workflows.catalogue import find_workflow
from portal.analysis.workflows.catalogue import list_workflows
from portal.plugins import hookimpl
from portal.plugins.discovery import Candidate
from portal.plugins.registry import PluginRegistry
from portal.problems import NotFoundError
from tests.support.software import Broken
from tests.support.software import CURVE
from tests.support.software import Known


def registry(tmp_path, *sources):
    made = ModuleType("software")
    made.portal_register_workflows = hookimpl(lambda: list(sources))
    registry = PluginRegistry()
    registry.load(
        [Candidate(name="software", load=lambda: made)],
        settings={},
        data_dir=tmp_path,
        probing=False,
    )
    return registry


def test_a_workflow_is_found_by_its_source_and_id(tmp_path):
    found = find_workflow(registry(tmp_path, Known()), "", "known:curve")

    assert found.workflow == CURVE
    assert found.ref == "known:curve"


@pytest.mark.parametrize("ref", ["", "curve", "known:", "known:x", "none:curve", "broken:curve"])
def test_what_there_is_not_is_not_found(tmp_path, ref):
    with pytest.raises(NotFoundError):
        find_workflow(registry(tmp_path, Known(), Broken()), "", ref)


def test_workflows_that_cannot_be_named_or_cloned_are_left_out(tmp_path):
    wrong = [
        replace(CURVE, id="a/b"),
        replace(CURVE, id=""),
        replace(CURVE, id="ssh", repository="ssh://git.example.org/x"),
        replace(CURVE, id="none", repository=""),
        replace(CURVE, id="secret", repository="https://a:b@git.example.org/x"),
    ]

    catalogue = list_workflows(registry(tmp_path, Known([*wrong, CURVE])), "")

    assert [one.ref for one in catalogue.found] == ["known:curve"]


def test_a_source_cannot_take_the_name_of_the_portals_own(tmp_path):
    class Own(Known):
        id = "own"

    assert "own is already taken" in registry(tmp_path, Own()).plugins[0].reason


def test_a_source_whose_name_cannot_be_part_of_an_address_is_set_aside(tmp_path):
    class Odd(Known):
        id = "a:b/c"

    assert "'a:b/c' cannot be the id of a workflow source" in (
        registry(tmp_path, Odd()).plugins[0].reason
    )
