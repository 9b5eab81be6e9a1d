import json
import threading
from datetime import datetime
from datetime import timedelta
from datetime import UTC

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

from portal.accounts.tokens import make_session_token
from portal.accounts.tokens import revoke_token
from portal.analysis.staging.session import session_files
from portal.basket.models import Basket
from portal.db import db
from portal.jobs import following
from portal_client import open_session
from portal_client import PortalError
from tests.support import lab

WRITTEN = {"url": "https://portal.example.org/", "token": "apt_x", "basket": "b1"}


@pytest.fixture
def plugins():
    return [("lab", lab)]


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch, tmp_path):
    for name in ("PORTAL_URL", "PORTAL_TOKEN", "PORTAL_BASKET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(following, "FIRST_LOOK_SECONDS", 0.01)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", ["portal.json", ".portal/session.json"])
def test_a_session_is_found_in_a_folder_above(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(json.dumps(WRITTEN))
    (tmp_path / "deep/er").mkdir(parents=True)
    found = open_session(tmp_path / "deep/er")
    assert (found.url, found.basket.ref) == (WRITTEN["url"], "b1")
    assert "apt_x" not in repr(found)


def test_the_environment_comes_first_and_is_never_mixed_with_a_file(tmp_path, monkeypatch):
    (tmp_path / "portal.json").write_text(json.dumps(WRITTEN))
    monkeypatch.setenv("PORTAL_TOKEN", "apt_mine")
    assert open_session().url == WRITTEN["url"]
    monkeypatch.setenv("PORTAL_URL", "https://other.example.org/")
    assert (open_session().url, open_session().basket.ref) == (
        "https://other.example.org/",
        "current",
    )


@pytest.mark.parametrize("text", ["", "[]", "{}", "nonsense"])
def test_other_files_of_that_name_are_said(tmp_path, text):
    (tmp_path / "portal.json").write_text(text)
    with pytest.raises(PortalError, match="not what a portal writes"):
        open_session()


def test_elsewhere_there_is_no_session():
    with pytest.raises(PortalError, match="no session"):
        open_session()


def test_the_files_are_those_that_came(tmp_path):
    (tmp_path / "portal.json").write_text(json.dumps(WRITTEN))
    assert open_session().files == {}
    files = [{"name": "a.fits", "path": "data/a.fits"}, {"name": "b.fits", "path": None}]
    (tmp_path / "data").mkdir()
    own = tmp_path / "data/manifest.json"
    own.write_text(json.dumps({"basket": {"id": "b1"}, "files": files}))
    assert open_session().files == {"a.fits": tmp_path / "data/a.fits"}


@pytest.mark.parametrize("text", ["[]", "{}", '{"basket": {"id": "b2"}, "files": []}', "\x00"])
def test_a_manifest_of_the_workflow_is_not_taken_for_the_one_that_came(tmp_path, text):
    (tmp_path / "portal.json").write_text(json.dumps(WRITTEN))
    for name in ("data", "basket-data"):
        (tmp_path / name).mkdir()
    (tmp_path / "data/manifest.json").write_text(text)
    files = [{"name": "a.fits", "path": "basket-data/a.fits"}]
    own = tmp_path / "basket-data/manifest.json"
    own.write_text(json.dumps({"basket": {"id": "b1"}, "files": files}))
    assert open_session().files == {"a.fits": tmp_path / "basket-data/a.fits"}


@pytest.mark.slow
def test_a_session_reads_its_basket_and_its_rows_as_tables(app, client, work, tmp_path):
    location = client.post("/archives/lab/query.lab-stars", data={"rows": "3"}).location
    work()
    job_id = location.rpartition("/")[2]
    client.post("/basket/items", data={"job": job_id, "result": "result", "row": "2"})
    with app.app_context():
        basket = db.session.scalars(select(Basket)).one()
        basket_id, expires = basket.id, datetime.now(UTC) + timedelta(hours=1)
        token_id, secret = make_session_token(basket.owner, basket_id, "Session", expires)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        (file,) = session_files(
            portal=f"http://127.0.0.1:{server.server_port}/",
            token=secret,
            basket_id=basket_id,
            expires=expires,
            basket=None,
        )
        (tmp_path / file.path).write_text(file.content)
        found = open_session()
        (item,) = found.basket.items()
        assert len(found.basket.table()) == 1
        assert len(found.table(item)) == 1
        with pytest.raises(PortalError, match="reads its basket"):
            found.basket.clear()
        with app.app_context():
            revoke_token(token_id, owner=None)
        with pytest.raises(PortalError, match="page Sessions of the portal keeps one for longer"):
            found.basket.items()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
