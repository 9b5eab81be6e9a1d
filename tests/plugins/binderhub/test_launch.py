"""Sessions at a real BinderHub: launched, found again, filled, ended."""

from dataclasses import replace

import pytest

from portal.plugins import Prepared
from portal.plugins import ServiceError
from portal.plugins import SessionFile
from portal.plugins import SessionState
from portal.plugins import TransientError
from portal.plugins import Workflow
from portal_binderhub.facility import BinderHub
from portal_binderhub.settings import BinderSettings
from tests.support.git_server import Program
from tests.support.git_server import serve_git
from tests.support.launches import RunningLaunch

pytestmark = [pytest.mark.peers, pytest.mark.slow]


@pytest.fixture(scope="module")
def git(tmp_path_factory):
    with serve_git(tmp_path_factory.mktemp("repositories")) as server:
        yield server


@pytest.fixture
def binder(hub):
    settings = BinderSettings(id="binder", title="Our Binder", url=hub.binder_url, mode="launch")
    return BinderHub(settings)


def prepared(git, name, content, **more):
    commit = git.make(name, content)
    address = git.address(name)
    workflow = Workflow(id="demo", title="Demo", repository=address)
    return Prepared(
        id="s3ss10n",
        user="us3r",
        title="Demo",
        workflow=workflow,
        repository=address,
        commit=commit,
        **more,
    )


def is_gone(binder, launch):
    """Say whether the hub has noticed the end: until then its proxy finds nobody there."""
    try:
        return binder.status(launch.handle, launch.later()).state is SessionState.GONE
    except TransientError:
        return False


def test_a_session_is_launched_filled_found_again_and_ended(hub, binder, git):
    wanted = prepared(
        git,
        "demo",
        {"work/demo.ipynb": "{}", "postBuild": Program("#!/bin/sh\necho built here\n")},
        path="work/demo.ipynb",
        files=[SessionFile(path=".portal/basket.json", content='{"a": "secret"}')],
        setup="print(open('.portal/basket.json').read()[:5]); open('fetched', 'w').write('x')",
    )
    launch = RunningLaunch()

    session = binder.launch(wanted, launch.context())
    handle = launch.handle
    home = hub.folder / "homes" / handle["url"].rstrip("/").rpartition("/")[2]
    again = binder.launch(wanted, launch.context())
    running = binder.status(handle, launch.later())
    binder.stop(handle, launch.later())

    assert (home / "fetched").read_text() == "x" and (home / "work/demo.ipynb").exists()
    assert session.url == f"{handle['url']}lab/tree/work/demo.ipynb?token={handle['token']}"
    assert again == session
    assert [one["stage"] for one in launch.saved] == ["asked", "launching", "ready", "filled"]
    assert "built here" in launch.lines and '{"a":' in launch.lines
    assert "Building the environment" in launch.messages
    assert running.state is SessionState.RUNNING
    assert running.last_activity is not None
    while not is_gone(binder, launch):
        pass
    binder.stop(handle, launch.later())


@pytest.mark.soak
def test_a_second_launch_finds_the_image_of_the_first_with_other_files(binder, git):
    post_build = Program("#!/bin/sh\necho built here\n")
    same = prepared(git, "twice", {"nb.ipynb": "{}", "postBuild": post_build}, path="nb.ipynb")
    launches = []
    for number in (1, 2):
        files = [
            SessionFile(path="nb.ipynb", content=f'{{"cells": [{number}]}}'),
            SessionFile(path="portal-basket.json", content=f'"basket {number}"'),
        ]
        setup = "print(open('portal-basket.json').read(), open('nb.ipynb').read())"
        launch = RunningLaunch()
        binder.launch(replace(same, files=files, setup=setup), launch.context())
        launches.append(launch)
        binder.stop(launch.handle, launch.later())

    first, second = launches
    assert "built here" in first.lines and "built here" not in second.lines
    assert "Found built image, launching..." in second.lines
    assert second.lines[-1] == '"basket 2" {"cells": [2]}'


def test_a_build_that_fails_is_told_in_its_own_words(binder, git):
    files = {"postBuild": Program("#!/bin/sh\necho no such package\nexit 3\n")}
    launch = RunningLaunch()

    with pytest.raises(ServiceError, match="postBuild ended with 3"):
        binder.launch(prepared(git, "broken", files), launch.context())

    assert "no such package" in launch.lines
    assert launch.handle["stage"] == "asked"
    assert binder.status(launch.handle, launch.later()).state is SessionState.GONE
    binder.stop(launch.handle, launch.later())


def test_a_repository_that_is_not_there_is_told(binder, git):
    wanted = prepared(git, "demo", {"a": "b"})
    lost = Prepared(
        id="x",
        user="y",
        title="",
        workflow=wanted.workflow,
        repository=git.address("lost"),
        commit=wanted.commit,
    )
    launch = RunningLaunch()

    with pytest.raises(ServiceError, match="git ended with 128"):
        binder.launch(lost, launch.context())


def test_an_old_binderhub_without_checks_is_well_when_its_page_is(binder):
    assert binder.health(RunningLaunch().later()).message == ""
