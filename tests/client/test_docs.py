"""What docs/client.md shows works as it stands there."""

import re
from pathlib import Path

import pytest

import portal_client

PAGE = (Path(__file__).parents[2] / "docs/client.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
ERRORS = [
    name
    for name, one in vars(portal_client).items()
    if isinstance(one, type) and issubclass(one, portal_client.PortalError)
]
ADDRESS = "https://portal.example.org"


@pytest.mark.peers
def test_the_examples_run_one_after_the_other(running, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PORTAL_TOKEN", running.token)
    monkeypatch.chdir(tmp_path)
    names = {}

    for example in EXAMPLES:
        exec(compile(example.replace(ADDRESS, running.url), "docs/client.md", "exec"), names)

    said = capsys.readouterr().out
    assert "NGC0224" in said
    assert "position - right ascension runs from 0 to 360 degrees" in said
    assert "no_such_table" in said
    assert {path.name for path in tmp_path.iterdir()} == {"andromeda.fits", "andromeda.parquet"}


@pytest.mark.parametrize("name", ERRORS)
def test_every_error_is_described(name):
    assert f"`{name}`" in PAGE
