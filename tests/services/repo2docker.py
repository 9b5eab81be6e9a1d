"""The real repo2docker, which says how a facility would build a repository; nothing is built.

It is installed once for each version of its lock, in an environment of its own, and kept.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.services.debian import ServiceUnavailableError
from tests.services.state import State

HERE = Path(__file__).with_name("repo2docker_tool")
LOCK = HERE / "requirements.lock"
SECONDS = 120


@dataclass(frozen=True)
class Plan:
    """What would be built: by which build pack, and the commands of the image."""

    pack: str
    dockerfile: str

    @property
    def runs_our_script(self) -> bool:
        """Say whether the build ends with a postBuild."""
        return "postBuild\n" in self.dockerfile.replace('"', "")


def plans(folders: Mapping[str, Path]) -> dict[str, Plan | str]:
    """Return the plan for each repository that is laid out in a folder, or why there is none."""
    said = _run(HERE / "plan.py", *(f"{name}={path}" for name, path in folders.items()))
    answers = json.loads(said.splitlines()[-1])
    return {name: Plan(**one) if isinstance(one, dict) else one for name, one in answers.items()}


def clone_and_plan(address: str, commit: str) -> str:
    """Clone a repository as a facility does and return all that is said of it."""
    options = ("--config", HERE / "config.py", "--no-build", "--debug", "--ref", commit)
    return _run("-m", "repo2docker", *options, address)


def _run(*words: object) -> str:
    result = subprocess.run(
        [str(word) for word in (_installed() / "bin" / "python", *words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout + result.stderr if words[0] == "-m" else result.stdout


def _installed() -> Path:
    state = State.of("repo2docker", [LOCK])
    state.make()
    with state.locked():
        if not (state.folder / "installed").exists():
            uv = Path(sys.executable).with_name("uv")
            _command(sys.executable, "-m", "venv", "--clear", "--without-pip", state.folder)
            install = (uv, "pip", "install", "--quiet", "--no-deps", "--require-hashes")
            _command(*install, "--python", state.folder / "bin" / "python", "-r", LOCK)
            (state.folder / "installed").touch()
    return state.folder


def _command(*words: object) -> None:
    result = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise ServiceUnavailableError(f"repo2docker is not installed:\n{result.stderr[-4_000:]}")
