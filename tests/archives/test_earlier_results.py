"""The result of an earlier job as the file of a new one."""

import io
import re
from html import unescape
from types import SimpleNamespace

import pytest

import portal_vo
from portal.uws.service import jobs
from tests.services.fixtures import dachs  # noqa: F401 - a fixture
from tests.support.instances import settings_in
from tests.support.loopback import loopback
from tests.support.tap_metadata import CAPABILITIES
from tests.support.tap_service import table
from tests.support.tap_service import TapService

FORM = "/archives/vo/query.tap"


@pytest.fixture
def plugins():
    return [("vo", portal_vo)]


@pytest.fixture
def settings(tmp_path):
    return settings_in(tmp_path, remote_allow=("127.0.0.1",))


@pytest.fixture
def tap():
    with loopback() as server:
        tap = TapService(server)
        document = CAPABILITIES.format(upload_limit=10**9)
        server.routes["/tap/capabilities"] = lambda exchange: exchange.answer(document)
        yield tap


@pytest.fixture
def ask(client, tap, work):
    """Ask in the form, work, and return the address of the result."""

    def ask(query="SELECT n FROM numbers", *, by=client, status=303, url=tap.url, **more):
        sent = {"access_url": url, "query": query, "mode": "synchronous", **more}
        response = by.post(FORM, data=sent, content_type="multipart/form-data")
        assert response.status_code == status, response.get_data(as_text=True)
        if status != 303:
            return unescape(response.get_data(as_text=True))
        work()
        return f"{response.location}/results/result"

    return ask


def sent_votable(tap):
    body = next(one.body for one in reversed(tap.server.requests) if one.path == "/tap/sync")
    return body.decode()


@pytest.mark.slow
def test_an_earlier_result_is_offered_and_goes_along(client, tap, ask):
    tap.answer = table(4, 5, 6)
    address = ask()
    page = client.get(FORM).get_data(as_text=True)
    assert f'<option value="{address}">' in page
    assert "(3 rows)" in page
    ask("SELECT * FROM TAP_UPLOAD.mine", upload_table=address, upload_name="mine")
    assert "<TD>5</TD>" in sent_votable(tap)
    assert "mine,param:mine" in sent_votable(tap)


@pytest.mark.parametrize(
    "form", ["http://localhost{}", "https://portal.test/prefix{}.csv", "{}/?page=2"]
)
def test_its_address_may_be_written_as_a_browser_has_it(tap, ask, form):
    address = form.format(ask())
    ask("SELECT * FROM TAP_UPLOAD.mine", upload_table=address, upload_name="mine")
    assert "<TD>1</TD>" in sent_votable(tap)


@pytest.mark.slow
def test_it_goes_along_after_its_job_is_deleted_and_the_new_one_is_repeated(client, tap, ask, work):
    address = ask()
    again = ask("SELECT * FROM TAP_UPLOAD.mine", upload_table=address, upload_name="mine")
    client.post(f"{address.partition('/results')[0]}/delete")
    count = len(tap.server.requests)
    response = client.post(f"{again.partition('/results')[0]}/repeat")
    assert response.status_code == 303
    work()
    assert len(tap.server.requests) > count
    assert "<TD>1</TD>" in sent_votable(tap)


def test_a_file_that_is_chosen_counts_more(tap, ask):
    address = ask()
    ask(
        "SELECT * FROM TAP_UPLOAD.mine",
        upload_table=[address, (io.BytesIO(b"n\n77\n"), "mine.csv")],
        upload_name="mine",
    )
    assert "<TD>77</TD>" in sent_votable(tap)
    assert "<TD>1</TD>" not in sent_votable(tap)


def test_somebody_elses_result_looks_like_none(app, ask):
    address = ask()
    nobodys = re.sub("[0-9a-f]{32}", "0" * 32, address)
    stranger = app.test_client()
    for one in (address, nobodys):
        page = ask("SELECT 1", by=stranger, status=422, upload_table=one)
        assert "none of your jobs has this result" in page


@pytest.mark.parametrize("name", ["nothing", "NOTHING", "x" * 100])
def test_a_result_that_is_not_there_is_refused(ask, name):
    address = ask().removesuffix("result") + name
    assert "none of your jobs" in ask("SELECT 1", status=422, upload_table=address)


def test_a_result_that_is_too_large_is_refused(app, ask):
    address = ask()
    with app.app_context():
        jobs().uploads.max_bytes = 10
    assert "larger than" in ask("SELECT 1", status=422, upload_table=address)


@pytest.mark.parametrize("value", ["/jobs/x/results/result", "/etc/passwd", "file:///etc/passwd"])
def test_other_addresses_are_no_files(ask, value):
    assert "send a file" in ask("SELECT 1", status=422, upload_table=value)


def test_results_are_offered_to_their_owner_only(app, client, ask):
    address = ask()
    assert address in client.get(FORM).get_data(as_text=True)
    assert address not in app.test_client().get(FORM).get_data(as_text=True)


@pytest.mark.slow
def test_the_basket_goes_along_as_well(client, tap, ask):
    address = ask()
    assert "your basket is empty" in ask("SELECT 1", status=422, upload_table="/basket")
    job_id = address.split("/")[2]
    client.post("/basket/items", data={"job": job_id, "result": "result", "row": ["0", "2"]})
    assert "The basket (2 items)" in client.get(FORM).get_data(as_text=True)
    ask("SELECT * FROM TAP_UPLOAD.mine", upload_table="/basket", upload_name="mine")
    assert 'name="s_ra"' in sent_votable(tap)
    assert sent_votable(tap).count("<TR>") == 2


@pytest.mark.peers
def test_an_earlier_result_is_joined_with_a_catalogue(client, dachs, ask):  # noqa: F811
    there = SimpleNamespace(url=f"{dachs.url}/tap")
    address = ask("SELECT TOP 5 source_id, name FROM labcat.sources", url=there.url)
    joined = ask(
        "SELECT m.source_id, s.mag FROM TAP_UPLOAD.mine AS m "
        "JOIN labcat.sources AS s ON s.source_id = m.source_id",
        url=there.url,
        upload_table=address,
        upload_name="mine",
    )
    assert len(client.get(f"{joined}.csv").get_data(as_text=True).splitlines()) == 6
