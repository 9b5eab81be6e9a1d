"""Static files that are looked at once for all apps: names, contents, times, headers."""

from functools import cache
from pathlib import Path
from typing import ClassVar

from whitenoise import WhiteNoise

from portal import assets

PORTAL_STATIC = Path(assets.__file__).parent / "static"
_look = assets.folder_version


class RememberedFiles(WhiteNoise):  # type: ignore[misc]
    """Serves the portal's own static files as it found them the first time."""

    _found: ClassVar[dict[tuple[str, str], dict[str, object]]] = {}

    def update_files_dictionary(self, root: str, prefix: str) -> None:
        if Path(root) != PORTAL_STATIC:
            super().update_files_dictionary(root, prefix)
        elif (root, prefix) in self._found:
            self.files.update(self._found[root, prefix])
        else:
            super().update_files_dictionary(root, prefix)
            self._found[root, prefix] = dict(self.files)


@cache
def _portal_version() -> str:
    return _look(PORTAL_STATIC)


def remember_files() -> None:
    """Let every app of this process share what was found; other folders are looked at anew."""
    assets.WhiteNoise = RememberedFiles
    assets.folder_version = lambda folder: (
        _portal_version() if folder == PORTAL_STATIC else _look(folder)
    )
