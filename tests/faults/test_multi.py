"""Ten archives asked at once, of which seven are well: what the others do costs nobody anything."""

import csv
import io
import time

import pytest
import requests
from astropy.io.votable import parse_single_table

from portal.plugins.discovery import installed
from tests.support.installed import install_skies
from tests.support.loopback import loopback
from tests.support.skies import images
from tests.support.skies import Sky
from tests.test_portal_up import free_port
from tests.test_portal_up import portal

pytestmark = pytest.mark.faults

WELL = [f"well{number}" for number in range(7)]
ALLOWED = 6  # seconds
PATIENCE = 60  # seconds, for machines that do other things as well


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of a portal with ten archives."""
    plugin, instance = tmp_path_factory.mktemp("plugin"), tmp_path_factory.mktemp("portal")
    with loopback() as server:
        for name in WELL:
            server.routes[f"/{name}"] = images((name, 10, 60, f"ivo://{name}", "", 58000))
        server.routes["/slow"] = lambda exchange: exchange.hang()
        server.routes["/rubbish"] = lambda exchange: exchange.flood(b"HTTP/1.1 200 OK\n\n<a>" * 99)
        skies = [Sky(name=name, url=f"{server.url}/{name}") for name in (*WELL, "slow", "rubbish")]
        settings = {
            **install_skies(
                plugin, [*skies, Sky(name="dead", url=f"http://127.0.0.1:{free_port()}/")]
            ),
            "PORTAL_REMOTE_ALLOW": "127.0.0.1",
            "PORTAL_PLUGINS_DISABLED": ",".join(one.name for one in installed()),
            "PORTAL_UWS_ANONYMOUS": "capability",
        }
        with portal(instance, free_port(), PORTAL_WORKERS="8", **settings) as (_, url):
            yield url.rstrip("/")


def ask(address, **more):
    asked = {"TYPE": "query.multi", "position": "10 60", "PHASE": "RUN", **more}
    answer = requests.post(f"{address}/uws/jobs", data=asked, allow_redirects=False, timeout=30)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def wait(job):
    """Wait until the job has ended; return its phase, and after how many seconds that was."""
    began = time.monotonic()
    while (past := time.monotonic() - began) < PATIENCE:
        phase = requests.get(f"{job}/phase", timeout=30).text
        if phase in ("COMPLETED", "ERROR", "ABORTED"):
            return phase, past
        time.sleep(0.2)
    raise AssertionError(f"the job is still {phase}")


def archives_of(job):
    """Return the archives that rows are from."""
    answer = requests.get(f"{job}/results/result", timeout=30)
    return set(parse_single_table(io.BytesIO(answer.content)).to_table()["archive"].tolist())


def summary(job):
    answer = requests.get(f"{job}/results/parts", timeout=30)
    return {row["archive"]: row for row in csv.DictReader(answer.text.splitlines())}


def test_the_time_of_the_whole_is_kept_and_seven_archives_have_answered(address):
    job = ask(address, EXECUTIONDURATION=str(ALLOWED))

    phase, seconds = wait(job)

    assert phase == "COMPLETED"
    assert archives_of(job) == {f"Sky of {one}" for one in WELL}
    told = summary(job)
    assert len(told) == 10
    assert told["Sky of slow"]["phase"] == "ABORTED"
    assert told["Sky of dead"]["phase"] == told["Sky of rubbish"]["phase"] == "ERROR"
    assert all(told[f"Sky of {one}"]["message"] for one in ("slow", "dead", "rubbish"))
    assert seconds < ALLOWED + 20


def test_an_abort_ends_all_of_them(address):
    job = ask(address)

    requests.post(f"{job}/phase", data={"PHASE": "ABORT"}, timeout=30)

    assert wait(job)[0] == "ABORTED"


def test_twenty_searches_at_once_all_end(address):
    jobs = [ask(address, archives=WELL[:2]) for _ in range(20)]

    assert {wait(job)[0] for job in jobs} == {"COMPLETED"}
