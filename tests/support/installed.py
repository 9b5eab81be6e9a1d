"""A plugin that is installed for one portal only: a folder on its path, with an entry point."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.support.skies import Sky

ROOT = Path(__file__).parents[2]
MODULE = """\
import json

from tests.support.skies import Sky
from tests.support.skies import skies_plugin

with open({skies!r}) as file:
    SKIES = [Sky(**sky) for sky in json.load(file)]
portal_register_archives = skies_plugin(SKIES).portal_register_archives
"""


def install_skies(folder: Path, skies: Sequence[Sky]) -> dict[str, str]:
    """Return the environment of a portal that has these archives."""
    described = folder / "skies.json"
    described.write_text(json.dumps([asdict(sky) for sky in skies]))
    (folder / "portal_skies.py").write_text(MODULE.format(skies=str(described)))
    info = folder / "portal_skies-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: portal-skies\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[portal.plugins]\nskies = portal_skies\n")
    path = os.pathsep.join([str(folder), str(ROOT), os.environ.get("PYTHONPATH", "")])
    return {"PYTHONPATH": path.rstrip(os.pathsep)}
