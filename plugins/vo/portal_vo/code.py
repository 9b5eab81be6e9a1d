"""Requests to services of the Virtual Observatory, written out for pyvo, curl and STILTS."""

import shlex
from collections.abc import Iterable

from portal.plugins import Snippet

PYTHON = "Python with pyvo"
CURL = "curl"
STILTS = "STILTS"

TAP_JOB = """\
job=$(curl -sSf -o /dev/null -w '%{{redirect_url}}' \\
{data}
  {url}/async)
curl -sSf -o /dev/null -d PHASE=RUN "$job/phase"
while curl -sSf "$job/phase" | grep -Eq 'QUEUED|EXECUTING'; do sleep 2; done
curl -sSfL -o result.vot "$job/results/result"
"""
LIST_FILE = "positions.csv"  # columns row, ra, dec (degrees), target
LIST_IN_PYTHON = """\
import csv

import pyvo
from astropy.table import vstack

url = {url!r}
tables = []
with open("{file}", newline="") as file:  # it lies beside the rows of the job
    for place in csv.DictReader(file):
        asked = url.replace("{{ra}}", place["ra"]).replace("{{dec}}", place["dec"])
        tables.append(pyvo.dal.DALQuery(asked).execute().to_table())
table = vstack(tables, metadata_conflicts="silent")
"""
LIST_IN_SHELL = """\
# {file} lies beside the rows of the job
tail -n +2 {file} | while IFS=, read -r row ra dec target; do
  {ask}
done
"""
TAP_DIRECTLY = """\
curl -sSfL -o result.vot \\
{data}
  {url}/sync
"""


def tap_code(url: str, query: str, *, maxrec: int, is_job: bool) -> list[Snippet]:
    """Return how a TAP service is asked (TAP 1.1, sections 2 and 5), as a job or directly."""
    run = "run_async" if is_job else "run_sync"
    # pyvo takes a maxrec of 0 for none at all, but not the parameter that it stands for.
    limit = f"maxrec={maxrec}" if maxrec else "MAXREC=0"
    python = (
        "import pyvo\n\n"
        f"service = pyvo.dal.TAPService({url!r})\n"
        f"query = {python_text(query)}\n"
        f"table = service.{run}(query, {limit}).to_table()\n"
    )
    sent = [("REQUEST", "doQuery"), ("LANG", "ADQL"), ("MAXREC", str(maxrec)), ("QUERY", query)]
    curl = (TAP_JOB if is_job else TAP_DIRECTLY).format(data=curl_data(sent), url=shlex.quote(url))
    stilts = command(
        "stilts tapquery",
        [
            f"tapurl={url}",
            f"adql={query}",
            f"maxrec={maxrec}",
            f"sync={str(not is_job).lower()}",
            "out=result.vot",
        ],
    )
    return [
        Snippet(tool="pyvo", title=PYTHON, text=python, language="python"),
        Snippet(tool="curl", title=CURL, text=curl),
        Snippet(tool="stilts", title=STILTS, text=stilts),
    ]


def url_code(url: str) -> list[Snippet]:
    """Return how a service is asked whose whole question is in a URL (DALI 1.1, section 2.1)."""
    python = f"import pyvo\n\ntable = pyvo.dal.DALQuery({url!r}).execute().to_table()\n"
    words = [f"in={url}", "ifmt=votable", "out=result.vot"]
    return [
        Snippet(tool="pyvo", title=PYTHON, text=python, language="python"),
        Snippet(tool="curl", title=CURL, text=command("curl -sSfL -o result.vot", [url])),
        Snippet(tool="stilts", title=STILTS, text=command("stilts tcopy", words)),
    ]


def list_code(url: str) -> list[Snippet]:
    """Return how a service is asked about each place of a list, which a job has beside its rows.

    `url` has {ra} and {dec} where those of a place go.
    """
    python = LIST_IN_PYTHON.format(file=LIST_FILE, url=url)
    quoted = shlex.quote(url)
    for name in ("ra", "dec"):
        quoted = quoted.replace(f"{{{name}}}", f"'\"${name}\"'")
    asked = {
        "curl": (CURL, f'curl -sSfL -o "result-$row.vot" {quoted}'),
        "stilts": (STILTS, f'stilts tcopy in={quoted} ifmt=votable out="result-$row.vot"'),
    }
    return [
        Snippet(tool="pyvo", title=PYTHON, text=python, language="python"),
        *(
            Snippet(tool=tool, title=title, text=LIST_IN_SHELL.format(file=LIST_FILE, ask=ask))
            for tool, (title, ask) in asked.items()
        ),
    ]


def python_text(text: str) -> str:
    """Return a string as Python writes it, over several lines where that can be."""
    if "\n" not in text or '"""' in text or "\\" in text or text.endswith('"') or "\r" in text:
        return repr(text)
    return f'"""{text}"""'


def curl_data(sent: Iterable[tuple[str, str]]) -> str:
    """Return the options that have curl send a form, a line for each value."""
    words = [shlex.quote(f"{name}={value}") for name, value in sent]
    return "\n".join(f"  --data-urlencode {word} \\" for word in words)


def command(program: str, words: Iterable[str]) -> str:
    """Return a command for a shell, a line for each of its words."""
    return " \\\n  ".join([program, *map(shlex.quote, words)]) + "\n"
