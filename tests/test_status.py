from sqlalchemy.exc import OperationalError

from portal.db import db


def test_health_tells_the_state_of_what_jobs_need(client):
    response = client.get("/health")

    assert response.status_code == 200
    assert response.json["status"] == "ok"
    assert response.json["redis"] == "away"


def test_health_says_so_when_the_database_is_gone(client, monkeypatch):
    def refuse(*args, **kwargs):
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(db.session, "execute", refuse)

    response = client.get("/health")

    assert response.status_code == 503
    assert response.json["database"] == "error"


def test_the_page_of_plugins_names_those_set_aside_and_why(app, client, tmp_path):
    from portal.plugins.discovery import Candidate

    def broken():
        raise ImportError("no module named <nothing>")

    app.extensions["plugins"].load(
        [Candidate(name="broken", load=broken)], settings={}, data_dir=tmp_path, probing=False
    )

    page = client.get("/plugins").get_data(as_text=True)

    assert "set aside: ImportError: no module named &lt;nothing&gt;" in page
