"""A repository changed so that its build fetches the files of a basket, as repo2docker reads it."""

import posixpath
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

from portal.analysis.repository.fetching import Checkout
from portal.analysis.repository.git import TooLargeError
from portal.analysis.repository.layout import DOCKERFILE
from portal.analysis.repository.layout import find_layout
from portal.analysis.repository.layout import has_entry
from portal.analysis.repository.layout import is_folder
from portal.analysis.repository.layout import Layout
from portal.analysis.repository.layout import POST_BUILD
from portal.analysis.repository.layout import UnchangeableError
from portal.analysis.repository.notebook import add_cell
from portal.analysis.repository.notebook import first_cell
from portal.analysis.repository.notebook import MOST_NOTEBOOK
from portal.analysis.repository.submodules import keep_origins
from portal.analysis.repository.tree import commit_edits
from portal.analysis.repository.tree import Edits
from portal.analysis.repository.tree import publish_branch
from portal.analysis.staging.choosing import MANIFEST
from portal.analysis.staging.script import basket_document
from portal.analysis.staging.script import stage_script
from portal.analysis.staging.script import StagedBasket
from portal.plugins.facilities import SessionFile
from portal.plugins.facilities import Staging
from portal.plugins.workflows import Scalar
from portal.problems import UsageError

OWN_FOLDER = ".portal"
BASKET = f"{OWN_FOLDER}/basket.json"
SCRIPT = f"{OWN_FOLDER}/stage.py"
KEPT = f"{POST_BUILD}.portal-orig"
SPARE_FOLDER = "basket-data"
NOTEBOOK = ".ipynb"
NO_CELL = "{name} got no first cell: it is no notebook of format 4."
MESSAGE = (
    "Fetch the files of a basket\n\nChanged by the archive portal from {repository} at {commit}.\n"
)
# Nothing of a user's is in it: the names are ours, and what is fetched stands in JSON.
SHELL = """\
#!/bin/sh
# Written by the archive portal: the build fetches the files of a basket.
set -e
{before}python3 {script} || echo "The files of the basket were not fetched." >&2
"""
BEFORE = """\
chmod +x ./{kept}
./{kept}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """A commit to be launched, and how the files come to its session.

    `folder` is where they will be, relative to the root. `notes` are for the user.
    """

    commit: str
    staging: Staging
    folder: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the user wants besides: the notebook that gets a first cell, and its parameters."""

    notebook: str | None = None
    parameters: Mapping[str, Scalar] = field(default_factory=dict)


NO_WISHES = Wishes()


def prepare(
    checkout: Checkout, basket: StagedBasket, *, repository: str, wishes: Wishes = NO_WISHES
) -> Preparation:
    """Commit the changes, or leave everything as it is where they would change nothing.

    Where the build reads a Dockerfile, or cannot be changed, the files have to come in the
    session. `repository` is where it was fetched. Raises UsageError for a notebook that is
    not there and for what no facility builds.
    """
    _check_notebook(checkout, wishes.notebook)
    folder = _data_folder(checkout, basket.folder)
    try:
        layout = find_layout(checkout)
        edits = _edits(checkout, layout, replace(basket, folder=folder))
    except UnchangeableError as reason:
        return _untouched(checkout, folder, f"The files come once the session runs: {reason}")
    notes = _add_cell(checkout, edits, folder, wishes)
    notes += keep_origins(checkout, edits, repository)
    message = MESSAGE.format(repository=repository, commit=checkout.commit)
    return Preparation(
        commit=commit_edits(checkout, edits, message),
        staging=Staging.REPOSITORY,
        folder=folder,
        notes=tuple(notes),
    )


def change_notebook(
    checkout: Checkout, folder: str, wishes: Wishes, log: Callable[[str], None]
) -> SessionFile | None:
    """Return the notebook with one more cell in front, for a session whose repository stays.

    Raises UsageError for a notebook that is not there.
    """
    _check_notebook(checkout, wishes.notebook)
    path = (wishes.notebook or "").strip("/")
    if not path.endswith(NOTEBOOK):
        return None
    changed = _with_cell(checkout, path, folder, wishes)
    if changed is None:
        log(NO_CELL.format(name=posixpath.basename(path)))
        return None
    return SessionFile(path=path, content=changed.decode())


def _untouched(checkout: Checkout, folder: str, *notes: str) -> Preparation:
    publish_branch(checkout, checkout.commit)
    return Preparation(commit=checkout.commit, staging=Staging.SESSION, folder=folder, notes=notes)


def _check_notebook(checkout: Checkout, path: str | None) -> None:
    if path and not has_entry(checkout.entries, path.strip("/")):
        raise UsageError(f"The repository has no {path} at this commit: choose another file.")


def _data_folder(checkout: Checkout, name: str) -> str:
    """Return a folder for the files: another one where something else has the name."""
    is_taken = name in checkout.entries or has_entry(checkout.entries, f"{name}/{MANIFEST}")
    return SPARE_FOLDER if is_taken else name


def _edits(checkout: Checkout, layout: Layout, basket: StagedBasket) -> Edits:
    entries = checkout.entries
    if has_entry(entries, layout.path(DOCKERFILE)):
        raise UnchangeableError("it is built with a Dockerfile.")
    if OWN_FOLDER in entries or any(is_folder(entries, path) for path in (BASKET, SCRIPT)):
        raise UnchangeableError(f"it has something of its own that is named {OWN_FOLDER}.")
    own = layout.path(POST_BUILD)
    if is_folder(entries, own):
        raise UnchangeableError(f"{own} is a folder.")
    edits = Edits()
    before = ""
    if (entry := entries.get(own)) is not None:
        kept = _free_name(checkout, layout)
        edits.move(entry, layout.path(kept))
        before = BEFORE.format(kept=layout.named(kept))
    edits.write(own, SHELL.format(before=before, script=SCRIPT), executable=True)
    edits.write(SCRIPT, stage_script(BASKET), executable=True)
    edits.write(BASKET, basket_document(basket))
    return edits


def _free_name(checkout: Checkout, layout: Layout) -> str:
    name = KEPT
    number = 1
    while has_entry(checkout.entries, layout.path(name)):
        number += 1
        name = f"{KEPT}-{number}"
    return name


def _add_cell(checkout: Checkout, edits: Edits, folder: str, wishes: Wishes) -> list[str]:
    """Put a cell in front of the notebook; where that cannot be the notes say so."""
    path = (wishes.notebook or "").strip("/")
    if not path.endswith(NOTEBOOK):
        return []
    changed = _with_cell(checkout, path, folder, wishes)
    if changed is None:
        return [NO_CELL.format(name=posixpath.basename(path))]
    edits.write(path, changed)
    return []


def _with_cell(checkout: Checkout, path: str, folder: str, wishes: Wishes) -> bytes | None:
    entry = checkout.entries.get(path)
    if entry is None or not entry.is_file:
        return None
    source = first_cell(path, folder, wishes.parameters)
    try:
        return add_cell(checkout.read(path, most=MOST_NOTEBOOK), source)
    except TooLargeError:
        return None
