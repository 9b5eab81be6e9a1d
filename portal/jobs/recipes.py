"""How a program asks what a job asked: requests written out for curl and for Python."""

import shlex
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from portal.uws.types import DeclaredResult
from portal.uws.types import VOTABLE

EXTENSIONS = {VOTABLE: ".vot"}

CURL = """\
job=$(curl -sSf --oauth2-bearer "$PORTAL_TOKEN" -o /dev/null -w '%{{redirect_url}}' \\
{data}
  {root})
while curl -sSf --oauth2-bearer "$PORTAL_TOKEN" "$job/phase" | grep -Eq 'QUEUED|EXECUTING'; do
  curl -sSf --oauth2-bearer "$PORTAL_TOKEN" -o /dev/null "$job?WAIT=50"
done
{fetch}"""
FETCH = 'curl -sSf --oauth2-bearer "$PORTAL_TOKEN" -o {file} "$job/results/{name}"'

PYTHON = """\
import os

import pyvo
import requests

session = requests.Session()
session.headers["Authorization"] = "Bearer " + os.environ["PORTAL_TOKEN"]
created = session.post(
    {root!r},
    data=[
{data}
    ],
    allow_redirects=False,
)
created.raise_for_status()
job = pyvo.dal.AsyncTAPJob(created.headers["Location"], session=session)
job.wait()
job.raise_if_error()
table = job.fetch_result().to_table()"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipes:
    """Requests that make a job like one that is there, run it, follow it and fetch its results.

    `root` and `job` are what a UWS client wants to know. The token is read from the
    environment: what is copied and passed on holds none.
    """

    root: str
    job: str
    curl: str
    python: str


def write_recipes(
    *,
    root: str,
    job: str,
    type_name: str,
    parameters: Iterable[tuple[str, str]],
    results: Sequence[DeclaredResult],
) -> Recipes:
    """Write the requests for a job's type and parameters."""
    sent = [("TYPE", type_name), *parameters, ("PHASE", "RUN")]
    return Recipes(root=root, job=job, curl=_curl(root, sent, results), python=_python(root, sent))


def _curl(root: str, sent: Sequence[tuple[str, str]], results: Sequence[DeclaredResult]) -> str:
    data = "\n".join(
        f"  --data-urlencode {shlex.quote(f'{quote(name)}={value}')} \\" for name, value in sent
    )
    fetch = "\n".join(
        FETCH.format(file=one.name + EXTENSIONS.get(one.media_type, ""), name=one.name)
        for one in results
    )
    return CURL.format(root=shlex.quote(root), data=data, fetch=fetch)


def _python(root: str, sent: Sequence[tuple[str, str]]) -> str:
    data = "\n".join(f"        {pair!r}," for pair in sent)
    return PYTHON.format(root=root, data=data)
