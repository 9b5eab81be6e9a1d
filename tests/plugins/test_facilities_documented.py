"""What operators are told to write about facilities works."""

import re
import tomllib
from pathlib import Path

from portal_binderhub.settings import BinderHubSettings
from portal_jupyterhub.settings import JupyterHubSettings
from portal_rosetta.settings import RosettaSettings

PAGE = (Path(__file__).parents[2] / "docs" / "operators.md").read_text(encoding="utf-8")
SECTION = PAGE.split("\n## Facilities\n")[1].split("\n## ")[0]
MODELS = {
    "binderhub": BinderHubSettings,
    "jupyterhub": JupyterHubSettings,
    "rosetta": RosettaSettings,
}


def test_every_example_of_a_facility_is_one():
    found = []
    for block in re.findall(r"```toml\n(.*?)```", SECTION, re.DOTALL):
        for plugin, settings in tomllib.loads(block)["plugins"].items():
            found += [one.id for one in MODELS[plugin].model_validate(settings).facilities]

    assert found == ["jive", "skao", "rosetta-oats", "our-binder", "our-hub"]
