"""The client against a real portal over HTTP."""

import hashlib
import os
import signal
import threading
from datetime import datetime
from datetime import timedelta
from datetime import UTC

import astropy.units as u
import numpy as np
import pyarrow.parquet
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import Table

from portal_client import Added
from portal_client import InvalidParametersError
from portal_client import JobError
from portal_client import OverflowWarning
from portal_client import Portal
from portal_client import PortalError
from portal_client import WaitTimeoutError
from tests.services.state import free_port
from tests.support.loopback import loopback
from tests.test_portal_up import portal

pytestmark = pytest.mark.peers

CONE = {"table": "openngc", "position": "10.6847 41.2688", "sr": 1}


def test_types_are_listed_and_say_what_they_take(ada):
    names = [one.name for one in ada.types()]
    cone = ada.type("QUERY.files-cone")

    assert "test.echo" in names
    assert cone.name == "query.files-cone"
    assert cone.parameters["properties"]["sr"]["x-unit"] == "deg"
    assert "sr: number [deg], 0 to 180, default 0.5" in repr(cone)


def test_every_example_of_every_type_is_valid(ada):
    examples = [(ada.type(one.name), one.name) for one in ada.types()]

    assert examples
    for job_type, _ in examples:
        for example in job_type.examples:
            coerced = job_type.validate(example.parameters)
            assert example.parameters.items() <= coerced.items()


def test_parameters_are_completed_or_refused_with_every_error_at_once(ada):
    cone = ada.type("query.files-cone")

    assert cone.validate(table="openngc", position="0 0")["sr"] == 0.5
    with pytest.raises(InvalidParametersError) as refused:
        cone.validate(table="openngc", sr=-1, colour="red")
    assert {error.name for error in refused.value.errors} == {"position", "sr", "colour"}
    assert "sr: must be at least 0" in str(refused.value)


def test_a_job_with_wrong_parameters_is_not_made(ada):
    before = len(ada.jobs())

    with pytest.raises(InvalidParametersError) as refused:
        ada.submit("query.files-cone", position="400 10", sr="wide")

    assert refused.value.status == 422
    assert {error.name for error in refused.value.errors} == {"table", "position", "sr"}
    assert len(ada.jobs()) == before


def test_a_query_ends_in_a_table_with_units(ada):
    job = ada.submit("query.files-cone", CONE, run_id="andromeda").wait(30)
    table = job.raise_if_error().table()

    assert (job.phase, job.type, job.run_id) == ("COMPLETED", "query.files-cone", "andromeda")
    assert job.parameters["position"] == "10.6847 41.2688"
    assert job.results["result"].media_type == "application/x-votable+xml"
    assert table["name"][0] == "NGC0224"
    assert table["separation"].unit == u.deg


def test_values_of_numpy_are_taken(ada):
    job = ada.submit("test.echo", TEXT=np.str_("x"), ROWS=np.int64(2), other=np.array(["a", "b"]))

    assert job.parameters["ROWS"] == "2"
    assert job.parameters["other"] == ["a", "b"]


def test_quantities_and_positions_are_taken(ada):
    m31 = SkyCoord("00:42:44.3 +41:16:08", unit=(u.hourangle, u.deg))

    job = ada.submit("query.files-cone", table="openngc", position=m31, sr=3 * u.arcmin).wait(30)

    assert job.parameters["sr"] == "0.05"
    assert list(job.table()["name"]) == ["NGC0224"]


def test_a_failed_job_speaks_in_the_services_own_words(ada):
    job = ada.submit("test.echo", FAIL="The telescope is closed.").wait(30)

    assert job.error.message == "The telescope is closed."
    for ask in (job.raise_if_error, job.table):
        with pytest.raises(JobError, match=r"^The telescope is closed\.$") as raised:
            ask()
        assert (raised.value.phase, raised.value.transient) == ("ERROR", False)


def test_a_wait_ends_in_time_and_the_job_goes_on_until_it_is_aborted(ada):
    job = ada.submit("test.echo", SECONDS=60).wait(30, phases=["executing"])

    with pytest.raises(WaitTimeoutError, match="EXECUTING"):
        job.wait(0.3)
    assert job.refresh().phase == "EXECUTING"
    assert 0 <= job.progress < 0.5
    assert job.abort().phase == "ABORTED"
    with pytest.raises(JobError, match="aborted"):
        job.table()


def test_ctrl_c_ends_the_wait_and_not_the_job(ada):
    job = ada.submit("test.echo", SECONDS=60).wait(30, phases=["EXECUTING"])
    key = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    # A shell's background programs ignore the signal, and so would this one.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    key.start()

    with pytest.raises(KeyboardInterrupt):
        job.wait(30)

    key.join()
    signal.signal(signal.SIGINT, before)
    assert job.refresh().phase == "EXECUTING"
    job.delete()


