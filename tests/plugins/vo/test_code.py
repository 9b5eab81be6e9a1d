"""The programs that the portal offers to copy, run as they are written, against a real server."""

import subprocess
import sys

import pytest
from astropy.io.votable import parse_single_table
from hypothesis import given
from hypothesis import strategies as st

from portal_vo.code import python_text
from portal_vo.positional.scs import ConeQuery
from portal_vo.positional.sia2 import Sia2Query
from portal_vo.tap import TapParameters
from portal_vo.tap import TapQuery
from tests.services import debian

# Everything that a shell, Python, curl or STILTS could take for something else.
AWKWARD = """SELECT TOP 5 obs_id, s_ra, 'it''s "a" $(touch x) `id` \\ & % + @file' AS words
FROM ivoa.obscore -- a comment; with {} and <b>
WHERE s_dec > 0 AND obs_collection != 'x'
ORDER BY obs_id"""
PLAIN = "SELECT TOP 3 obs_id, s_ra\nFROM ivoa.obscore\nORDER BY obs_id"
NEEDED = {"curl": "curl", "stilts": "stilts"}


@given(text=st.text(st.characters(codec="utf-8")))
def test_a_text_in_python_is_the_text(text):
    assert eval(python_text(text)) == text


def snippet(parameters, name, maxrec=1000):
    return {one.tool: one.text for one in TapQuery().code(parameters, maxrec=maxrec)}[name]


def run(name, text, folder):
    """Run a program, and return the table it fetched."""
    if name == "pyvo":
        text += "\ntable.write('result.vot', format='votable')\n"
        command = [sys.executable, "-W", "ignore", "-c", text]
    else:
        debian.install(NEEDED[name])
        command = ["bash", "-euo", "pipefail", "-c", text]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return parse_single_table(folder / "result.vot").to_table()


@pytest.mark.peers
@pytest.mark.parametrize("mode", ["asynchronous", "synchronous"])
@pytest.mark.parametrize("name", ["pyvo", "curl", "stilts"])
@pytest.mark.parametrize("query", [pytest.param(PLAIN, marks=pytest.mark.soak), AWKWARD])
def test_each_gives_the_rows_that_the_portal_gets(dachs, job, read, tmp_path, query, name, mode):
    job.allow, job.max_bytes = frozenset(["127.0.0.1"]), 10_000_000
    parameters = TapParameters(access_url=f"{dachs.url}/tap", query=query, mode=mode)
    rows, _ = read(TapQuery().run(parameters, job.context()))

    found = run(name, snippet(parameters, name), tmp_path)

    assert len(found) == len(rows) > 0
    for column in rows[0]:
        assert [str(one) for one in found[column]] == [str(row[column]) for row in rows]


@pytest.mark.peers
@pytest.mark.parametrize("maxrec", [2, pytest.param(0, marks=pytest.mark.soak)])
@pytest.mark.parametrize("name", ["pyvo", "curl", "stilts"])
def test_each_asks_for_as_many_rows_as_the_job(dachs, tmp_path, name, maxrec):
    parameters = TapParameters(
        access_url=f"{dachs.url}/tap", query="SELECT obs_id FROM ivoa.obscore", mode="synchronous"
    )

    assert len(run(name, snippet(parameters, name, maxrec=maxrec), tmp_path)) == maxrec


def find_query(kind, url, **asked):
    query = kind(most_positions=10)
    return query, query.Parameters(access_url=url, **asked)


@pytest.mark.peers
@pytest.mark.parametrize("name", ["pyvo", "curl", "stilts"])
@pytest.mark.parametrize(
    ("kind", "path", "asked"),
    [
        (ConeQuery, "/labcat/q/cone/scs.xml?", {"position": "180 10", "radius": 1.5}),
        (Sia2Query, "/__system__/siap2/sitewide/siap2.xml", {"position": "180 40", "radius": 20}),
    ],
)
def test_a_question_that_is_a_url_gives_the_same_rows(
    dachs, job, read, tmp_path, kind, path, asked, name
):
    job.allow, job.max_bytes = frozenset(["127.0.0.1"]), 10_000_000
    query, parameters = find_query(kind, dachs.url + path, **asked)
    rows, _ = read(query.run(parameters, job.context()))
    text = {one.tool: one.text for one in query.code(parameters, maxrec=job.maxrec)}[name]

    found = run(name, text, tmp_path)

    assert len(found) == len(rows) > 0
