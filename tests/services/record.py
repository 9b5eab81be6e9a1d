"""Record answers of the real VO server for the unit tests, in tests/data/vo.

    python -m tests.services.record

The server's address is replaced, so that a second recording differs only where it matters.
"""

import time
from pathlib import Path

import requests

from portal_vo.registry import RegistryParameters
from portal_vo.registry import RegistryQuery
from tests.services.dachs import Dachs

DATA = Path(__file__).resolve().parents[1] / "data" / "vo"
ADDRESS = "http://vo.portal.test"
SEARCH = RegistryParameters(keywords="tests")
SOURCES = "SELECT TOP 200 * FROM labcat.sources ORDER BY source_id"
SECONDS = 60


def main() -> None:
    """Start the server if need be, and record everything."""
    server = Dachs.find()
    started = server.start()
    try:
        _record(server.url)
    finally:
        if started:
            server.stop()


def _record(root: str) -> None:
    DATA.mkdir(parents=True, exist_ok=True)
    tap = f"{root}/tap"
    search = RegistryQuery(tap).text(SEARCH)
    answers = {
        "capabilities.xml": requests.get(f"{tap}/capabilities", timeout=SECONDS),
        "registry.vot": _ask(tap, search, RESPONSEFORMAT="votable/td"),
        "binary2.vot": _ask(tap, SOURCES, RESPONSEFORMAT="votable/b2"),
        "overflow.vot": _ask(tap, "SELECT * FROM labcat.sources", MAXREC="5"),
        "error.vot": _ask(tap, "SELECT FROM labcat.sources"),
        **_jobs(tap),
    }
    for name, answer in answers.items():
        (DATA / name).write_bytes(answer.content.replace(root.encode(), ADDRESS.encode()))


def _ask(tap: str, query: str, **extra: str) -> requests.Response:
    return requests.post(f"{tap}/sync", data=_form(query) | extra, timeout=SECONDS)


def _form(query: str) -> dict[str, str]:
    return {"REQUEST": "doQuery", "LANG": "ADQL", "QUERY": query}


def _jobs(tap: str) -> dict[str, requests.Response]:
    good, bad = _create(tap, SOURCES), _create(tap, "SELECT nothing FROM labcat.sources")
    pending = requests.get(good, timeout=SECONDS)
    return {
        "job-pending.xml": pending,
        "job-completed.xml": _finish(good),
        "job-error.xml": _finish(bad),
    }


def _create(tap: str, query: str) -> str:
    form = _form(query)
    answer = requests.post(f"{tap}/async", data=form, timeout=SECONDS, allow_redirects=False)
    return answer.headers["Location"]


def _finish(job: str) -> requests.Response:
    requests.post(f"{job}/phase", data={"PHASE": "RUN"}, timeout=SECONDS)
    give_up = time.monotonic() + SECONDS
    while time.monotonic() < give_up:
        answer = requests.get(job, params={"WAIT": "10"}, timeout=SECONDS)
        if any(f">{phase}<" in answer.text for phase in ("COMPLETED", "ERROR")):
            return answer
    raise TimeoutError(job)


if __name__ == "__main__":
    main()