def test_a_job_can_be_made_now_and_run_later(ada):
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    job = ada.submit("test.echo", run=False, execution_duration=50, destruction=soon)

    assert job.phase == "PENDING"
    assert job.document["executionDuration"] == 50
    assert datetime.fromisoformat(job.document["destruction"]) == soon
    with pytest.raises(PortalError, match="not been started"):
        job.wait(30)
    assert job.run().wait(30).phase == "COMPLETED"


def test_a_job_is_found_again_by_id_and_address_until_it_is_deleted(ada):
    job = ada.submit("test.echo").wait(30)

    for name in (job.id, job.url, job.results["result"].url.partition("/results/")[0]):
        assert ada.job(name).id == job.id
    job.delete()
    with pytest.raises(PortalError) as gone:
        ada.job(job.id)
    assert gone.value.status == 404
    with pytest.raises(PortalError, match="not a job of"):
        ada.job("https://elsewhere.example/uws/jobs/1")


def test_jobs_are_listed_newest_first_and_narrowed(ada):
    first = ada.submit("test.echo", run=False)
    second = ada.submit("query.files-cone", CONE).wait(30)

    assert [job.id for job in ada.jobs(last=2)] == [second.id, first.id]
    assert first.id in {job.id for job in ada.jobs(phase="PENDING")}
    assert second.id not in {job.id for job in ada.jobs(phase=["PENDING", "ABORTED"])}
    assert second.id in {job.id for job in ada.jobs(type="query.files-cone")}
    assert first.id not in {job.id for job in ada.jobs(type="query.files-cone")}
    assert ada.jobs(after=datetime.now(UTC) + timedelta(hours=1)) == []
    assert ada.jobs(last=1)[0].parameters["table"] == "openngc"


@pytest.mark.parametrize(
    ("file", "form"),
    [
        ("stars.vot", "votable"),
        ("stars.fits", "fits"),
        ("stars.csv", "ascii.csv"),
        ("stars.ecsv", "ascii.ecsv"),
    ],
)
def test_a_result_is_written_in_the_format_of_the_files_name(ada, tmp_path, file, form):
    job = ada.submit("test.echo", TEXT="hello", ROWS=3).wait(30)

    path = job.download(tmp_path / file)

    assert list(Table.read(path, format=form)["text"]) == ["hello"] * 3
    assert list(tmp_path.iterdir()) == [path]


def test_a_format_can_be_named(ada, tmp_path):
    job = ada.submit("test.echo", TEXT="hello", ROWS=3).wait(30)

    path = job.download(tmp_path / "stars", format="parquet")

    assert pyarrow.parquet.read_table(path)["text"].to_pylist() == ["hello"] * 3


def test_a_format_that_does_not_exist_leaves_the_file_alone(ada, tmp_path):
    (tmp_path / "kept").write_text("mine")
    job = ada.submit("test.echo").wait(30)

    with pytest.raises(PortalError, match="format"):
        job.download(tmp_path / "kept", "docx")

    assert (tmp_path / "kept").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_result_that_was_cut_warns(ada):
    job = ada.submit("test.echo", ROWS=5, maxrec=2).wait(30)

    with pytest.warns(OverflowWarning, match="more rows"):
        table = job.table()

    assert len(table) == 2


def test_a_result_that_is_not_there_is_explained(ada):
    job = ada.submit("test.echo").wait(30)

    with pytest.raises(PortalError, match=r"There is no result image.*has: result"):
        job.table("image")


def test_rows_go_into_the_basket_and_out_of_it(ada):
    job = ada.submit("query.files-cone", CONE).wait(30)
    table = job.table()
    basket = ada.basket
    basket.clear()

    assert basket.add(job, [0, 1]) == Added(new=2, known=0)
    assert basket.add(job, table["separation"] < 0.5) == Added(new=0, known=2)
    assert basket.add(job) == Added(new=len(table) - 2, known=2)
    assert len(basket) == len(basket.items()) == len(basket.table()) == len(table)
    first = next(item for item in basket.items() if item["row"] == 0)
    assert first["title"] == "NGC0224"
    assert basket.remove(first, "0" * 32) == 1
    assert "NGC0224" not in basket.table()["title"]
    assert basket.remove(*basket.table()[:2]) == 2
    assert basket.clear() == len(table) - 3
    assert len(basket.table()) == 0


def test_items_move_between_baskets_and_every_change_can_be_undone(ada):
    job = ada.submit("query.files-cone", CONE).wait(30)
    first = ada.new_basket("First")
    second = ada.new_basket("Second", current=False)
    assert ada.basket.add(job, [0, 1]) == Added(new=2, known=0)
    assert first.add_url("https://data.example.org/a.fits", note="b") == Added(new=1, known=0)

    assert first.move(*first.items(search="data.example.org"), to=second) == 1
    assert (len(first), len(second)) == (2, 1)
    second.note(second.items()[0], "look again")
    assert second.items()[0]["note"] == "look again"
    assert first.undo() == 1
    assert (len(first), len(second)) == (3, 0)
    second.rename("Third")
    assert {"First", "Third"} <= {one.name for one in ada.baskets()}
    link = first.share()
    assert len(Portal(ada.url).open_basket(link)) == 3
    for basket in (first, second):
        basket.delete()
    with pytest.raises(PortalError):
        Portal(ada.url).open_basket(link).items()


