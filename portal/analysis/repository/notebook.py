"""The cell that is put before the others of a notebook: it says where the data are."""

import json
import posixpath
from collections.abc import Mapping
from typing import Any

from portal.analysis.variables import is_variable
from portal.plugins.workflows import Scalar

CELL_ID = "portal-basket"
WITH_IDS = (4, 5)
MOST_NOTEBOOK = 50_000_000

CELL = """\
# This cell was added by the archive portal: the files of the basket are in a folder.
import json
from pathlib import Path

data_folder = Path({folder})
manifest_file = data_folder / "manifest.json"
manifest = json.loads(manifest_file.read_text()) if manifest_file.exists() else {{"files": []}}
data_files = {{
    one["name"]: data_folder / Path(one["path"]).name
    for one in manifest["files"]
    if one["path"]
}}
for one in manifest["files"]:
    print(one["state"], one["path"] or one["name"], one["reason"])
# A table: from astropy.table import Table; Table.read(data_files["..."])
# The basket as it is now, where portal_client is installed:
#   from portal_client import open_session; open_session().basket.table()
"""


def first_cell(path: str, folder: str, parameters: Mapping[str, Scalar]) -> str:
    """Return the cell's source for a notebook at that path; parameters become variables of it.

    Names that Python does not take are left out; values are literals in ASCII.
    """
    depth = path.count("/")
    relative = posixpath.join(*[".."] * depth, folder)
    lines = [f"{name} = {value!a}\n" for name, value in parameters.items() if is_variable(name)]
    return CELL.format(folder=json.dumps(relative)) + "".join(lines)


def add_cell(content: bytes, source: str) -> bytes | None:
    """Return a notebook with one more cell in front; None for what is no notebook of format 4."""
    try:
        notebook: Any = json.loads(content)
        if notebook["nbformat"] != WITH_IDS[0]:
            return None
        cells = [one for one in notebook["cells"] if one.get("id") != CELL_ID]
        cell: dict[str, Any] = {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {"tags": ["portal", "parameters"]},
            "outputs": [],
            "source": source.splitlines(keepends=True),
        }
        if (4, notebook.get("nbformat_minor", 0)) >= WITH_IDS:
            cell["id"] = CELL_ID
        notebook["cells"] = [cell, *cells]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return json.dumps(notebook, indent=1, ensure_ascii=False).encode() + b"\n"
