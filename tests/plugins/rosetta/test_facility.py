"""A Rosetta: browsers are sent there."""

import pytest

import portal_rosetta
from portal.plugins import BasketSummary
from portal.plugins import Mode
from portal.plugins import PluginContext
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal.plugins import Workflow
from portal_rosetta.settings import RosettaSettings
from tests.support.launches import RunningLaunch
from tests.support.loopback import loopback

WORKFLOW = Workflow(id="w", title="W", repository="https://git.example.org/w.git")


def rosetta(tmp_path, url="https://rosetta.example.org"):
    one = {"id": "rosetta", "title": "Rosetta", "url": url}
    settings = RosettaSettings.model_validate({"facilities": [one]})
    context = PluginContext(settings=settings, data_dir=tmp_path)
    (facility,) = portal_rosetta.portal_register_facilities(context)
    return facility


def test_a_browser_is_sent_there_with_a_link_as_binders_have_it(tmp_path):
    facility = rosetta(tmp_path)

    answer = facility.accepts(WORKFLOW, BasketSummary())

    assert (answer.accepts, answer.mode) == (True, Mode.REDIRECT)
    assert facility.link(WORKFLOW.repository, "HEAD", "a.ipynb") == (
        "https://rosetta.example.org/v2/git/https%3A%2F%2Fgit.example.org%2Fw.git/HEAD"
        "?urlpath=lab/tree/a.ipynb"
    )


def test_it_launches_nothing_by_itself(tmp_path):
    with pytest.raises(UsageError, match="starts nothing"):
        rosetta(tmp_path).launch(None, RunningLaunch().context())


def test_it_is_well_when_its_front_page_is(tmp_path):
    with loopback() as server:
        facility = rosetta(tmp_path, server.url)
        with pytest.raises(TransientError, match="status 404"):
            facility.health(RunningLaunch().later())
        server.routes["/"] = lambda exchange: exchange.answer("hello")
        assert facility.health(RunningLaunch().later()).message == ""
