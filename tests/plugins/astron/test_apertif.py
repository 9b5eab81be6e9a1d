"""Apertif, asked through the API of ALTA."""

import shlex

import pytest

from portal.parameters import form_fields
from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins import Cone
from portal.plugins import ServiceError
from portal.plugins import TransientError
from portal.plugins import UsageError
from portal.plugins.testing import check_abort
from portal.plugins.testing import check_archive
from portal.plugins.testing import read_result
from portal.plugins.testing import RunningJob
from portal_astron.apertif.archive import apertif_archive
from portal_astron.apertif.query import PAGE_SIZE
from portal_astron.apertif.query import ProductsQuery
from portal_astron.settings import AstronSettings
from tests.support.alta import Alta
from tests.support.alta import PATH
from tests.support.alta import product
from tests.support.loopback import loopback

KINDS = {
    "uncalibratedVisibility": "visibility",
    "calibratedVisibility": "visibility",
    "continuumMF": "image",
    "continuumChunk": "image",
    "imageCube": "cube",
    "beamCube": "cube",
    "polarisationImage": "image",
    "polarisationCube": "cube",
    "continuumCube": "cube",
    "pulsarTimingTimeSeries": "timeSeries",
}


@pytest.fixture
def alta():
    with loopback() as server:
        api = Alta(server)
        api.products = [
            product(number, subtype=subtype, type=kind)
            for number, (subtype, kind) in enumerate(KINDS.items())
        ]
        yield api


@pytest.fixture
def job(alta, tmp_path):
    return RunningJob(data_dir=tmp_path, allow=frozenset([alta.server.host]))


@pytest.fixture
def ask(alta, job):
    """Return a function that sends the form, and gives the rows and the end."""
    query = ProductsQuery(AstronSettings(alta_url=alta.url))

    def ask(**values):
        parameters = read_form(query.Parameters, values.items())
        return read_result(query.run(parameters, job.context()))

    return ask


def kinds(rows):
    return {row["dataproduct_subtype"] for row in rows}


def test_the_archive_keeps_the_contract():
    check_archive(apertif_archive(AstronSettings()))


def test_the_form_has_every_field_choice_and_default():
    query = ProductsQuery(AstronSettings())
    fields = {one.name: one for one in form_fields(query.Parameters)}
    offered = {
        name: [one.value for one in fields[name].choices]
        for name in ("collection", "level", "dataproduct_type", "release")
    }

    assert {"target", "position", "radius"} <= set(fields)
    assert offered == {
        "collection": ["all", "imaging", "timedomain"],
        "level": ["all", "raw", "processed"],
        "dataproduct_type": ["all", "visibility", "image", "cube"],
        "release": [
            "all",
            "APERTIF_DR1_Imaging",
            "SVC_2019_Imaging",
            "SVC_2019_TimeDomain",
            "Commissioning2018",
        ],
    }
    defaults = query.Parameters()
    assert (defaults.collection, defaults.level) == ("imaging", "processed")
    assert (defaults.dataproduct_type, defaults.release) == ("all", "APERTIF_DR1_Imaging")


def test_the_default_form_has_data(ask):
    rows, end = ask()

    assert len(rows) == 8
    assert not end.overflow


@pytest.mark.parametrize(
    ("collection", "level", "number"),
    [
        ("imaging", "raw", 1),
        ("imaging", "processed", 8),
        ("imaging", "all", 9),
        ("timedomain", "processed", 1),
        ("timedomain", "raw", 1),
        ("timedomain", "all", 1),
        ("all", "raw", 2),
        ("all", "processed", 8),
        ("all", "all", 10),
    ],
)
def test_collection_and_level_choose_the_kinds_of_data(ask, collection, level, number):
    rows, _ = ask(collection=collection, level=level)

    assert len(kinds(rows)) == number


def test_each_data_set_has_data_of_its_own(ask):
    found = [kinds(ask(**one.parameters)[0]) for one in apertif_archive(AstronSettings()).datasets]

    assert len(found[0]) == 8
    assert found[1:] == [{"uncalibratedVisibility"}, {"pulsarTimingTimeSeries"}]


def test_a_row_has_the_address_and_the_picture_of_its_data(alta, ask):
    alta.products = [
        product(7, storageRef="a b/im#1.fits", thumbnail="https://pictures.example.org/7.png"),
        product(8, thumbnail="/alta-static/media/static/none.png", derived_release_id=None),
        product(9, RA="", dec=None, fov="wide", calibrationLevel=None, generatedByActivity=[]),
    ]
    alta.ignores = frozenset({"release__release_id"})
    rows, _ = ask(release="all")

    assert rows[0]["access_url"] == (
        "https://alta.astron.nl/webdav/APERTIF_DR1_Imaging/a%20b/im%231.fits"
    )
    assert rows[0]["thumbnail"] == "https://pictures.example.org/7.png"
    assert (rows[0]["s_ra"], rows[0]["s_dec"], rows[0]["calib_level"]) == (10.0, 20.0, 2)
    assert rows[0]["obs_publisher_did"] == "21.12136/00000007"
    assert (rows[1]["access_url"], rows[1]["thumbnail"]) == (None, None)
    assert [rows[2][name] for name in ("s_ra", "s_fov", "calib_level", "activity")] == [None] * 4


def test_all_pages_are_read_and_the_limit_marks_the_cut(alta, ask, job):
    alta.products = [product(number) for number in range(130)]
    alta.most = 50
    rows, end = ask()

    assert [row["obs_title"] for row in rows] == [one["name"] for one in alta.products]
    assert [one["page"] for one in alta.asked] == ["1", "2", "3"]
    assert "2 of 3 pages have arrived" in job.messages
    assert not end.overflow

    job.maxrec = 60
    rows, end = ask()
    assert len(rows) == 60
    assert end.overflow
    assert [one["page"] for one in alta.asked[3:]] == ["1", "2"]


