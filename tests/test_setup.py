import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
MEMBERS = [ROOT / "client/pyproject.toml", *sorted(ROOT.glob("plugins/*/pyproject.toml"))]
PROJECTS = [ROOT / "pyproject.toml", *MEMBERS]
LOCKS = [ROOT / "requirements.lock", ROOT / "requirements-test.lock"]
OWN = {tomllib.loads(path.read_text())["project"]["name"] for path in PROJECTS}


def make(*arguments):
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def executable(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return path


def pins(lock: Path) -> dict[str, list[str]]:
    """The versions that a lock file holds of each distribution; one for each range of Pythons."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", lock.read_text(), re.MULTILINE):
        found.setdefault(canonicalize_name(name), []).append(version)
    return found


def declared(project: Path, *, groups: bool) -> list[Requirement]:
    content = tomllib.loads(project.read_text())
    tables = content.get("dependency-groups", {})
    if not groups:
        always = content["project"].get("dependencies", [])
        tables = {**content["project"].get("optional-dependencies", {}), "": always}
    requirements = [Requirement(line) for lines in tables.values() for line in lines]
    return [one for one in requirements if canonicalize_name(one.name) not in OWN]


def unmet(requirements: list[Requirement], lock: Path) -> list[str]:
    held = pins(lock)
    return [
        str(one)
        for one in requirements
        if not any(
            one.specifier.contains(version, prereleases=True)
            for version in held.get(canonicalize_name(one.name), [])
        )
    ]


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.parent.name)
def test_locks_hold_what_a_project_needs(project):
    assert unmet(declared(project, groups=False), LOCKS[0]) == []


def test_locks_hold_what_the_tests_need():
    assert unmet(declared(PROJECTS[0], groups=True), LOCKS[1]) == []


def test_locks_agree():
    first, second = map(pins, LOCKS)
    for name in first.keys() & second.keys():
        assert set(second[name]) <= set(first[name]), name


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_locks_have_a_hash_for_every_pin_and_no_address(lock):
    text = lock.read_text()
    assert "://" not in text
    for block in re.split(r"\n(?=[\w-])", text):
        assert "==" not in block.split("#")[0] or "--hash=sha256:" in block, block[:80]
    assert not pins(lock).keys() & {canonicalize_name(name) for name in OWN}


def test_help_lists_every_target_that_people_use():
    listed = set(re.findall(r"^  make ([a-z-]+)", make("help").stdout, re.MULTILINE))
    assert listed >= {"run", "test", "test-unit", "lint", "soak", "bench", "lock"}


def test_an_old_python_is_named_with_the_way_out(tmp_path):
    python = executable(tmp_path / "python", "exit 1")
    answer = make("install", f"PYTHON={python}", f"VENV={tmp_path / 'venv'}")
    assert answer.returncode != 0
    assert f"needs Python 3.11 or newer, and '{python}' is not" in answer.stderr
    assert "PYTHON=python3.12" in answer.stderr


def test_a_python_without_ensurepip_is_named_with_the_package_to_install(tmp_path):
    python = executable(tmp_path / "python", 'case "$2" in *ensurepip*) exit 1;; esac')
    answer = make("install", f"PYTHON={python}", f"VENV={tmp_path / 'venv'}")
    assert answer.returncode != 0
    assert "apt install python3-venv" in answer.stderr


SKIPS = {
    "test_run.py": "import pytest\ndef test_it():\n    pytest.skip('no peer')\n",
    "test_mark.py": "import pytest\n@pytest.mark.skip('no peer')\ndef test_it(): pass\n",
    "test_module.py": "import pytest\npytest.skip('no peer', allow_module_level=True)\n",
    "test_good.py": "def test_it(): pass\n",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ci", "outcome"), [("", "1 passed, 3 skipped"), ("true", "1 failed, 1 passed, 2 errors")]
)
def test_a_skip_fails_under_ci_and_only_there(tmp_path, ci, outcome):
    for name, content in SKIPS.items():
        (tmp_path / name).write_text(content)
    options = ["-c", os.devnull, "-p", "tests.no_skips", "--continue-on-collection-errors"]
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "CI": ci, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome in answer.stdout
