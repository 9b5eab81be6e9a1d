"""Descriptions that are damaged anywhere, in any way, are refused in words or mean something."""

import copy
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.parameters import json_schema
from portal.parameters import read_form
from portal.plugins import Archive
from portal.plugins import Cone
from portal.plugins import parse_adql
from portal.plugins.described.building import build_archive
from portal.plugins.described.faults import DescriptionError
from portal.plugins.described.places import find_lines
from portal.plugins.described.places import line_of
from tests.plugins.described.test_documentation import EXAMPLE
from tests.support.descriptions import PROTOCOLS

LINES = find_lines(EXAMPLE)
WHOLE = tomllib.loads(EXAMPLE)["archives"][0]
ABSURD = (
    None, True, False, 0, -1, 10**30, float("nan"), float("inf"), "", " ", "\0", "a\nb", "x" * 400,
    "'; DROP TABLE a; --", '"', "all", "tap", "__class__", "self", "choice", "time", [], [[]], {},
    {"a": 1}, [1, "a"], ["-"], "M 31", "=", "javascript:alert(1)", "https://example.org/",
)  # fmt: skip


def places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for key, one in items:
        yield from places(one, (*path, key))


PLACES = [path for path in places(WHOLE) if path]


def damaged(path, action, value):
    """Return the example with one thing replaced, removed, repeated or added."""
    whole = copy.deepcopy(WHOLE)
    inside = whole
    for key in path[:-1]:
        inside = inside[key]
    if action == "remove":
        del inside[path[-1]]
    elif action == "repeat" and isinstance(inside, list):
        inside.append(copy.deepcopy(inside[path[-1]]))
    elif action == "add" and isinstance(inside, dict):
        inside["surplus"] = value
    else:
        inside[path[-1]] = value
    return whole


@pytest.mark.slow
@given(
    path=st.sampled_from(PLACES),
    action=st.sampled_from(["replace", "replace", "remove", "repeat", "add"]),
    value=st.sampled_from(ABSURD),
)
def test_damage_is_refused_with_a_line_or_leaves_an_archive(path, action, value):
    archive, faults = build(damaged(path, action, value))

    assert archive or faults
    assert all(line_of(LINES, ("archives", 0, *one.path)) for one in faults)
    assert all(one.message.isprintable() for one in faults)
    if archive:
        assert_works(archive)


def build(block):
    try:
        return build_archive(block, PROTOCOLS), ()
    except DescriptionError as error:
        return None, error.faults


def assert_works(archive):
    assert isinstance(archive, Archive)
    for query in archive.queries:
        json_schema(query.Parameters)
        asked = query.from_cone(Cone(ra=1, dec=2, radius=0.5))
        if asked is None:
            continue
        text = query.text(read_form(query.Parameters, asked.items()))
        if text.startswith("SELECT"):
            parse_adql(text)
