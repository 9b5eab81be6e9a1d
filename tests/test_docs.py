"""The documentation for plugin authors is true: every example runs, every hook is described."""

import inspect
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from portal.plugins import hookspecs
from portal.plugins.discovery import Candidate
from portal.plugins.registry import PluginRegistry

PAGE = (Path(__file__).parents[1] / "docs" / "plugin-authors.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
PLUGINS = [one for one in EXAMPLES if "def test_" not in one]
TESTS = [one for one in EXAMPLES if "def test_" in one]
HOOKS = sorted(name for name in vars(hookspecs) if name.startswith("portal_"))


def module(source):
    made = ModuleType("example")
    made.__file__ = str(Path(__file__).parents[1] / "docs" / "plugin-authors.md")
    exec(compile(source, "docs/plugin-authors.md", "exec"), vars(made))
    return made


@pytest.fixture
def plugins():
    return [("stars", module(PLUGINS[0]))]


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_described_with_its_exact_signature(hook):
    signature = inspect.signature(getattr(hookspecs, hook))
    written = re.sub(r"[a-z_]+\.(?=[a-zA-Z_.]*[A-Z])", "", str(signature))
    written = re.sub(r"(?:\w+\.)+(\w+)", r"\1", written)

    assert f"### `{hook}{written}`" in PAGE


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_used_by_a_bundled_plugin(hook):
    folder = Path(__file__).parents[1] / "plugins"
    sources = [path.read_text(encoding="utf-8") for path in folder.glob("*/portal_*/__init__.py")]

    assert any(f"def {hook}(" in source for source in sources)


@pytest.mark.parametrize("number", range(len(PLUGINS)))
def test_every_example_can_be_loaded_as_a_plugin(number, tmp_path):
    registry = PluginRegistry()
    made = module(PLUGINS[number])

    registry.load(
        [Candidate(name="stars", load=lambda: made)], settings={}, data_dir=tmp_path, probing=False
    )

    assert registry.plugins[0].reason is None


def test_the_archive_in_one_file_does_what_the_page_promises(client, work):
    wrong = client.post("/archives/bright-stars/query.bright-stars", data={"faintest": "9"})
    right = client.post("/archives/bright-stars/query.bright-stars", data={"faintest": "3"})
    work()
    rows = client.get(right.location + "/results/result").get_data(as_text=True)
    data = {"job": right.location.rpartition("/")[2], "result": "result", "all": "1"}
    client.post("/basket/items", data=data)
    basket = client.get("/basket").get_data(as_text=True)

    assert wrong.status_code == 422
    assert "Sirius" in rows
    assert "Vega" in basket
    assert "279.234" in basket


def test_the_tests_on_the_page_pass(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "portal_stars", module(PLUGINS[0]))
    (source,) = TESTS
    tests = [one for name, one in vars(module(source)).items() if name.startswith("test_")]

    assert len(tests) == source.count("def test_")
    for test in tests:
        wanted = inspect.signature(test).parameters
        test(**{name: {"tmp_path": tmp_path}[name] for name in wanted})
