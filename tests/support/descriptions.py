"""Archives in TOML for tests: written, read, and what is wrong with them by line."""

from pathlib import Path

from portal.plugins.described.reading import DescribedFile
from portal.plugins.described.reading import read_archives
from portal.plugins.described.reading import UnusableFileError
from portal_vo.described.positional import positional_protocols
from portal_vo.described.tap import TapProtocol

PROTOCOLS = {one.id: one for one in [TapProtocol(), *positional_protocols(100)]}
ARCHIVE = """\
[[archives]]
id = "demo"
title = "Demo"
description = "An archive for tests."
"""
TAP = """
[[archives.queries]]
id = "obs"
title = "Observations"
service = "tap"
access_url = "https://tap.example.org/tap"
table = "ivoa.obscore"
"""
CONE = """
[[archives.queries]]
id = "cone"
title = "Sources"
service = "scs"
access_url = "https://scs.example.org/scs?cat=a&"
"""


def read(folder: Path, text: str, *, has_settings: bool = False):
    """Return the archives that a text describes."""
    path = folder / "archives.toml"
    path.write_text(text, encoding="utf-8")
    return read_archives(DescribedFile(path=path, has_settings=has_settings), PROTOCOLS)


def faults(folder: Path, text: str) -> list[tuple[int | None, str]]:
    """Return what is wrong with a text, by line; nothing when it can be used."""
    try:
        read(folder, text)
    except UnusableFileError as error:
        return [(one.line, one.message) for one in error.faults]
    return []


def line(text: str, words: str) -> int:
    """Return the number of the first line with these words."""
    return next(at for at, one in enumerate(text.splitlines(), start=1) if words in one)


def query(folder: Path, block: str):
    """Return the one query of an archive."""
    (archive,) = read(folder, ARCHIVE + block)
    return archive.queries[0]
