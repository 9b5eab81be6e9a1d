"""The command that brings tables between a portal and the desktop, with a hub and a program."""

import io
import threading

import pytest
import requests
from astropy.io.votable import parse_single_table

from portal_client import Portal
from portal_client import samp_bridge
from tests.services.samp_hub import desktop_hub
from tests.services.samp_hub import Program

pytestmark = [pytest.mark.slow, pytest.mark.peers]

VOTABLE = b"""<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE><TABLE>
<FIELD name="name" datatype="char" arraysize="*"/><FIELD name="n" datatype="int"/>
<DATA><TABLEDATA><TR><TD>M 31</TD><TD>1</TD></TR><TR><TD/><TD/></TR></TABLEDATA></DATA>
</TABLE></RESOURCE></VOTABLE>"""


@pytest.fixture(scope="module")
def lockfile(tmp_path_factory):
    with desktop_hub(tmp_path_factory.mktemp("hub")) as path:
        yield path


@pytest.fixture
def topcat(lockfile):
    program = Program(lockfile, "TOPCAT", "table.load.votable")
    yield program
    program.close()


@pytest.fixture
def ada(running, lockfile, monkeypatch):
    """The portal of the environment, beside a hub."""
    monkeypatch.setenv("PORTAL_URL", running.url)
    monkeypatch.setenv("PORTAL_TOKEN", running.token)
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{lockfile.as_uri()}")
    return Portal()


def test_a_result_goes_to_a_program_that_fetches_it_without_the_token(ada, topcat, capsys):
    job = ada.submit("test.echo", TEXT="hello", ROWS=3).wait()

    assert samp_bridge.main(["send", job.id, "--rows", "0-1", "--to", "TOPCAT"]) == 0

    assert capsys.readouterr().out == "TOPCAT has taken it\n"
    _, params = topcat.message()
    answer = requests.get(params["url"], timeout=30)
    assert len(parse_single_table(io.BytesIO(answer.content)).array) == 2


def test_who_is_not_there_and_what_is_not_there_are_said(ada, topcat, capsys):
    job = ada.submit("test.echo", TEXT="hello").wait()

    assert samp_bridge.main(["send", job.id, "--to", "DS9"]) == 1
    assert "these do: TOPCAT" in capsys.readouterr().err
    assert samp_bridge.main(["send", "0" * 32]) == 1
    assert samp_bridge.main(["send", "basket"]) == 1
    assert "The basket is empty" in capsys.readouterr().err


def test_a_table_that_a_program_sends_becomes_a_result(ada, topcat, tmp_path, capsys):
    path = tmp_path / "mine.vot"
    path.write_bytes(VOTABLE)
    received = threading.Thread(target=samp_bridge.main, args=(["receive", "--once"],))
    received.start()
    while not topcat.client.get_subscribed_clients("table.load.fits"):
        received.join(0.05)

    answer = topcat.call("table.load.fits", url=path.as_uri(), name="Mine")
    received.join(60)

    assert answer["samp.status"] == "samp.ok"
    said = capsys.readouterr().out
    assert said.startswith(f"Mine from TOPCAT is kept: {ada.url}jobs/")
    table = ada.job(said.strip().rpartition("/")[2]).wait().table()
    assert table["name"][0] == "M 31"
    assert table["n"].mask.tolist() == [False, True]


def test_without_a_hub_the_way_out_is_said(ada, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{(tmp_path / 'none').as_uri()}")

    assert samp_bridge.main(["receive"]) == 1
    assert "Start TOPCAT or Aladin" in capsys.readouterr().err
