"""The requests that a job's page offers to programs, run as they are written."""

import os
import shlex
import subprocess
import sys
import threading
from dataclasses import replace
from html import unescape
from urllib.parse import unquote_plus

import pytest
from astropy.io.votable import parse_single_table
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.serving import make_server

from portal.accounts.tokens import make_token
from portal.accounts.tokens import named_owner
from portal.jobs.recipes import write_recipes
from portal.uws.listing import list_jobs
from portal.uws.types import THE_TABLE
from tests.jobs.conftest import FORM
from tests.support.pages import text_of

# Everything that a shell, curl, a form, Python or HTML could take for something else.
AWKWARD = 'it\'s "a" $(touch x) `id` \\ & = % + @file ; 100 % <b>\nλ\t{}'
LOOK_SECONDS = 0.2


def recipe(page, name):
    """Return the text that a page offers under a name, as a browser would copy it."""
    _, _, rest = page.partition(f'<pre id="recipe-{name}" tabindex="0"><code>')
    return unescape(rest.partition("</code></pre>")[0])


@pytest.fixture
def root(app):
    """Return the address of the app on a real socket."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def program(app, root, client, work, tmp_path):
    """Return a function that runs a program with a token, and a worker beside it."""
    with app.app_context():
        token = make_token(named_owner("ada"), label="a program").secret

    def run(*command):
        environment = {**os.environ, "PORTAL_TOKEN": token, "HOME": str(tmp_path)}
        process = subprocess.Popen(
            command,
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        while True:
            try:
                output, _ = process.communicate(timeout=LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                work()
            else:
                assert process.returncode == 0, output
                return output

    return run


def parameters_of(app, owner):
    with app.app_context():
        [job] = list_jobs(owner=owner)
        return [(one.name, one.value) for one in job.parameters]


@pytest.fixture
def asked(client, root):
    """Return the page of a job with an awkward parameter."""
    response = client.post(FORM, base_url=root, data={"rows": "3", "survey": AWKWARD})
    return client.get(f"{root}{response.location}").get_data(as_text=True)


@pytest.mark.slow
def test_what_is_written_for_a_shell_makes_runs_and_fetches_the_same(app, asked, program, tmp_path):
    program("sh", "-e", "-c", recipe(asked, "curl"))

    rows = parse_single_table(tmp_path / "result.vot").to_table()
    assert len(rows) == 3
    assert ("survey", AWKWARD) in parameters_of(app, named_owner("ada"))
    assert not (tmp_path / "x").exists()


@pytest.mark.slow
def test_what_is_written_for_python_makes_runs_and_fetches_the_same(app, asked, program):
    python = recipe(asked, "python")

    output = program(sys.executable, "-c", f"{python}\nprint(len(table), table.colnames)")

    assert output.splitlines()[-1].startswith("3 ['name', 's_ra'")
    assert ("survey", AWKWARD) in parameters_of(app, named_owner("ada"))


def test_a_uws_client_is_told_the_list_and_the_job(client, submit):
    url = submit()

    page = text_of(client.get(url))

    assert '<dd class="mono">http://localhost/uws/jobs</dd>' in page
    assert f'<dd class="mono">http://localhost/uws{url}</dd>' in page


def test_a_job_whose_plugin_is_gone_cannot_be_repeated_by_a_program(client, submit, write):
    url = submit()
    write(url, type="query.gone")

    assert "recipe-curl" not in client.get(url).get_data(as_text=True)


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
values = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.lists(st.tuples(names, values), max_size=5))
def test_every_parameter_reaches_the_portal_as_it_was(parameters):
    recipes = write_recipes(
        root="https://portal.example/uws/jobs",
        job="https://portal.example/uws/jobs/1",
        type_name="query.x",
        parameters=parameters,
        results=[THE_TABLE],
    )
    expected = [("TYPE", "query.x"), *parameters, ("PHASE", "RUN")]

    words = shlex.split(recipes.curl.partition("$(")[2].partition(")\nwhile")[0])
    data = [words[place + 1] for place, word in enumerate(words) if word == "--data-urlencode"]
    pairs = [one.partition("=") for one in data]
    assert [(unquote_plus(name), value) for name, _, value in pairs] == expected
    assert words[-1] == "https://portal.example/uws/jobs"

    _, _, rest = recipes.python.partition("    data=[\n")
    listed = rest.partition("\n    ],\n    allow_redirects")[0]
    assert list(eval(f"[{listed}]")) == expected
    compile(recipes.python, "recipe", "exec")


def test_every_result_of_a_type_is_fetched_into_a_file_of_its_own():
    recipes = write_recipes(
        root="https://portal.example/uws/jobs",
        job="https://portal.example/uws/jobs/1",
        type_name="query.x",
        parameters=[],
        results=[THE_TABLE, replace(THE_TABLE, name="plot", media_type="image/png")],
    )

    assert '-o result.vot "$job/results/result"' in recipes.curl
    assert '-o plot "$job/results/plot"' in recipes.curl
