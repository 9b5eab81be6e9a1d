import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLUGINS = sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))
CORE = sorted((ROOT / "portal").rglob("*.py"))
OTHERS = [ROOT / "client", *PLUGINS]
MODULES = [*CORE, *(module for folder in OTHERS for module in folder.rglob("portal_*/**/*.py"))]
TEMPLATES = [
    template
    for folder in (ROOT / "portal", *PLUGINS)
    for template in sorted(folder.rglob("templates/**/*.html"))
]
MARKUP_MAKERS = {ROOT / "portal/results/cells.py", ROOT / "portal/results/rendering.py"}
SAYS_NOTHING = {"base", "common", "helper", "helpers", "manager", "managers", "misc", "utils"}
INLINE = {
    "a script": r"<script(?![^>]*\bsrc=)",
    "a style sheet": r"<style\b",
    "a style attribute": r"\sstyle\s*=",
    "an event handler": r"\son[a-z]+\s*=",
    "a script as a link": r"javascript:",
}


def names(paths: Iterable[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def holding(pattern: str, paths: Iterable[Path]) -> list[str]:
    """The names of the files in which the pattern occurs."""
    found = re.compile(pattern, re.IGNORECASE)
    return names(path for path in paths if found.search(path.read_text(encoding="utf-8")))


def strings_in(module: Path) -> set[str]:
    """The string literals of a module, docstrings and comments left out."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def ids_in(module: Path) -> Iterator[str]:
    """The literals given to something called `id`: of archives, queries, renderers."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        match node:
            case ast.keyword(arg="id", value=ast.Constant(value=str(found))):
                yield found
            case ast.Assign(targets=[ast.Name(id="id")], value=ast.Constant(value=str(found))):
                yield found
            case ast.AnnAssign(target=ast.Name(id="id"), value=ast.Constant(value=str(found))):
                yield found


@cache
def ids_of(plugin: Path) -> set[str]:
    """The ids of what a plugin adds, in its modules and in the archives that it describes."""
    modules = plugin.rglob("portal_*/**/*.py")
    described = [tomllib.loads(path.read_text()) for path in plugin.rglob("portal_*/**/*.toml")]
    archives = {archive["id"] for document in described for archive in document["archives"]}
    return archives | {found for module in modules for found in ids_in(module)}


def is_named_by_operators(plugin: Path) -> bool:
    """Say whether ids of what a plugin adds are in its settings only: hubs and brokers."""
    hooks = (path.read_text() for path in plugin.glob("portal_*/__init__.py"))
    return any("portal_register_facilities" in text for text in hooks)


def plugin_words() -> set[str]:
    """What belongs to the bundled plugins alone: their packages' names and their ids."""
    packages = {f"portal_{plugin.name}" for plugin in PLUGINS}
    return packages.union(*map(ids_of, PLUGINS))


@pytest.mark.slow
def test_rooms_import_only_what_they_may():
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    answer = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda path: path.name)
def test_every_plugin_is_under_every_contract_for_plugins(plugin):
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    about_plugins = [one for one in linter["contracts"] if "portal_vo" in str(one)]
    assert f"portal_{plugin.name}" in linter["root_packages"]
    assert all(f"'portal_{plugin.name}'" in str(one) for one in about_plugins)


@pytest.mark.slow
def test_the_portal_names_no_plugin_and_no_archive():
    words = plugin_words()
    assert names(module for module in CORE if strings_in(module) & words) == []


@pytest.mark.slow
def test_the_pages_of_the_portal_name_no_plugin_and_no_archive():
    quoted = "|".join(map(re.escape, plugin_words()))
    pages = [template for template in TEMPLATES if ROOT / "portal" in template.parents]
    assert holding(rf"""["'/]({quoted})["'/]""", pages) == []


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda path: path.name)
def test_every_plugin_has_ids_to_look_for(plugin):
    assert ids_of(plugin) or is_named_by_operators(plugin)


def test_modules_say_what_they_are_for():
    assert names(module for module in MODULES if module.stem in SAYS_NOTHING) == []


def test_fragments_begin_with_a_comment_that_names_their_variables():
    fragments = [template for template in TEMPLATES if template.name.startswith("_")]
    assert fragments
    assert set(names(fragments)) == set(holding(r"\A\s*\{#", fragments))


def test_templates_escape_everything():
    assert holding(r"\|\s*safe\b|autoescape\s+false", TEMPLATES) == []


def test_only_cells_and_plugin_views_make_markup():
    assert holding(r"\bMarkup\(", set(MODULES) - MARKUP_MAKERS) == []


@pytest.mark.parametrize("pattern", INLINE.values(), ids=INLINE)
def test_templates_hold_nothing_inline(pattern):
    assert holding(pattern, TEMPLATES) == []
