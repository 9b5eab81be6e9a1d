"""Every field of every form with values that nobody means well with."""

from types import ModuleType

import pytest

import portal_astron
import portal_vo
from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins import parse_adql

ABSURD = (
    "", " ", "0", "-1", "1e999", "nan", "inf", "99999999999999999999", "a\0b", "\ud800",
    "x" * 100_001, "12:30:49 +12:23:28", "M 31", "360 90", "361 0", "0 -91", "2019-01-01",
    "0001-01-01", "9999-12-31", "1 GHz", "0 m", "> 1e-300 m", "2 1", "1..", "10..5", "< nan",
    "> inf", "-inf", "true", "all", "ü 漢 🔭",
)  # fmt: skip
HOSTILE = (
    "'", "''", '"', "' OR 1=1 --", "'; DROP TABLE ivoa.obscore; --", "/* */", "\\'", "%", "%00",
    "{ra}", "<script>alert(1)</script>", "${7*7}", "{{7*7}}", "../../etc/passwd", "a&b=c#d",
    "a\r\nb: c",
)  # fmt: skip


@pytest.fixture
def plugins() -> list[tuple[str, ModuleType]]:
    return [("vo", portal_vo), ("astron", portal_astron)]


@pytest.fixture
def queries(app):
    registry = app.extensions["plugins"]
    return [
        query
        for archive in registry.archives
        if registry.plugin_of(archive).startswith("astron")
        for query in archive.queries
    ]


@pytest.mark.slow
def test_each_value_is_refused_at_its_field_or_asked_as_it_is(queries):
    accepted = 0
    for query in queries:
        for name in query.Parameters.model_fields:
            for value in (*ABSURD, *HOSTILE):
                given = {"position": "10 20", name: value}
                parameters, wrong = read(query, given)
                assert wrong <= {name, "form"}, (query.id, given)
                if parameters is not None:
                    assert_asks(query, parameters)
                    accepted += 1

    assert len(queries) == 5
    assert accepted > 300


def read(query, given):
    """Return the parameters, or the names of those that are wrong."""
    try:
        return read_form(query.Parameters, given.items()), set()
    except InvalidParametersError as error:
        return None, {one.name for one in error.errors}


def assert_asks(query, parameters):
    text = query.text(parameters)
    query.job_title(parameters)
    query.code(parameters, maxrec=10)
    link = query.in_adql(parameters)
    if link is not None:
        parse_adql(link.parameters["query"])
        assert text == link.parameters["query"]


@pytest.mark.slow
def test_a_form_shows_any_value_as_text(app, client, queries):
    for query in queries:
        archive = app.extensions["plugins"].archive_of(query.id)
        for name in query.Parameters.model_fields:
            for value in HOSTILE:
                page = client.get(f"/archives/{archive.id}/{query.id}", query_string={name: value})
                assert page.status_code == 200
                assert "<script>alert(1)" not in page.get_data(as_text=True)