def test_a_position_is_sent_in_degrees_and_a_name_is_looked_up(alta, ask, job):
    job.positions = {"M 101": (210.8, 54.35)}
    alta.products = [product(1, ra=210.9, dec=54.3), product(2)]

    rows, _ = ask(position="M 101", radius="0.5", target="IMAGE_mf")

    assert [row["obs_title"] for row in rows] == ["image_mf_01.fits"]
    asked = alta.asked[-1]
    assert (asked["view_ra"], asked["view_dec"], asked["view_fov"]) == ("210.8", "54.35", "0.5")
    assert asked["target__icontains"] == "IMAGE_mf"
    assert asked["page_size"] == str(PAGE_SIZE)


@pytest.mark.parametrize("target", ["a&release__release_id=x", "%00", "ü' OR 1=1 --", "#x?y"])
def test_no_value_becomes_another_parameter(alta, ask, target):
    ask(target=target)

    assert alta.asked[-1]["target__icontains"] == target


def test_filters_that_the_archive_ignores_do_not_add_rows(alta, ask, job):
    alta.ignores = frozenset({"dataProductSubType__in", "release__release_id"})
    alta.products.append(product(99, derived_release_id="Commissioning2018"))

    rows, _ = ask()

    assert len(rows) == 8
    assert "sent 3 data products that were not asked for" in job.lines[-1]


def test_a_cone_of_all_archives_asks_for_all_kinds(ask):
    query = ProductsQuery(AstronSettings())
    cone = query.from_cone(Cone(ra=10, dec=20, radius=0.5))
    rows, _ = ask(**cone)

    assert len(kinds(rows)) == len(KINDS)
    assert query.from_cone(Cone(ra=1, dec=2, radius=1, band=(1, None))) is None
    assert query.from_cone(Cone(ra=1, dec=2, radius=1, time=(None, 5))) is None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"collection": "all", "level": "all", "release": "all"}, "choose by"),
        ({"release": "nothing"}, "choose one of"),
        ({"radius": "181"}, "at most 180"),
        ({"position": "500 0"}, "0 to 360"),
        ({"target": "x" * 201}, "longer than"),
    ],
)
def test_absurd_values_are_refused_at_their_fields(ask, values, message):
    with pytest.raises(InvalidParametersError, match=message):
        ask(**values)


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (400, '{"view_ra": ["Enter a number."]}', UsageError, "Enter a number"),
        (404, "<html>gone</html>", ServiceError, "404"),
        (500, '{"detail": "out of memory"}', ServiceError, "out of memory"),
        (503, '{"detail": "down until noon"}', TransientError, "down until noon"),
        (200, "<html>hello</html>", ServiceError, "not JSON"),
        (200, '{"count": 1}', ServiceError, "does not have"),
        (200, '{"count": 1, "results": [{"name": 5}]}', ServiceError, "does not have"),
        (200, "[" * 5000, ServiceError, "not JSON"),
    ],
)
def test_failures_are_told_in_the_archives_words(alta, ask, status, body, error, words):
    alta.server.routes[PATH] = lambda exchange: exchange.answer(
        body, status=status, content_type="application/json"
    )

    with pytest.raises(error, match=words):
        ask()


def test_to_know_whether_it_answers_one_product_is_asked_for(alta, ask, job):
    job.maxrec = 0
    rows, end = ask(**apertif_archive(AstronSettings()).health.parameters)

    assert rows == []
    assert end.overflow
    assert [one["page_size"] for one in alta.asked] == ["1"]


def test_an_endless_number_of_pages_ends_with_the_first_empty_one(alta, ask):
    alta.server.routes[PATH] = lambda exchange: exchange.answer(
        '{"count": 9, "pages": 1000000000, "results": []}', content_type="application/json"
    )

    assert ask()[0] == []


def test_rows_become_items_of_the_basket(alta, job):
    query = ProductsQuery(AstronSettings(alta_url=alta.url))
    table = query.run(query.Parameters(), job.context())
    rows, _ = read_result(table)
    item = query.to_items(table.columns, rows)[0]

    assert item.title == "image_mf_01.fits"
    assert item.publisher_did == "21.12136/00000001"
    assert item.access_url.startswith("https://alta.astron.nl/webdav/APERTIF_DR1_Imaging/")
    assert item.obs_collection == "imaging"


def test_programs_ask_for_the_same_first_page(alta, job):
    query = ProductsQuery(AstronSettings(alta_url=alta.url))
    parameters = query.Parameters(position="10 20", target="image_mf_01'; rm -rf *")

    python, curl = query.code(parameters, maxrec=5)
    asked = {}
    exec(python.text.replace("import requests", ""), {"requests": job.context().http}, asked)

    assert asked["page"]["count"] == 0
    assert alta.asked[-1]["target__icontains"] == "image_mf_01'; rm -rf *"
    assert alta.asked[-1]["view_ra"] == "10"
    assert shlex.split(curl.text.replace("\\\n", ""))[:-1] == [
        "curl",
        "-sSf",
        "-o",
        "products.json",
    ]
    assert query.code(query.Parameters(position="M 101"), maxrec=5) == ()


def test_an_abort_is_orderly(alta, job):
    query = ProductsQuery(AstronSettings(alta_url=alta.url))

    check_abort(query, query.Parameters(), job)
