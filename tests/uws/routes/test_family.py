"""A job made of others, as its documents show it."""

import pytest
from lxml import etree

from portal.uws.types import JobTypes
from tests.uws.conftest import HELLO
from tests.uws.conftest import HELLO_ALL
from tests.uws.routes.test_jobs import UWS


@pytest.fixture
def types():
    return JobTypes([HELLO, HELLO_ALL])


@pytest.fixture
def path(uws):
    """Return the path of a job with two children, which runs."""
    return uws.create({"NAMES": ["Ada", "Bob"], "PHASE": "RUN"}, root="/uws/hello.all")


def info_of(uws, path):
    info = uws.get(path, accept="application/json").json["jobInfo"]
    return info["parent"], info["children"]


def test_documents_of_a_family_name_its_members_and_are_valid(uws, uws_schema, path):
    job_id = path.rpartition("/")[2]
    parent, children = info_of(uws, path)
    assert parent is None
    assert len(children) == 2

    for child in children:
        assert info_of(uws, f"/uws/hello/{child}") == (job_id, None)
        assert uws.xml(f"/uws/jobs/{child}").findtext(f"{UWS}jobInfo/parent") == job_id
    document = uws.xml(path)
    assert document.findtext(f"{UWS}phase") == "EXECUTING"
    assert document.findtext(f"{UWS}jobInfo/children") == " ".join(children)
    assert uws_schema.validate(etree.ElementTree(document)), uws_schema.error_log


def test_a_child_goes_when_its_parent_does(uws, uws_schema, path):
    _, [child, _] = info_of(uws, path)
    shown = uws.xml(f"/uws/hello/{child}")
    assert shown.find(f"{UWS}destruction").get("{http://www.w3.org/2001/XMLSchema-instance}nil")
    assert uws_schema.validate(etree.ElementTree(shown)), uws_schema.error_log

    uws.delete(path)

    assert uws.get(f"/uws/hello/{child}").status_code == 404


def test_an_abort_of_the_parent_is_one_of_its_children(uws, path):
    _, children = info_of(uws, path)

    assert uws.post(f"{path}/phase", {"PHASE": "ABORT"}).status_code == 303

    assert [uws.get(f"/uws/hello/{one}/phase").text for one in children] == ["ABORTED"] * 2