def test_rows_go_into_the_basket_that_their_job_names(ada):
    basket = ada.new_basket("When done", current=False)

    ada.submit("query.files-cone", CONE, basket=basket).wait(30)

    assert "NGC0224" in basket.to_astropy()["title"]
    basket.delete()


def test_files_are_fetched_once_and_checked(ada, tmp_path):
    data = b"0123456789" * 1000
    basket = ada.new_basket("Files", current=False)
    with loopback() as server:

        def serve(exchange):
            start = int(exchange.headers.get("range", "bytes=0-")[6:-1])
            length = f"bytes {start}-{len(data) - 1}/{len(data)}"
            more = {"status": 206, "content_range": length} if start else {}
            exchange.answer(data[start:], etag='"1"', **more)

        server.routes["/a.fits"] = serve
        basket.add_url(server.url + "/a.fits")
        basket.add_url(server.url + "/gone.fits")
        done = {one.path.name: one for one in basket.download(tmp_path)}
        assert done["a.fits"].sha256 == hashlib.sha256(data).hexdigest()
        assert "404" in done["gone.fits"].error
        (tmp_path / "a.fits").unlink()
        (tmp_path / "a.fits.part").write_bytes(data[:7])
        (tmp_path / "a.fits.tag").write_text('"1"')
        basket.download(tmp_path)

    assert (tmp_path / "a.fits").read_bytes() == data
    assert [one.headers.get("range") for one in server.requests if one.path == "/a.fits"][-1] == (
        "bytes=7-"
    )
    assert not any("authorization" in one.headers for one in server.requests)
    assert {one.name for one in tmp_path.iterdir()} == {"a.fits", "SHA256SUMS"}
    basket.delete()


def test_rows_that_are_not_there_are_refused(ada):
    job = ada.submit("query.files-cone", CONE).wait(30)

    with pytest.raises(PortalError, match="not in the result"):
        ada.basket.add(job, [10_000])
    with pytest.raises(TypeError, match="numbers, or by a mask"):
        ada.basket.add(job, [0.5])


def test_without_a_token_a_job_belongs_to_whoever_knows_it_and_there_is_no_basket(running):
    nobody = Portal(running.url)
    job = nobody.submit("test.echo", TEXT="mine").wait(30)

    assert list(Portal(running.url).job(job.url).table()["text"]) == ["mine"]
    assert nobody.jobs() == []
    with pytest.raises(PortalError, match="token"):
        nobody.basket.items()


def test_a_wrong_token_is_refused_and_not_repeated(running):
    wrong = Portal(running.url, "apt_of-somebody-else")

    with pytest.raises(PortalError) as refused:
        wrong.jobs()

    assert refused.value.status == 401
    assert "somebody-else" not in repr(refused.value)


@pytest.mark.soak
@pytest.mark.faults
@pytest.mark.timeout(300)  # it starts two portals
def test_a_wait_outlives_a_restart_of_the_portal(tmp_path):
    port = free_port()
    ended = []
    with portal(tmp_path, port, PORTAL_TEST_JOBS="1") as (_, address):
        job = Portal(address).submit("test.echo", run=False)
        waiting = threading.Thread(target=lambda: ended.append(job.wait(240, phases=["COMPLETED"])))
        waiting.start()
    with portal(tmp_path, port, PORTAL_TEST_JOBS="1") as (_, address):
        Portal(address).job(job.id).run()
        waiting.join(240)

    assert [one.phase for one in ended] == ["COMPLETED"]


@pytest.mark.parametrize("kind", ["path", "name", "open file"])
def test_a_file_goes_along_with_a_job(ada, tmp_path, kind):
    path = tmp_path / "stars.csv"
    path.write_bytes(b"ra,dec\n1,2\n")
    with path.open("rb") as stream:
        sent = {"path": path, "name": str(path), "open file": stream}[kind]
        job = ada.submit("test.echo", TEXT="two  spaces ", ROWS=2, files={"FILE": sent})

    rows = job.wait(timeout=30).table()

    assert list(rows["text"]) == ["two  spaces "] * 2
    assert job.parameters["FILE"]


def test_what_is_wrong_beside_a_file_is_told_like_everything_else(ada, tmp_path):
    path = tmp_path / "stars.csv"
    path.write_bytes(b"x")

    with pytest.raises(InvalidParametersError) as refused:
        ada.submit("test.echo", ROWS=-1, SECONDS=-1, files={"FILE": path})

    assert {error.name for error in refused.value.errors} == {"ROWS", "SECONDS"}


def test_a_file_that_cannot_be_read_makes_no_job(ada, tmp_path):
    before = len(ada.jobs())

    with pytest.raises(FileNotFoundError):
        ada.submit("test.echo", files={"FILE": tmp_path / "nothing.csv"})

    assert len(ada.jobs()) == before
