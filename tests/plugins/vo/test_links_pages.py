"""What a row leads to, on the pages that the portal makes of it: from a table to a cut-out."""

import io
import re

import numpy as np
import pytest
from astropy.io import fits

import portal_vo
from portal import config
from tests.support.datalink_service import links
from tests.support.datalink_service import LinkService
from tests.support.datalink_service import soda
from tests.support.pages import text_of

VO = "/archives/vo"


@pytest.fixture
def plugins():
    return [("vo", portal_vo)]


@pytest.fixture
def settings(tmp_path, server):
    return config.load(
        instance=tmp_path / "instance",
        job_lease=3.0,
        remote_allow=server.host,
        plugins={"vo": {"registry_mirror": "false", "max_file_bytes": "1000000"}},
    )


@pytest.fixture
def service(server):
    return LinkService(server)


@pytest.fixture
def ask(client, work):
    """Return a function that sends a form and runs its job, and gives the address of that."""

    def ask(query, **values):
        response = client.post(f"{VO}/{query}", data=values)
        assert response.status_code == 303, response.text
        work()
        return response.location

    return ask


def image():
    buffer = io.BytesIO()
    fits.PrimaryHDU(np.arange(400, dtype=np.float32).reshape(20, 20)).writeto(buffer)
    return buffer.getvalue()


def ways(page):
    """Return the links of a page into the portal, by their words."""
    found = re.findall(r'<a[^>]*? href="(/archives/vo/query[^"]+)"[^>]*>([^<]+)', page)
    return {words: address.replace("&amp;", "&") for address, words in found}


def test_the_links_of_a_dataset_lead_to_forms_and_never_to_a_script(client, ask, service):
    service.everything()
    address = ask("query.datalink", access_url=service.url)

    page = client.get(f"{address}/results/result").text

    assert set(ways(page)) >= {
        "Preview",
        "Cut out a part",
        "What belongs to it",
        "Open as a result",
    }
    assert "javascript:" not in page
    assert "<b>bold</b>" not in page
    assert "NotFoundFault" in page
    for form in ways(page).values():
        assert client.get(form).status_code == 200


def test_nothing_is_fetched_for_a_page_or_a_form(client, ask, service, server):
    service.everything()
    address = ask("query.datalink", access_url=service.url)
    before = len(server.requests)

    for form in ways(client.get(f"{address}/results/result").text).values():
        client.get(form)

    assert len(server.requests) == before


@pytest.mark.slow
def test_a_cut_out_stands_on_the_page_of_its_job(client, ask, service, server):
    service.everything()
    server.routes["/cut"] = lambda exchange: exchange.answer(image(), content_type="text/html")
    address = ask("query.datalink", access_url=service.url)
    form = client.get(ways(client.get(f"{address}/results/result").text)["Cut out a part"]).text
    values = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]+)"', form))
    assert (values["id"], values["circle"]) == ("ivo://x/1", "180.0 40.0 0.5")
    assert "KIND one of HEADER, DATA" in form

    job = ask(
        "query.soda", access_url=values["access_url"], id=values["id"], circle="180 40 1 arcmin"
    )

    page = client.get(job).text
    assert f'<img src="{job}/results/preview/file" alt="HDU 0: 20 by 20 pixels' in page
    with client.get(f"{job}/results/cutout/file") as response:
        assert response.content_type == "application/fits"
        assert response.data == image()


@pytest.mark.parametrize("claimed", ["image/png", "text/html", "image/svg+xml"])
def test_a_page_that_is_called_an_image_is_never_shown(client, ask, server, claimed):
    server.routes["/cut"] = lambda exchange: exchange.answer(
        "<html><script>alert(1)</script><body>Sorry, members only</body></html>",
        content_type=claimed,
    )

    job = ask("query.soda", access_url=f"{server.url}/cut", circle="180 40 0.1")

    page = text_of(client.get(job))
    assert "it says: Sorry, members only" in page
    assert "alert(1)" not in page
    assert "/file" not in page


def test_bytes_that_are_called_an_image_are_only_taken_away(client, ask, server):
    server.routes["/cut"] = lambda exchange: exchange.answer(
        b"\x00\x01<script>alert(1)</script>", content_type="image/png"
    )

    job = ask("query.soda", access_url=f"{server.url}/cut", circle="180 40 0.1")

    assert "<img" not in client.get(job).text
    with client.get(f"{job}/results/cutout/file") as response:
        assert response.content_type == "application/octet-stream"
        assert response.headers["Content-Disposition"].startswith("attachment")


def test_a_table_with_a_service_of_links_offers_them_on_every_row(client, ask, service, server):
    described = soda(service.url, standard="ivo://ivoa.net/std/DataLink#links-1.1").replace(
        'arraysize="*" value="ivo://x/1"', 'arraysize="*" value="" ref="col_ID"'
    )
    content = links({"ID": "ivo://x/5"}, {"ID": "ivo://x/6"}, after=described)
    server.routes["/t"] = lambda exchange: exchange.answer(content.replace("semantics", "word"))
    address = ask("query.open-table", access_url=f"{server.url}/t")

    page = client.get(f"{address}/results/result").text

    assert page.count(">What belongs to it</a>") == 2
    assert "id=ivo%3A%2F%2Fx%2F6" in ways(page)["What belongs to it"]


def test_a_file_that_is_too_large_is_said_before_it_is_fetched(client, ask, server):
    server.routes["/a.fits"] = lambda exchange: exchange.answer(b"\0" * 1_000_001)

    job = ask("query.preview", access_url=f"{server.url}/a.fits")

    assert "larger than 1 MB" in client.get(job).text


def test_what_cannot_be_sent_is_said_at_the_field(client, service):
    response = client.post(
        f"{VO}/query.soda", data={"access_url": service.url, "circle": "180 40 1 furlong"}
    )

    assert response.status_code == 422
    assert "the unit furlong cannot be used here" in text_of(response)
