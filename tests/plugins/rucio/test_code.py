"""The programs beside a job, run by Rucio's own client against the real server."""

import json

import pytest

from portal_rucio.dids import DidsQuery
from portal_rucio.files import FilesQuery
from portal_rucio.replicas import ReplicasQuery
from tests.plugins.rucio.conftest import run

pytestmark = [pytest.mark.peers, pytest.mark.slow]

SAY = "\nimport json\nprint(json.dumps([one['name'] for one in table]))\n"


@pytest.fixture
def run_program(rucio, tmp_path):
    """Return a function that runs a program as Ada does, and gives the names in its table."""

    def run_program(text):
        return json.loads(rucio.run_client(text + SAY, user="ada", folder=tmp_path))

    return run_program


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (
            DidsQuery,
            {"scope": "survey", "name": "d*1", "did_type": "all", "filters": ["project=M31"]},
        ),
        (FilesQuery, {"did": "survey:everything"}),
        (ReplicasQuery, {"did": ["survey:dr1", "survey:dr2"], "rse_expression": "site=archive"}),
    ],
)
def test_a_program_finds_what_the_job_found(lake, ada, run_program, kind, asked):
    query = kind(lake)
    (snippet,) = query.code(query.Parameters(**asked), maxrec=1000)
    assert sorted(run_program(snippet.text)) == sorted(
        row["name"] for row in run(query, ada, **asked)
    )


@pytest.mark.parametrize("name", ["'); import os; os.abort() #", "\\", "\n'''", "{url}"])
def test_a_name_stays_a_text_whatever_is_in_it(lake, name):
    query = DidsQuery(lake)
    (snippet,) = query.code(query.Parameters(scope=f"s{name}", name=f"n{name}x"), maxrec=1)
    compile(snippet.text, "snippet", "exec")
    assert snippet.text.count("import") == 1 + 2 * name.count("import")
