"""From a basket to a running session that has its data, at a real hub, and back to nothing left."""

import hashlib
import json
import re
import time
from types import SimpleNamespace

import pytest
import requests
from playwright.sync_api import expect

from portal.plugins.http import HttpPolicy
from portal.plugins.http import open_session
from portal.plugins.jupyter import JupyterServer
from portal.plugins.testing import LOOPBACK
from tests.browser.looks import check_every_look
from tests.browser.steps import expect_phase
from tests.browser.test_basket import add
from tests.browser.test_basket import make_basket
from tests.support.git_server import serve_git
from tests.support.loopback import loopback
from tests.test_portal_up import free_port
from tests.test_portal_up import portal

pytestmark = [pytest.mark.browser, pytest.mark.peers]

PICTURE = b"SIMPLE  =                    T" + bytes(range(256)) * 300
NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    "cells": [
        {
            "cell_type": "code",
            "id": "a",
            "metadata": {},
            "source": "1 + 1",
            "outputs": [],
            "execution_count": None,
        }
    ],
}
SUMS = """\
import hashlib, pathlib
for path in sorted(pathlib.Path("data").iterdir()):
    print("sum", path.name, hashlib.sha256(path.read_bytes()).hexdigest())
"""
SETTINGS = """
[[plugins.jupyterhub.facilities]]
id = "institute"
title = "Hub of the institute"
url = "{hub.url}"
token = "{hub.api_token}"
token_in_url = true

[[plugins.binderhub.facilities]]
id = "binder"
title = "Binder of the institute"
url = "{hub.binder_url}"
mode = "launch"

[[workflows]]
id = "sums"
title = "Sums of pictures"
repository = "{repository}"
path = "sums.ipynb"
description = "Adds up pictures."
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory, hub):
    """A portal with two facilities and a workflow; an archive with one picture."""
    folder = tmp_path_factory.mktemp("place")
    with loopback() as archive, serve_git(folder / "git") as repositories:
        archive.routes["/picture.fits"] = lambda exchange: exchange.answer(
            PICTURE, content_type="application/fits"
        )
        files = {"sums.ipynb": json.dumps(NOTEBOOK), "README.md": "Sums."}
        repositories.make("sums", files)
        config = folder / "portal.toml"
        address = repositories.address("sums")
        config.write_text(SETTINGS.format(hub=hub, repository=address))
        settings = {
            "PORTAL_CONFIG": str(config),
            "PORTAL_REMOTE_ALLOW": "127.0.0.1",
            "PORTAL_JOB_LEASE": "3",
            "PORTAL_PLUGINS_DISABLED": "broker,ossr,rosetta,rucio,wes",
        }
        with portal(folder / "portal", free_port(), **settings) as started:
            yield SimpleNamespace(
                running=started, hub=hub, picture=f"{archive.url}/picture.fits", folder=folder
            )


@pytest.fixture(scope="module")
def running(place):
    return place.running


def put_picture_into_basket(page, place):
    make_basket(page, "Pictures")
    add(page, place.picture, "The comet")


def choose(page):
    page.goto("workflows")
    page.get_by_role("link", name="Sums of pictures", exact=True).click()
    page.get_by_role("link", name="Run it", exact=True).click()
    expect(page.get_by_label("Basket", exact=True)).to_contain_text("1 item")


def launch(page, facility):
    page.get_by_role("radio", name=facility).check()
    page.get_by_role("button", name="Start the session").click()
    expect_phase(page, "Completed")


def entrance(page):
    """Return the address that the button leads to, without going there."""
    href = page.get_by_role("link", name="Open the session").get_attribute("href")
    answer = page.request.get(href, max_redirects=0)
    assert answer.status == 302
    return answer.headers["location"]


def sums_in(address):
    """Return what a kernel of the session says of the files of the basket."""
    root, _, rest = address.partition("/lab/tree/")
    path, _, token = rest.partition("?token=")
    said = []
    with open_session(HttpPolicy(allow=LOOPBACK)) as http:
        server = JupyterServer(http, root, token)
        server.run(SUMS, folder=path.rpartition("/")[0], log=said.append)
    return dict(line.split()[1:] for line in said if line.startswith("sum "))


def wait_for_end(status):
    """Wait until nothing answers there: a server that was told to end takes a moment."""
    give_up = time.monotonic() + 20
    while requests.get(status, timeout=10, allow_redirects=False).status_code == 200:
        assert time.monotonic() < give_up
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("facility", "scripts"),
    [("Binder of the institute", True), ("Hub of the institute", False)],
    ids=["binder", "hub-without-scripts"],
)
def test_a_session_has_the_bytes_of_the_basket_and_leaves_nothing(visit, place, facility, scripts):
    page = visit("workflows", java_script_enabled=scripts)
    put_picture_into_basket(page, place)
    choose(page)
    launch(page, facility)
    address = entrance(page)

    assert sums_in(address)["picture.fits"] == hashlib.sha256(PICTURE).hexdigest()
    assert address not in page.content()

    page.goto("sessions")
    page.get_by_role("button", name="End Sums of pictures").click()
    expect(page.locator(".session")).to_contain_text("over")
    wait_for_end(f"{address.partition('/lab/')[0]}/api/status")
    assert list((place.folder / "portal" / "git").glob("*")) == []


def test_the_pages_can_be_read_by_everybody(visit, place):
    page = visit("sessions")
    check_every_look(page)
    put_picture_into_basket(page, place)
    choose(page)
    check_every_look(page)
    page.get_by_label("How one works with it").evaluate("one => one.closest('details').open = true")
    page.get_by_label("How one works with it").select_option("desktop")
    expect(page.locator(".facility.refused")).to_have_count(3)
    check_every_look(page)
    page.goto("analysis/launch")
    check_every_look(page)


def test_a_choice_has_an_address_of_its_own(visit):
    page = visit("analysis/launch?repository=https://example.org/x.git&path=a.ipynb")

    page.get_by_role("radio", name="MyBinder").check()

    expect(page.get_by_role("link", name="Open it there without this portal")).to_have_attribute(
        "href", re.compile(r"^https://mybinder\.org/v2/git/https%3A%2F%2Fexample.*urlpath=lab")
    )
