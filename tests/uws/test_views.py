import io
from dataclasses import replace
from datetime import datetime
from datetime import UTC

import pytest
from astropy.io.votable import parse
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pyvo.dal.adhoc import DatalinkQuery
from pyvo.io import vosi

from portal.uws.descriptors import Addresses
from portal.uws.views import availability
from portal.uws.views import capabilities
from portal.uws.views import service_descriptor
from tests.services import stilts
from tests.support.declared import EVERY_KIND

ADDRESSES = Addresses("https://example.org/uws")
UP = datetime(2026, 1, 31, 12, tzinfo=UTC)
UWS = "ivo://ivoa.net/std/UWS#rest-1.1"


@pytest.fixture(scope="module")
def resource():
    """Return the service descriptor as astropy reads it, with every warning an error."""
    written = service_descriptor(EVERY_KIND, ADDRESSES)
    return parse(io.BytesIO(written), verify="exception").resources[0]


def test_a_service_descriptor_is_one_as_datalink_has_it(resource):
    params = {one.name: one.value for one in resource.params}

    assert (resource.type, resource.utype) == ("meta", "adhoc:service")
    assert params == {
        "accessURL": "https://example.org/uws/test.kinds",
        "standardID": UWS,
    }
    (group,) = resource.groups
    assert group.name == "inputParams"
    (ra,) = [one for one in group.entries if one.name == "ra"]
    assert (str(ra.unit), ra.ucd, ra.values.min, ra.values.max) == ("deg", "pos.eq.ra", 0, 360)


def test_pyvo_fills_a_service_descriptor_in(resource):
    untouched = DatalinkQuery.from_resource([], resource)
    filled = DatalinkQuery.from_resource([], resource, ra=10.5, corner=(1, 2), how="down", count=3)

    assert untouched.baseurl == "https://example.org/uws/test.kinds"
    assert dict(untouched) == {"EPOCH": 2000.0, "EXACT": True, "HOW": "up"}
    assert filled["RA"] == "10.5"
    assert filled["CORNER"] == "1 2"
    assert (filled["HOW"], filled["COUNT"]) == ("down", "3")


# pyvo knows no parameters of a ParamHTTP.
@pytest.mark.filterwarnings("ignore::pyvo.utils.xml.exceptions.UnknownElementWarning")
def test_pyvo_reads_the_capabilities():
    found = vosi.parse_capabilities(io.BytesIO(capabilities([EVERY_KIND], ADDRESSES)))

    assert [(one.standardid, one.interfaces[0].accessurls[0].content) for one in found] == [
        ("ivo://ivoa.net/std/VOSI#capabilities", "https://example.org/uws/capabilities"),
        ("ivo://ivoa.net/std/VOSI#availability", "https://example.org/uws/availability"),
        (UWS, "https://example.org/uws/jobs"),
        (UWS, "https://example.org/uws/test.kinds"),
    ]


def test_the_capabilities_say_what_each_type_takes():
    root = etree.fromstring(capabilities([EVERY_KIND], ADDRESSES))
    params = {one.findtext("name"): one for one in root.iter("param")}

    assert params["ra"].get("use") == "required"
    assert params["ra"].findtext("unit") == "deg"
    assert params["corner"].find("dataType").get("arraysize") == "2"


def test_pyvo_reads_the_availability():
    up = vosi.parse_availability(io.BytesIO(availability(available=True, up_since=UP)))
    down = vosi.parse_availability(
        io.BytesIO(availability(available=False, up_since=UP, note="Being mended"))
    )

    assert (up.available, down.available) == (True, False)
    assert up.upsince.startswith("2026-01-31T12:00:00")
    assert list(down.notes) == ["Being mended"]


@given(st.text())
def test_no_title_and_no_description_makes_a_document_malformed(text):
    made = replace(EVERY_KIND, title=text, description=text)

    for written in (
        capabilities([made], ADDRESSES),
        service_descriptor(made, ADDRESSES),
        availability(available=True, up_since=UP, note=text),
    ):
        etree.fromstring(written)


@pytest.mark.peers
def test_the_documents_are_valid_by_the_schemas_of_the_ivoa():
    capabilities_schema = stilts.schema("VOSICapabilities-v1.0.xsd", "VODataService-v1.2.xsd")
    availability_schema = stilts.schema("VOSIAvailability-v1.0.xsd")

    for anybody in (True, False):
        written = capabilities([EVERY_KIND], ADDRESSES, takes_anybody=anybody)
        capabilities_schema.assertValid(etree.fromstring(written))
    availability_schema.assertValid(
        etree.fromstring(availability(available=False, up_since=UP, note="Being mended"))
    )


@pytest.mark.peers
def test_stilts_finds_nothing_wrong_with_a_service_descriptor(tmp_path):
    path = tmp_path / "service.vot"
    path.write_bytes(service_descriptor(EVERY_KIND, ADDRESSES))

    assert stilts.run("votlint", str(path)).strip() == ""


# pyvo knows no parameters of a ParamHTTP.
@pytest.mark.filterwarnings("ignore::pyvo.utils.xml.exceptions.UnknownElementWarning")
@pytest.mark.parametrize(("takes_anybody", "first"), [(True, None), (False, "BasicAA")])
def test_the_capabilities_say_how_to_log_in(takes_anybody, first):
    written = capabilities([EVERY_KIND], ADDRESSES, takes_anybody=takes_anybody)

    found = vosi.parse_capabilities(io.BytesIO(written))

    for capability in found:
        if "UWS" in capability.standardid:
            methods = [one.standardid for one in capability.interfaces[0].securitymethods]
            assert (methods[0] or "").rpartition("#")[2] == (first or "")
            assert "ivo://ivoa.net/sso#BasicAA" in methods
