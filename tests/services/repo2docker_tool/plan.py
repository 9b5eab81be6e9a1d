"""Say as JSON how repo2docker would build folders, given as NAME=FOLDER."""

import json
import os
import sys

from repo2docker.app import Repo2Docker


def plan(folder):
    os.chdir(folder)
    app = Repo2Docker()
    try:
        found = next(
            (pack for pack in (kind(app.base_image) for kind in app.buildpacks) if pack.detect()),
            None,
        ) or app.default_buildpack(app.base_image)
        found.platform = "linux/amd64"
        return {"pack": type(found).__name__, "dockerfile": found.render()}
    except RuntimeError as error:
        return str(error)


pairs = [word.split("=", 1) for word in sys.argv[1:]]
print(json.dumps({name: plan(folder) for name, folder in pairs}))
