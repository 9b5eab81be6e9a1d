"""Debian packages that test services are made of: found, or installed when we may."""

import os
import shutil
import subprocess


class ServiceUnavailableError(RuntimeError):
    """A test service cannot be run here; the message says what is missing."""


def install(*packages: str) -> None:
    """Install those of the packages that are missing.

    Raises ServiceUnavailableError, with the command that root would run, when we may not.
    """
    missing = [name for name in packages if not _is_installed(name)]
    if not missing:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends"]
    command += ["-o", "Dpkg::Options::=--force-unsafe-io", *missing]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise ServiceUnavailableError(
            f"Debian packages are missing; run this as root: {' '.join(command)}"
        )
    for words in (["apt-get", "update", "-q"], command):
        _run(words)


def _is_installed(package: str) -> bool:
    words = ["dpkg-query", "-W", "-f", "${db:Status-Status}", package]
    try:
        result = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return False
    return result.stdout == "installed"


def _run(words: list[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    result = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        raise ServiceUnavailableError(f"{' '.join(words)} failed:\n{result.stderr[-4_000:]}")
