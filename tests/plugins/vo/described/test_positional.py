"""Forms that are described and become requests by position."""

from urllib.parse import parse_qsl
from urllib.parse import urlsplit

import pytest

from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins import Cone
from tests.support.descriptions import ARCHIVE
from tests.support.descriptions import CONE
from tests.support.descriptions import faults
from tests.support.descriptions import query
from tests.support.positional import PositionalService

FIELDS = """
[archives.queries.parameters]
VERB = 3
FORMAT = "image/fits & more"
[[archives.queries.fields]]
name = "mag"
type = "number"
parameter = "MAXMAG"
[[archives.queries.fields]]
name = "which"
type = "choice"
parameter = "format"
choices = [{ value = "all", any = true }, { value = "a b" }]
[[archives.queries.fields]]
name = "public"
type = "boolean"
parameter = "PUBLIC"
ticked = "1"
"""
AROUND = {"position": "10 -20", "radius": "30", "radius_unit": "arcmin"}


def described(folder, service="scs", more=""):
    return query(folder, CONE.replace('"scs"', f'"{service}"') + more)


def sent(query, **values):
    url = query.text(read_form(query.Parameters, list(values.items())))
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


@pytest.mark.parametrize(
    ("service", "pairs"),
    [
        ("scs", {"RA": "10", "DEC": "-20", "SR": "0.5"}),
        ("sia1", {"POS": "10,-20", "SIZE": "1"}),
        ("sia2", {"POS": "CIRCLE 10 -20 0.5"}),
        ("ssa", {"REQUEST": "queryData", "POS": "10,-20", "SIZE": "1"}),
    ],
)
def test_a_position_is_sent_as_the_protocol_has_it(tmp_path, service, pairs):
    asked = described(tmp_path, service)

    assert sent(asked, **AROUND) == {"cat": "a"} | pairs


def test_fields_are_sent_as_the_parameters_that_are_described(tmp_path):
    asked = described(tmp_path, more=FIELDS)
    cone = {"cat": "a", "RA": "10", "DEC": "-20", "SR": "0.5", "VERB": "3"}

    assert sent(asked, **AROUND) == cone | {"FORMAT": "image/fits & more"}
    assert sent(asked, **AROUND, mag="7.5", which="a b", public="true") == cone | {
        "MAXMAG": "7.5", "format": "a b", "PUBLIC": "1"
    }  # fmt: skip
    assert sent(asked, **AROUND, which="all")["FORMAT"] == "image/fits & more"


@pytest.mark.parametrize("value", ["a&RA=0", "a b\r\nHost: evil", "x=y#z", "ü'\"<>", "{ra}"])
def test_no_value_becomes_another_parameter(tmp_path, value):
    more = '[[archives.queries.fields]]\nname = "t"\nparameter = "TARGET"\n'
    asked = described(tmp_path, more=more)

    assert sent(asked, **AROUND, t=value) == {
        "cat": "a", "TARGET": value, "RA": "10", "DEC": "-20", "SR": "0.5"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("service", "pairs"),
    [
        ("sia2", {"BAND": "0.1 0.2", "TIME": "58000 58001"}),
        ("ssa", {"BAND": "0.1/0.2", "TIME": "2017-09-04T00:00:00/2017-09-05T00:00:00"}),
    ],
)
def test_images_and_spectra_are_asked_by_band_and_time(tmp_path, service, pairs):
    asked = described(tmp_path, service)
    cone = Cone(ra=10, dec=-20, radius=0.5, band=(0.1, 0.2), time=(58000, 58001))

    got = sent(asked, **asked.from_cone(cone))

    assert {name: got[name] for name in pairs} == pairs
    assert described(tmp_path).from_cone(cone) is None


def test_several_choices_are_several_parameters(tmp_path):
    more = """[[archives.queries.fields]]
name = "level"
type = "choices"
parameter = "CALIB"
choices = [{ value = 1 }, { value = 2 }]
"""
    asked = described(tmp_path, "sia2", more)
    url = asked.text(read_form(asked.Parameters, [("level", "1"), ("level", "2")]))

    assert "CALIB=1&CALIB=2" in url
    ((_, message),) = faults(tmp_path, ARCHIVE + CONE.replace('"scs"', '"ssa"') + more)
    assert message == "a parameter of SSA has one value"


@pytest.mark.parametrize("service", ["scs", "sia1"])
def test_without_a_position_there_is_no_question(tmp_path, service):
    asked = described(tmp_path, service)

    with pytest.raises(InvalidParametersError, match="give a position"):
        read_form(asked.Parameters, [])


def test_a_cone_that_is_too_wide_is_left_alone(tmp_path):
    asked = described(tmp_path, more="cone = { radius = 1, maximum = 5 }\n")

    assert asked.from_cone(Cone(ra=1, dec=2, radius=6)) is None
    assert sent(asked, position="1 2")["SR"] == "1"
    with pytest.raises(InvalidParametersError, match="at most 5 degrees"):
        sent(asked, position="1 2", radius="6")


def test_the_rows_of_the_service_arrive(tmp_path, server, job, read):
    service = PositionalService(server)
    block = CONE.replace("https://scs.example.org/scs?cat=a&", service.url) + FIELDS
    asked = query(tmp_path, block)
    job.positions = {"M 31": (10.68, 41.27)}
    parameters = read_form(asked.Parameters, [("position", "M 31"), ("mag", "3")])

    rows, _ = read(asked.run(parameters, job.context()))

    assert [row["id"] for row in rows] == ["x"]
    assert service.asked[-1]["MAXMAG"] == "3"
    assert service.asked[-1]["RA"] == "10.68"
    assert asked.to_items([], rows)
    assert asked.job_title(parameters) == "Sources: around M 31, mag 3.0"


def test_a_file_of_positions_is_asked_one_by_one(tmp_path, server, job, read):
    service = PositionalService(server)
    asked = query(tmp_path, CONE.replace("https://scs.example.org/scs?cat=a&", service.url))
    path = tmp_path / "places.csv"
    path.write_text("ra,dec\n1,2\n3,4\n")
    job.uploads = {"positions": path}
    parameters = asked.Parameters(positions="upload:" + "0" * 32)

    rows, _ = read(asked.run(parameters, job.context()))

    assert len(rows) == 2
    assert {one["RA"] for one in service.asked} == {"1", "3"}
    assert asked.job_title(parameters) == "Sources: for a file of positions"


def test_a_known_position_has_programs(tmp_path):
    asked = described(tmp_path, more=FIELDS)
    parameters = read_form(asked.Parameters, [("position", "1 2")])

    assert [one.tool for one in asked.code(parameters, maxrec=10)] == ["pyvo", "curl", "stilts"]
    assert asked.code(asked.Parameters(position="M 31"), maxrec=10) == ()
