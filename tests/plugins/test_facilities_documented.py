"""What operators are told to write about facilities works."""

import re
import tomllib
from importlib import import_module
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "operators.md").read_text(encoding="utf-8")
SECTION = PAGE.split("\n## Facilities\n")[1].split("\n## ")[0]


def test_every_example_of_a_facility_is_one(tmp_path):
    (tmp_path / "token").write_text("secret")
    section = re.sub(r'token_file = ".*?"', f'token_file = "{tmp_path / "token"}"', SECTION)
    found = set()
    for block in re.findall(r"```toml\n(.*?)```", section, re.DOTALL):
        for plugin, given in tomllib.loads(block)["plugins"].items():
            settings = import_module(f"portal_{plugin}").portal_register_settings()
            found |= {one.id for one in settings.model_validate(given).facilities}

    assert found >= {"jive", "skao", "rosetta-oats", "our-binder", "our-hub", "our-batch"}
