import re
from html import unescape
from pathlib import Path

import pytest

import portal_zooniverse
from portal import config
from portal.plugins.discovery import Candidate
from portal.plugins.registry import PluginRegistry
from portal.plugins.testing import check_archive
from tests.support.panoptes import project
from tests.support.panoptes import workflow


@pytest.fixture
def plugins():
    return [("zooniverse", portal_zooniverse)]


@pytest.fixture
def settings(tmp_path, panoptes):
    """An instance whose Zooniverse is `panoptes`."""
    return config.load(
        instance=tmp_path / "instance",
        remote_allow=(panoptes.server.host,),
        plugins={"zooniverse": {"api_url": panoptes.url}},
    )


def text_of(response):
    assert response.status_code == 200
    return unescape(response.get_data(as_text=True))


def href(page, words):
    return re.search(rf'href="([^"]+)"[^>]*>{words}</a>', page)[1]


def load(tmp_path, **settings):
    registry = PluginRegistry()
    candidate = Candidate(name="zooniverse", load=lambda: portal_zooniverse)
    registry.load([candidate], settings={"zooniverse": settings}, data_dir=tmp_path, probing=False)
    return registry


def test_the_archive_keeps_the_contract(tmp_path):
    check_archive(load(tmp_path).archive("zooniverse"))


def test_the_plugin_brings_the_zooniverse(tmp_path):
    registry = load(tmp_path)
    queries = registry.archive("zooniverse").queries
    assert [query.id for query in queries] == [
        "query.zooniverse-projects",
        "query.zooniverse-workflows",
        "query.zooniverse-user-projects",
        "query.zooniverse-user-workflows",
        "query.zooniverse-export",
        "zooniverse.availability",
    ]
    assert [renderer.id for renderer in registry.renderers] == ["zooniverse-projects"]
    assert [action.id for action in registry.row_actions] == [
        "zooniverse-classifications",
        "zooniverse-subjects",
        "zooniverse-workflows",
        "zooniverse-page",
    ]


@pytest.mark.parametrize("settings", [{"api": "https://x"}, {"api_url": "ftp://x"}])
def test_a_setting_that_cannot_be_used_is_refused(tmp_path, settings):
    (plugin,) = load(tmp_path, **settings).plugins
    assert next(iter(settings)) in plugin.reason


def test_nothing_of_it_is_of_the_sky():
    sources = Path(portal_zooniverse.__file__).parent.rglob("*.py")
    assert not re.search(
        r"adql|position|s_ra", "".join(map(Path.read_text, sources)), re.IGNORECASE
    )


def test_from_the_form_to_workflows_in_the_basket(client, work, panoptes):
    panoptes.projects = [project(1, display_name="Galaxy <Zoo>"), project(2)]
    panoptes.workflows = [workflow(10, 1, display_name="Spiral, or not"), workflow(11, 2)]

    form = text_of(client.get("/archives/zooniverse/query.zooniverse-projects"))
    assert "Social science" in form

    sent = {"keywords": "galaxy", "launch_approved": "true", "sort": "-launch_date"}
    job = client.post("/archives/zooniverse/query.zooniverse-projects", data=sent).location
    assert work() == 1
    assert f"{panoptes.url}/projects?search=galaxy" in text_of(client.get(job))
    cards = text_of(client.get(f"{job}/results/result"))
    assert "1,000 classifications by 10 volunteers" in cards

    action = href(text_of(client.get(href(cards, "Table"))), "Workflows of this project")
    assert 'name="project" value="1"' in text_of(client.get(action))
    job = client.post(action.partition("?")[0], data={"project": "1"}).location
    assert work() == 1
    assert "Spiral, or not" in text_of(client.get(f"{job}/results/result"))

    kept = {"job": job.rpartition("/")[2], "result": "result", "row": "0"}
    client.post("/basket/items", data=kept)
    basket = text_of(client.get("/basket"))
    assert "Galaxy <Zoo>: Spiral, or not" in basket
    assert "https://www.zooniverse.org/projects/somebody/project-1" in basket


def test_a_refusal_is_shown_in_the_words_of_the_api(client, work):
    sent = {"project": "404"}
    job = client.post("/archives/zooniverse/query.zooniverse-workflows", data=sent).location
    work()
    assert "Could not find project with id='404'" in text_of(client.get(job))
