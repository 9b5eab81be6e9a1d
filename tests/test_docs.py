import json
import re
from pathlib import Path

import pytest

from portal.cli import main
from portal.config import Settings

ROOT = Path(__file__).parents[1]
OPERATORS = (ROOT / "docs/operators.md").read_text(encoding="utf-8")
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/**/*.*")])
ROW = re.compile(r"^\| `PORTAL_(\w+)` \|([^|]*)\|", re.MULTILINE)
BEYOND_SETTINGS = {"CONFIG"}


def documented() -> dict[str, str]:
    return {name.lower(): default for name, default in ROW.findall(OPERATORS)}


def test_every_setting_is_documented():
    assert documented().keys() == set(Settings.model_fields)


@pytest.mark.parametrize("name", [name for name, cell in documented().items() if "`" in cell])
def test_documented_defaults_are_true(name):
    said = Settings(**{name: documented()[name].strip(" `")})
    assert getattr(said, name) == getattr(Settings(), name)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_only_settings_that_exist_are_named(page):
    named = {name.lower() for name in re.findall(r"PORTAL_([A-Z_]+)", page.read_text("utf-8"))}
    assert named <= set(Settings.model_fields) | {name.lower() for name in BEYOND_SETTINGS}


@pytest.mark.parametrize("page", [page for page in PAGES if page.suffix == ".md"])
def test_links_between_pages_lead_somewhere(page):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8"))
    assert [one for one in targets if not (page.parent / one).exists()] == []


def test_everything_vendored_is_in_the_notices():
    notices = (ROOT / "THIRD_PARTY_NOTICES.md").read_text(encoding="utf-8")
    vendor = ROOT / "portal/static/vendor"
    for part in json.loads((vendor / "vendor.json").read_text(encoding="utf-8")):
        text = (vendor / part["license_file"]).relative_to(ROOT)
        assert f"| {part['name']} | {part['license']} | `{text}` |" in notices


def test_services_run_commands_that_exist():
    pattern = re.compile(r"^(?:ExecStart=\S*/|worker: )portal (\S+)", re.MULTILINE)
    files = [*ROOT.glob("deploy/systemd/*.service"), ROOT / "deploy/Procfile"]
    commands = [word for file in files for word in pattern.findall(file.read_text("utf-8"))]
    assert len(commands) == len(files)
    assert set(commands) <= set(main.commands)
