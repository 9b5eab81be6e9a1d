from html import unescape

import pytest

from tests.plugins.vo.pages.conftest import RECORDS

PAGE = "/archives/vo/pages/resource"


def look(client, ivoid):
    response = client.get(PAGE, query_string={"ivoid": ivoid})
    assert response.status_code == 200
    return unescape(response.text)


@pytest.mark.parametrize(
    "part",
    [
        "<h1>Pulsar timing observations</h1>",
        "/vo/query.tap?access_url=http%3A%2F%2Fvo.example.org%2Ftap",
        'href="https://doi.org/10.1234/psr"',
        'href="https://ui.adsabs.harvard.edu/abs/1968Natur.217..709H"',
        "Help desk · help@example.org",
        "Example Observatory",
        "All of the sky",
        "1995-10-10 to 1998-07-06",
        "1.51 GHz to 3.02 GHz",
        "issued 1968-02-24",
        'href="/archives/vo/pages/registry?subject=pulsars"',
        'href="/archives/vo/pages/resource?ivoid=ivo%3A%2F%2Fa%2Fimages"',
        "Served by: I</a>",
        "psr.main",
        "<td>time.epoch</td>",
        'href="https://creativecommons.org/publicdomain/zero/1.0/"',
        "Bell, J., Hewish & co (1968): Pulsar timing observations.",
        "  doi = {10.1234/psr},",
        r"  author = {Bell, J. and {Hewish \& co}},",
    ],
)
def test_everything_on_a_resource_is_on_its_page(client, mirror, part):
    assert part in look(client, "ivo://A/Pulsars")


@pytest.mark.parametrize("ivoid", [one for one in RECORDS if one.startswith("ivo://a/")])
def test_no_record_breaks_its_page(client, mirror, ivoid):
    page = client.get(PAGE, query_string={"ivoid": ivoid})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert 'href="javascript:' not in page.text


@pytest.mark.parametrize("ivoid", ["ivo://nobody/nothing", "x", "ivo://a/pulsars' OR 1=1"])
def test_what_is_not_there_is_a_404(client, mirror, ivoid):
    assert client.get(PAGE, query_string={"ivoid": ivoid}).status_code == 404


def test_without_a_copy_there_is_no_resource(client, files):
    assert client.get(PAGE, query_string={"ivoid": "ivo://a/pulsars"}).status_code == 404
