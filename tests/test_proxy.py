import pytest

from portal import config
from portal import create_app
from portal.db import db


@pytest.fixture
def settings(tmp_path):
    return config.load(
        instance=tmp_path / "instance", public_url="https://science.example.org/esap"
    )


@pytest.mark.parametrize("path", ["/esap/jobs", "/jobs"])
def test_a_proxy_may_pass_the_prefix_or_strip_it(client, path):
    response = client.get(path)

    assert response.status_code == 200
    assert 'href="/esap/archives"' in response.get_data(as_text=True)


def test_assets_have_the_prefix_too(client):
    page = client.get("/esap/").get_data(as_text=True)

    assert 'src="/esap/static/' in page


def test_a_prefix_that_only_looks_alike_is_none(client):
    assert client.get("/esapjobs").status_code == 404


def test_links_that_leave_the_portal_have_the_public_address(app):
    from flask import url_for

    @app.get("/whole")
    def whole():
        return url_for("jobs.index", _external=True)

    response = app.test_client().get("/whole", headers={"Host": "evil.example"})

    assert response.get_data(as_text=True) == "https://science.example.org/esap/jobs"


def test_without_trusted_proxies_nobody_can_say_where_the_portal_is(tmp_path):
    settings = config.load(instance=tmp_path / "other")
    app = create_app(settings, plugins=[])

    @app.get("/whole")
    def whole():
        from flask import url_for

        return url_for("jobs.index", _external=True)

    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}
    answer = app.test_client().get("/whole", headers=headers).get_data(as_text=True)

    assert "evil" not in answer


def test_a_portal_for_this_computer_answers_to_no_other_name(tmp_path):
    app = create_app(config.load(instance=tmp_path), plugins=[])
    with app.app_context():
        db.create_all()
    client = app.test_client()

    assert client.get("/uws/jobs", headers={"Host": "localhost:9000"}).status_code == 200
    assert client.get("/uws/jobs", headers={"Host": "127.0.0.1"}).status_code == 200
    assert client.get("/uws/jobs", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_a_portal_that_others_reach_answers_to_the_names_they_use(tmp_path):
    app = create_app(config.load(instance=tmp_path, host="0.0.0.0"), plugins=[])

    answer = app.test_client().get("/health", headers={"Host": "portal.example"})

    assert answer.status_code in (200, 503)
