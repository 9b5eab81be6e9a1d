"""A portal launches at another one: request, offer, launch, entrance and end, over HTTP."""

import pytest

from portal.analysis.planning import broker as served
from portal.plugins import Prepared
from portal.plugins import SessionState
from portal.plugins import Workflow
from portal_broker import facility as facility_module
from portal_broker.facility import ExecutionBroker
from portal_broker.settings import BrokerSettings
from tests.support.callers import bearer
from tests.support.callers import make_token
from tests.support.camp import Camp
from tests.support.camp import camp_plugin
from tests.support.camp import SECRET
from tests.support.git_server import serve_git
from tests.support.instances import settings_in
from tests.support.launches import RunningLaunch
from tests.support.remote import serving


@pytest.fixture
def camp():
    return Camp()


@pytest.fixture
def plugins(camp):
    return [("camp", camp_plugin(camp))]


@pytest.fixture
def settings(tmp_path):
    return settings_in(tmp_path, remote_allow=["127.0.0.1"])


class WorkingLaunch(RunningLaunch):
    """Has the other portal's workers take a turn whenever it waits for them."""

    def at(self, work):
        made = self.context()

        def report(fraction, message):
            self.reports.append((fraction, message))
            work()

        object.__setattr__(made, "report", report)
        return made


def test_a_session_at_the_other_portal_is_launched_entered_and_ended(
    app, work, camp, tmp_path, monkeypatch
):
    monkeypatch.setattr(facility_module, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(served, "RETRY_SECONDS", "0")
    token = make_token(app.test_client())
    with serving(app) as url, serve_git(tmp_path) as git:
        commit = git.make("sums", {"sums.ipynb": "{}"})
        block = {"id": "far", "title": "Far", "url": f"{url}/eb", "token": token}
        far = ExecutionBroker(BrokerSettings.model_validate(block))
        repository = git.address("sums")
        wanted = Prepared(
            id="s1",
            user="u1",
            title="Sums",
            workflow=Workflow(id="sums", title="Sums", repository=repository),
            repository=repository,
            commit=commit,
            path="sums.ipynb",
        )
        launch = WorkingLaunch()

        session = far.launch(wanted, launch.at(work))

        [prepared] = camp.prepared
        assert (prepared.commit, prepared.path, prepared.title) == (commit, "sums.ipynb", "Sums")
        assert SECRET not in f"{session.url} {launch.reports} {launch.lines} {launch.saved}"
        theirs = app.test_client()
        address = session.url.removeprefix(url)
        assert SECRET in theirs.get(address, headers=bearer(token)).location
        assert theirs.get(address).status_code == 404
        far.stop(launch.handle, launch.later())
        work()
        assert len(camp.stopped) == 1
        assert far.status(launch.handle, launch.later()).state is SessionState.GONE
