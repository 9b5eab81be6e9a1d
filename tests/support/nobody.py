"""Processes of another system user, who may read neither our files nor our instance."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
USER = "nobody"
LEFT_OUT = ("site-packages", "test", "idlelib", "ensurepip", "config-*")


class Nobody:
    """Starts Python as that user, in a folder that it owns and with no variable of ours."""

    def __init__(self, folder: Path, python: Path) -> None:
        self.folder = folder
        self._python = python

    def python(
        self, *arguments: str, environment: dict[str, str] | None = None, **options
    ) -> subprocess.Popen:
        """Start an interpreter with what is installed here; needs root."""
        paths = [path for path in sys.path if not path.startswith(sys.base_prefix)]
        return subprocess.Popen(
            [self._python, *arguments],
            user=USER,
            group="nogroup",
            extra_groups=[],
            cwd=self.folder,
            env={
                "PATH": os.defpath,
                "HOME": str(self.folder),
                "TMPDIR": str(self.folder),
                "LD_LIBRARY_PATH": str(self._python.parents[1] / "lib"),
                "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, paths)]),
                "PYTHONDONTWRITEBYTECODE": "1",
                **(environment or {}),
            },
            **options,
        )

    def can_read(self, path: Path) -> bool:
        """Say whether that user can open a file."""
        trial = self.python("-c", f"open({str(path)!r})", stderr=subprocess.DEVNULL)
        return trial.wait() == 0


@contextmanager
def nobody() -> Iterator[Nobody]:
    """Give that user a folder, and an interpreter where ours lies in somebody's home."""
    folder = Path(tempfile.mkdtemp(prefix="portal-nobody-"))
    try:
        folder.chmod(0o755)
        own = folder / "own"
        own.mkdir()
        shutil.chown(own, USER)
        yield Nobody(own, _public_python(folder / "python"))
    finally:
        shutil.rmtree(folder)


def _public_python(folder: Path) -> Path:
    """Return an interpreter that everybody may run: a copy without what is installed."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = Path(sysconfig.get_path("stdlib"))
    (folder / "bin").mkdir(parents=True)
    shutil.copy(Path(sys.executable).resolve(), folder / "bin" / name)
    shutil.copytree(
        library, folder / "lib" / name, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=False
    )
    for shared in library.parent.glob("libpython*.so*"):
        shutil.copy(shared, folder / "lib")
    return folder / "bin" / name
