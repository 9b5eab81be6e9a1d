"""Links, cut-outs, pictures and tables of a real server."""

import pytest

from portal.plugins import UsageError
from portal.plugins.testing import read_result
from portal_vo.datalink.actions import ROW_ACTIONS
from portal_vo.datalink.document import COLUMNS
from portal_vo.datalink.job import DatalinkParameters
from portal_vo.datalink.job import DatalinkQuery
from portal_vo.datalink.opening import OpenTableParameters
from portal_vo.datalink.opening import OpenTableQuery
from portal_vo.datalink.renderer import LinkList
from portal_vo.datalink.soda import SodaParameters
from portal_vo.datalink.soda import SodaQuery
from portal_vo.preview.job import PreviewParameters
from portal_vo.preview.job import PreviewQuery
from portal_vo.tap import TapParameters
from portal_vo.tap import TapQuery

pytestmark = pytest.mark.peers
FIRST = "ivo://portal.test/~?sky/data/first.fits"
MOST = 10_000_000


@pytest.fixture
def here(dachs, job):
    job.allow = frozenset(["127.0.0.1"])
    job.read_timeout, job.max_bytes = 60, 100_000_000
    return job


def run(query, parameters, job):
    context = job.context()
    with context.http:
        return read_result(query.run(parameters, context))


def links_of(dachs, job, *ids):
    asked = DatalinkParameters(access_url=f"{dachs.url}/sky/q/dl/dlmeta", id=list(ids))
    return run(DatalinkQuery(), asked, job)[0]


def entries(rows):
    groups = LinkList().context(COLUMNS, rows)["groups"]
    return {term: one for _, term, members in groups for one in members}


@pytest.mark.parametrize("mode", ["synchronous", "asynchronous"])
def test_a_row_of_a_table_leads_to_its_links(dachs, here, mode):
    query = "SELECT TOP 1 * FROM sky.images WHERE object = 'first'"
    context = here.context()
    asked = TapParameters(access_url=f"{dachs.url}/tap", query=query, mode=mode)
    table = TapQuery().run(asked, context)
    [row], end = read_result(table)
    header = table.header[: table.header.rindex("</")] + "".join(end.services) + "</VOTABLE>"

    found = {}
    for action in ROW_ACTIONS:
        bound = action().bind(table.columns, lambda: header)
        if bound is not None and (link := bound.link(row)) is not None:
            found[bound.title] = link

    assert list(found) == ["What belongs to it", "Preview"]
    assert found["What belongs to it"].parameters == {
        "access_url": f"{dachs.url}/sky/q/dl/dlmeta",
        "id": [FIRST],
    }
    assert found["Preview"].parameters == {"access_url": row["accref"]}


def test_the_links_of_a_dataset_are_listed_with_what_can_be_done(dachs, here):
    found = entries(links_of(dachs, here, FIRST))

    assert set(found) == {"#this", "#preview", "#proc", "#documentation"}
    assert [way.title for way in found["#this"]["ways"]] == ["Preview", "Download"]
    assert [way.title for way in found["#proc"]["ways"]] == ["Cut out a part"]
    assert any(line.startswith("CIRCLE within 180") for line in found["#proc"]["offers"])


def test_what_the_server_does_not_know_is_a_row_with_its_words(dachs, here):
    rows = links_of(dachs, here, FIRST, "ivo://portal.test/~?sky/data/none.fits")

    [error] = [row for row in rows if row["error_message"]]
    assert "none.fits" in error["ID"]
    assert error["access_url"] is None
    assert len(rows) > 1


def test_a_circle_is_cut_out_of_an_image(dachs, here):
    [way] = entries(links_of(dachs, here, FIRST))["#proc"]["ways"]
    asked = SodaParameters(**{**way.link.parameters, "circle": "180.0 40.0 40 arcsec"})

    [row], _ = run(SodaQuery(MOST), asked, here)

    assert row["content_type"] == "application/fits"
    assert row["ID"] == FIRST
    width, height = here.files["preview"].title.partition(": ")[2].split(" pixels")[0].split(" by ")
    assert int(width) < 32
    assert int(height) < 32
    assert here.files["cutout"].path.stat().st_size == row["content_length"]


def test_what_cannot_be_cut_is_said_by_the_server(dachs, here):
    asked = SodaParameters(access_url=f"{dachs.url}/sky/q/dl/dlget", id=FIRST, circle="10 -60 0.01")

    with pytest.raises(UsageError):
        run(SodaQuery(MOST), asked, here)


def test_a_product_is_looked_at(dachs, here):
    url = f"{dachs.url}/getproduct/sky/data/first.fits"

    rows, _ = run(PreviewQuery(MOST), PreviewParameters(access_url=url), here)

    assert {row["keyword"]: row["value"] for row in rows}["OBJECT"] == "first"
    title = here.files["preview"].title
    assert title.startswith("HDU 0: 64 by 64 pixels")
    assert title.endswith("4 arcsec a pixel, 4.27 arcmin by 4.27 arcmin, north is up")


def test_an_answer_of_a_service_is_opened_as_a_table(dachs, here):
    url = f"{dachs.url}/sky/q/sia/siap.xml?POS=180,40&SIZE=1"

    rows, _ = run(OpenTableQuery(MOST), OpenTableParameters(access_url=url), here)

    assert [row["object"] for row in rows] == ["first"]


def test_a_dataset_that_is_not_there_is_said(dachs, here):
    url = f"{dachs.url}/getproduct/sky/data/none.fits"

    with pytest.raises(UsageError, match="404"):
        run(PreviewQuery(MOST), PreviewParameters(access_url=url), here)
