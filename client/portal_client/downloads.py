"""Files that items of a basket link to: several at once, gone on with after a break, checked."""

import hashlib
import re
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from urllib.parse import urlsplit

import requests

SUMS = "SHA256SUMS"
PART, TAG = ".part", ".tag"
BLOCK = 1 << 18
SECONDS = (10.0, 60.0)
NAME_LENGTH = 100
NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._+-]+")


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What became of one item: the file and its checksum, or what went wrong."""

    item: Mapping[str, Any]
    path: Path
    sha256: str | None
    error: str | None


def download_all(
    items: Sequence[Mapping[str, Any]], folder: Path, *, parallel: int
) -> list[Downloaded]:
    """Fetch what the items link to, each into a file of its own, and keep the checksums.

    These are addresses of archives: nobody's token goes there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = _read_sums(folder)
    links = [one for one in items if _is_link(one["access_url"])]
    paths = [folder / name for name in _names(links)]
    with ThreadPoolExecutor(parallel) as pool, requests.Session() as session:
        done = list(
            pool.map(
                lambda item, path: _fetch(session, item, path, known.get(path.name)),
                links,
                paths,
            )
        )
    found = {one.path.name: one.sha256 for one in done if one.sha256 is not None}
    _write_sums(folder, {**known, **found})
    return done


def _fetch(
    session: requests.Session, item: Mapping[str, Any], path: Path, known: str | None
) -> Downloaded:
    if path.is_file():
        digest = _sha256(path)
        if known in (None, digest):
            return Downloaded(item, path, digest, None)
    part = path.with_name(path.name + PART)
    try:
        _download(session, item["access_url"], part)
        digest = _sha256(part)
        part.replace(path)
    except (requests.RequestException, OSError, ValueError) as error:
        return Downloaded(item, path, None, str(error))
    path.with_name(path.name + TAG).unlink(missing_ok=True)
    return Downloaded(item, path, digest, None)


def _download(session: requests.Session, url: str, part: Path) -> None:
    """Fetch from where the file ends, if it is still the same one there."""
    tag = part.with_suffix(TAG)
    start = part.stat().st_size if part.exists() else 0
    known = tag.read_text(encoding="utf-8") if tag.exists() else ""
    headers = {"Accept-Encoding": "identity"}
    if start and known:
        headers |= {"Range": f"bytes={start}-", "If-Range": known}
    with session.get(url, headers=headers, stream=True, timeout=SECONDS) as answer:
        answer.raise_for_status()
        goes_on = answer.status_code == requests.codes.partial_content
        if goes_on and not answer.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            raise ValueError("the server sent another part than was asked for")
        tag.write_text(_tag_of(answer), encoding="utf-8")
        with part.open("ab" if goes_on else "wb") as file:
            for piece in answer.iter_content(BLOCK):
                file.write(piece)


def _tag_of(answer: requests.Response) -> str:
    tag: str = answer.headers.get("ETag", "")
    return tag if tag.startswith('"') else answer.headers.get("Last-Modified", "")


def _is_link(url: object) -> bool:
    try:
        return isinstance(url, str) and urlsplit(url).scheme in ("http", "https")
    except ValueError:  # no host can have such a name
        return False


def _names(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a plain file name for each item, every one once whatever the disk's case."""
    used = {SUMS.casefold(), SUMS.casefold() + PART}
    found = []
    for number, item in enumerate(items, start=1):
        last = unquote(urlsplit(item["access_url"]).path).rpartition("/")[2]
        text = last if "." in last else str(item["title"])
        name = NOT_IN_NAMES.sub("_", text).strip("._-")[-NAME_LENGTH:].lstrip("._-") or "file"
        while used & _taken_by(name):
            name = f"{number:05d}_{name}"
        used |= _taken_by(name)
        found.append(name)
    return found


def _taken_by(name: str) -> set[str]:
    return {name.casefold() + ending for ending in ("", PART, TAG)}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _read_sums(folder: Path) -> dict[str, str]:
    path = folder / SUMS
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines) if name}


def _write_sums(folder: Path, sums: Mapping[str, str]) -> None:
    part = folder / (SUMS + PART)
    part.write_text("".join(f"{sums[name]}  {name}\n" for name in sorted(sums)), encoding="utf-8")
    part.replace(folder / SUMS)
