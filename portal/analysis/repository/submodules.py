"""What a repository names relative to where it was: submodules, and large files (LFS).

A copy at another address would look for them there.
"""

import re
from urllib.parse import urljoin

from portal.analysis.repository.fetching import Checkout
from portal.analysis.repository.git import TooLargeError
from portal.analysis.repository.tree import Edits

MODULES = ".gitmodules"
ATTRIBUTES = ".gitattributes"
LFS = ".lfsconfig"
MOST = 1_000_000
RELATIVE = re.compile(rb"^([ \t]*url[ \t]*=[ \t]*)(\.\.?/[^\s\"\\#;]*)[ \t\r]*$", re.MULTILINE)
USES_LFS = re.compile(rb"\bfilter=lfs\b")
HAS_ADDRESS = re.compile(rb"^[ \t]*(url|lfs\.url)[ \t]*=", re.MULTILINE)
SECTION = '\n[lfs]\n\turl = "{url}/info/lfs"\n'


def keep_origins(checkout: Checkout, edits: Edits, repository: str) -> list[str]:
    """Write whole addresses in place of relative ones; returns notes for the user."""
    modules = _content(checkout, MODULES)
    changed = RELATIVE.sub(lambda found: found[1] + _whole(repository, found[2]), modules)
    if changed != modules:
        edits.write(MODULES, changed)
    known = _content(checkout, LFS)
    if not USES_LFS.search(_content(checkout, ATTRIBUTES)) or HAS_ADDRESS.search(known):
        return []
    if LFS in checkout.entries and not checkout.entries[LFS].is_file:
        return []
    url = repository if repository.endswith(".git") else f"{repository}.git"
    edits.write(LFS, known + SECTION.format(url=url).encode())
    return ["The repository keeps large files elsewhere (git LFS): the facility has to fetch them."]


def _whole(repository: str, relative: bytes) -> bytes:
    return urljoin(f"{repository}/", relative.decode(errors="replace")).encode()


def _content(checkout: Checkout, path: str) -> bytes:
    entry = checkout.entries.get(path)
    if entry is None or not entry.is_file:
        return b""
    try:
        return checkout.read(path, most=MOST)
    except TooLargeError:
        return b""
