"""Static files under addresses that name their content."""

import gzip
import json
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask

from portal import assets
from portal import security

STATIC = Path(assets.__file__).parent / "static"
VENDOR = STATIC / "vendor"
PAGE_FILES = [
    "vendor/htmx.min.js",
    "vendor/pico.css",
    "portal.css",
    "frame.css",
    "forms.css",
    "tables.css",
    "parts.css",
    "portal.js",
    "notices.js",
    "icon.svg",
]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "portal.js").write_text('import "./part.js";')
    (tmp_path / "part.js").write_text("1")
    return tmp_path


@pytest.fixture
def client(folder):
    app = Flask(__name__, static_folder=str(folder), static_url_path="/static")
    security.init_app(app)
    assets.init_app(app)
    app.add_url_rule(
        "/", "index", lambda: app.jinja_env.from_string("{{ asset_url('portal.js') }}").render()
    )
    return app.test_client()


def test_a_file_is_served_for_ever_under_the_address_of_its_content(client):
    with client.get(client.get("/").text) as response:
        assert response.text == 'import "./part.js";'
        assert response.headers["Cache-Control"] == "max-age=315360000, public, immutable"
        assert response.headers["Content-Type"].startswith("text/javascript")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Security-Policy"] == security.CONTENT_SECURITY_POLICY


def test_files_find_one_another_by_relative_addresses(client):
    folder_url = client.get("/").text.removesuffix("portal.js")
    with client.get(folder_url + "part.js") as response:
        assert response.text == "1"


def test_the_address_stands_below_the_path_prefix(client):
    text = client.get("/", environ_overrides={"SCRIPT_NAME": "/esap"}).text
    assert text.startswith("/esap/static/")


def test_an_address_of_an_older_version_is_gone(client):
    assert client.get("/static/0123456789ab/portal.js").status_code == 404


def test_a_file_outside_the_folder_is_not_served(client):
    folder_url = client.get("/").text.removesuffix("portal.js")
    assert client.get(folder_url + "../../test_assets.py").status_code == 404


def test_the_version_changes_with_any_content_and_any_name(folder):
    versions = {assets.folder_version(folder)}
    (folder / "part.js").write_text("2")
    versions.add(assets.folder_version(folder))
    (folder / "part.js").rename(folder / "other.js")
    versions.add(assets.folder_version(folder))
    assert len(versions) == 3


def test_every_vendored_file_is_the_one_that_was_built_with_its_licence():
    entries = json.loads((VENDOR / "vendor.json").read_text())
    for entry in entries:
        assert sha256((VENDOR / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
        assert (VENDOR / entry["license_file"]).stat().st_size > 100
    built = {entry[key] for entry in entries for key in ("file", "license_file")}
    found = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert found == built | {"vendor.json"}


def test_a_plain_page_stays_within_its_budget():
    sizes = {name: len(gzip.compress((STATIC / name).read_bytes())) for name in PAGE_FILES}
    assert sum(sizes.values()) < 42_000  # leaves 3 KB of 45 for the page itself
    assert sum(size for name, size in sizes.items() if name.endswith(".css")) < 19_000


def test_the_adql_editor_stays_within_its_budget_and_no_plain_page_loads_it():
    files = [VENDOR / "codemirror.min.js", *(STATIC / "editor").glob("*.js")]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < 135_000
    assert 'import("./editor/editor.js")' in (STATIC / "portal.js").read_text()
    assert not any("editor" in name or "codemirror" in name for name in PAGE_FILES)
