"""Archives that the operator describes, from their file to a page, a form and a job."""

import pytest

import portal_vo
from portal import config
from portal.plugins.discovery import Candidate
from portal.runtime import load_registry
from tests.support.descriptions import ARCHIVE
from tests.support.descriptions import TAP
from tests.support.loopback import loopback
from tests.support.tap_service import TapService

DESCRIBED = """
retrieval = "Ask for <tapes>."
links = [
  { title = "At home", url = "https://home.example.org/?a=1&b=2" },
  { title = "Abroad", url = "https://abroad.example.org/" },
]
coverage = "0/0-5"
"""
COLLECTIONS = """
cone = { ra = "s_ra", dec = "s_dec" }
[[archives.queries.fields]]
name = "survey"
title = "Survey"
type = "choice"
column = "obs_collection"
default = "b"
choices = [
  { value = "all", title = "All surveys", any = true },
  { value = "a&b", title = "A & B" },
  { value = "b", title = "Only B" },
]

[[archives.datasets]]
id = "first"
title = "First <survey>"
description = "Images."
query = "obs"
parameters = { survey = "a&b" }
category = "imaging"
level = "processed"
collection = "a&b"
coverage = "3/0"
"""


def body(response):
    return response.get_data(as_text=True)


@pytest.fixture
def server():
    with loopback() as running:
        yield running


@pytest.fixture
def service(server):
    return TapService(server)


@pytest.fixture
def plugins():
    return [("vo", portal_vo)]


@pytest.fixture
def settings(tmp_path, service):
    good, bad, hidden = (tmp_path / f"{name}.toml" for name in ("good", "bad", "hidden"))
    tap = TAP.replace("https://tap.example.org/tap", service.url)
    good.write_text(ARCHIVE + DESCRIBED + tap + COLLECTIONS, encoding="utf-8")
    bad.write_text(ARCHIVE.replace("demo", "broken") + TAP + "colour = 1\n", encoding="utf-8")
    secret = ARCHIVE.replace("demo", "unseen").replace("Demo", "Unseen")
    hidden.write_text(secret + "visible = false\n" + tap, encoding="utf-8")
    return config.load(
        instance=tmp_path / "instance",
        archive_files=[str(good), str(bad), str(hidden), str(tmp_path / "nowhere.toml")],
        remote_allow=[service.server.host],
    )


def test_the_page_says_all_that_is_described(client):
    page = body(client.get("/archives/demo"))

    assert "Ask for &lt;tapes&gt;." in page
    assert 'href="https://home.example.org/?a=1&amp;b=2"' in page
    assert "Abroad" in page
    assert "50 % of the sky" in page
    assert "First &lt;survey&gt;" in page
    assert (
        "Category: imaging · Level: processed · Collection: a&amp;b · Coverage: less than 1 %"
        in page
    )


def test_a_data_set_leads_to_the_form_that_asks_for_it_alone(client):
    form = client.get("/archives/demo/query.demo-obs?survey=a%26b")

    assert 'href="/archives/demo/query.demo-obs?survey=a%26b"' in body(client.get("/archives/demo"))
    assert '<option value="a&amp;b" selected>A &amp; B</option>' in body(form)


def test_a_choice_with_a_default_has_no_empty_one_beside_it(client):
    page = body(client.get("/archives/demo/query.demo-obs"))

    select = page[page.index('<select name="survey"') :].partition("</select>")[0]
    assert 'value=""' not in select
    assert '<option value="b" selected>' in select


def test_the_card_counts_the_data_sets_and_hidden_archives_have_none(client):
    page = body(client.get("/archives"))

    assert 'href="/archives/demo#datasets">1 data set<' in page
    assert "Unseen" not in page
    assert client.get("/archives/unseen").status_code == 200


def test_a_described_form_becomes_a_job_with_rows(client, work, service):
    answer = client.post(
        "/archives/demo/query.demo-obs",
        data={"survey": "a&b", "position": "10 -5", "radius": "1", "radius_unit": "deg"},
    )
    work()

    assert answer.status_code == 303
    assert "3 rows" in body(client.get(f"{answer.location}/results/result"))
    asked = service.form("/tap/async")["QUERY"]
    assert "obs_collection = 'a&b'" in asked
    assert "CIRCLE('ICRS', 10.0, (-5.0), 1.0)" in asked
    assert "obs_collection = &#39;a&amp;b&#39;" in body(client.get(answer.location))


def test_what_is_wrong_stands_at_its_field(client):
    answer = client.post("/archives/demo/query.demo-obs", data={"survey": "c", "radius": "-1"})

    assert answer.status_code == 422
    assert "choose one of" in body(answer)
    assert "must be at least 0" in body(answer)


def test_the_form_opens_in_the_adql_editor(client):
    answer = client.post("/archives/demo/query.demo-obs/adql", data={"survey": "b"})

    assert answer.status_code == 303
    assert answer.location.startswith("/archives/vo/query.tap?")


def test_programs_find_the_job_type_with_its_schema(client):
    schema = client.get("/uws/types/query.demo-obs/schema").get_json()

    assert schema["properties"]["survey"]["enum"] == ["all", "a&b", "b"]
    assert schema["properties"]["survey"]["default"] == "b"


def test_a_file_that_is_wrong_is_set_aside_with_its_line(client, caplog):
    page = body(client.get("/plugins"))

    assert "bad.toml" in page
    assert "line 12: colour: there is no such key here" in page
    assert "nowhere.toml" in page
    assert "it cannot be read: No such file or directory" in page
    assert client.get("/archives/broken").status_code == 404


def test_an_archive_that_is_there_already_is_set_aside(settings, tmp_path):
    again = tmp_path / "again.toml"
    again.write_text((tmp_path / "good.toml").read_text(encoding="utf-8"), encoding="utf-8")
    both = settings.model_copy(update={"archive_files": (str(tmp_path / "good.toml"), str(again))})
    vo = Candidate(name="vo", load=lambda: portal_vo)

    registry = load_registry(both, [vo], tmp_path / "plugins")

    reasons = {plugin.name: plugin.reason for plugin in registry.plugins}
    assert reasons["good.toml"] is None
    assert "the archive id demo is already taken" in reasons["again.toml"]
