"""The UWS service beside that of DaCHS, measured in turn on this machine.

    python -m benchmarks.uws --jobs 300 --stored 100000 --waiters 500

A real portal (`portal up`, SQLite) and a real DaCHS (PostgreSQL), asked over HTTP on the loopback
by the same client. Then what DaCHS does not offer: the newest hundred of many stored jobs, and
clients that wait, each with one blocked request, while somebody else looks at pages.
"""

import argparse
import asyncio
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from datetime import timedelta
from datetime import UTC
from pathlib import Path
from urllib.parse import urlsplit

import requests
from sqlalchemy import insert

from portal import config
from portal import create_app
from portal.accounts.tokens import make_token
from portal.accounts.tokens import named_owner
from portal.accounts.tokens import Scope
from portal.db import db
from portal.uws.models import Job
from portal.uws.models import new_id
from tests.services.dachs import Dachs
from tests.services.state import free_port

COMMAND = [sys.executable, "-c", "from portal.cli import main; main()", "up"]
OWNERS = 50
LISTED = 1000


class Service:
    """A UWS with the parameters of a job that ends at once."""

    def __init__(self, name: str, jobs_url: str, parameters: dict[str, str]) -> None:
        self.name = name
        self.jobs_url = jobs_url
        self.parameters = parameters
        self.http = requests.Session()

    def create(self, http: requests.Session | None = None, **more: str) -> str:
        """Create a job and return its URL."""
        answer = (http or self.http).post(
            self.jobs_url, {**self.parameters, **more}, allow_redirects=False, timeout=60
        )
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def get(self, url: str) -> bytes:
        """Read a document whole."""
        answer = self.http.get(url, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.content

    def run_empty_job(self) -> None:
        """Create and run a job, and wait until it is COMPLETED."""
        url = self.create()
        self.http.post(f"{url}/phase", {"PHASE": "RUN"}, allow_redirects=False, timeout=60)
        while self.get(f"{url}/phase").strip() != b"COMPLETED":
            time.sleep(0.01)


def main() -> None:
    """Print one line for each thing measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=300)
    parser.add_argument("--stored", type=int, default=100_000)
    parser.add_argument("--waiters", type=int, default=500)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, portal(Path(folder)) as (url, instance):
        ours = Service("portal", f"{url}/uws/test.echo", {"TEXT": "x"})
        with dachs() as theirs:
            beside(ours, theirs, arguments.jobs)
        tokens = store(instance, arguments.stored)
        newest = [timed(lambda: ours.get(f"{ours.jobs_url}?LAST=100")) for _ in range(30)]
        show(f"portal, LAST=100 of {arguments.stored} jobs", newest)
        waiting(url, tokens, arguments.waiters)
        waiting(url, tokens[:1], arguments.waiters)


@contextmanager
def portal(folder: Path) -> Iterator[tuple[str, Path]]:
    """Run a portal of its own."""
    port, instance = free_port(), folder / "instance"
    environment = {
        **os.environ,
        "PORTAL_INSTANCE": str(instance),
        "PORTAL_PORT": str(port),
        "PORTAL_REQUESTS_PER_MINUTE": "0",
        "PORTAL_WORKERS": "2",
        "PORTAL_TEST_JOBS": "1",
        "PORTAL_UWS_ANONYMOUS": "shared",
        "PORTAL_MAX_ACTIVE_JOBS": "100000",
        "PORTAL_LOG_LEVEL": "WARNING",
    }
    process = subprocess.Popen(COMMAND, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        while "ready at" not in (line := process.stdout.readline()):
            assert line, "the portal did not start"
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield f"http://127.0.0.1:{port}", instance
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


@contextmanager
def dachs() -> Iterator[Service]:
    """Run DaCHS, or use the one that runs."""
    server = Dachs.find()
    started = server.start()
    query = {"LANG": "ADQL", "QUERY": "SELECT TOP 1 schema_name FROM tap_schema.schemas"}
    try:
        yield Service("DaCHS", f"{server.url.rstrip('/')}/tap/async", query)
    finally:
        if started:
            server.stop()


def beside(ours: Service, theirs: Service, number: int) -> None:
    """Measure both in turn, and print ratios."""
    compare("create, 1 client, jobs/s", ours, theirs, lambda one: rate(one, number, 1))
    compare("create, 8 clients, jobs/s", ours, theirs, lambda one: rate(one, number, 8))
    compare("GET of a job, ms", ours, theirs, lambda one: repeated(one, one.create(), number))
    compare("list of 1,000 jobs, ms", ours, theirs, list_of_thousand)
    compare("LAST=100, ms", ours, theirs, lambda one: repeated(one, f"{one.jobs_url}?LAST=100", 30))
    compare("create and run an empty job, ms", ours, theirs, empty_job)


def compare(what: str, ours: Service, theirs: Service, measure: Callable[[Service], float]) -> None:
    """Measure ours, theirs, ours and theirs again; print the better of each and the ratio."""
    rounds = [(measure(ours), measure(theirs)) for _ in range(2)]
    best = max if what.endswith("/s") else min
    a, b = best(a for a, _ in rounds), best(b for _, b in rounds)
    print(f"{what}: portal {a:.1f}, DaCHS {b:.1f}, ratio {a / b:.2f}", flush=True)


def rate(service: Service, number: int, clients: int) -> float:
    """Return how many jobs are created in a second."""
    sessions = [requests.Session() for _ in range(clients)]
    begun = time.monotonic()

    def create(session: requests.Session) -> None:
        for _ in range(number // clients):
            service.create(session)

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(create, sessions))
    return number // clients * clients / (time.monotonic() - begun)


def repeated(service: Service, url: str, number: int) -> float:
    """Return the median time of reading a document."""
    return statistics.median(timed(lambda: service.get(url)) for _ in range(number))


def list_of_thousand(service: Service) -> float:
    """Return the median time of a list, scaled to a thousand jobs."""
    count = len(re.findall(rb"<(?:uws:)?jobref", service.get(service.jobs_url)))
    return repeated(service, service.jobs_url, 15) * LISTED / count


def empty_job(service: Service) -> float:
    """Return the median time from the first request to the phase COMPLETED."""
    return statistics.median(timed(service.run_empty_job) for _ in range(15))


def store(instance: Path, number: int) -> list[str]:
    """Put jobs into the database as if they had run, and return tokens of many owners."""
    app = create_app(config.load(instance=instance, test_jobs=True))
    now = datetime.now(UTC)
    row = {
        "type": "test.echo",
        "owner": "shared",
        "phase": "COMPLETED",
        "destruction": now + timedelta(days=30),
    }
    with app.app_context():
        for start in range(0, number, 5_000):
            times = [now - timedelta(days=1, seconds=n) for n in range(start, start + 5_000)]
            rows = [row | {"id": new_id(), "creation_time": time} for time in times]
            db.session.execute(insert(Job), rows)
            db.session.commit()
        return [
            make_token(
                named_owner(f"owner{n}"), label="benchmark", scope=Scope.USER, lifetime=None
            ).secret
            for n in range(OWNERS)
        ]


def waiting(url: str, tokens: list[str], number: int) -> None:
    """Have clients wait, look at pages meanwhile, then end what they wait for."""
    jobs = {token: create_for(url, token) for token in tokens}
    asked = [
        (tokens[n % len(tokens)], urlsplit(jobs[tokens[n % len(tokens)]]).path)
        for n in range(number)
    ]
    answered: list[float] = []
    clients = threading.Thread(target=lambda: answered.extend(asyncio.run(wait_all(url, asked))))
    alone = page_time(url)
    clients.start()
    time.sleep(4)
    page = page_time(url)
    begun = time.monotonic()
    for token, job in jobs.items():
        requests.post(f"{job}/phase", {"PHASE": "ABORT"}, headers=bearer(token), timeout=60)
    clients.join()
    woken = [one - begun for one in answered if one > begun]
    print(
        f"{number} waiters of {len(tokens)} owners: a page {page:.1f} ms (median), "
        f"{alone:.1f} ms without them, "
        f"{number - len(woken)} answered at once, {len(woken)} woken, the last one "
        f"{max(woken, default=0):.2f} s after the first of {len(jobs)} jobs was ended",
        flush=True,
    )


def page_time(url: str) -> float:
    """Return the median time of the first page, over a connection of its own."""
    return statistics.median(timed(lambda: requests.get(url, timeout=60)) for _ in range(60))


def create_for(url: str, token: str) -> str:
    """Create a job for the owner of a token, and return its URL."""
    answer = requests.post(
        f"{url}/uws/test.echo", headers=bearer(token), allow_redirects=False, timeout=60
    )
    return answer.headers["Location"]


def bearer(token: str) -> dict[str, str]:
    """Return the header that a token is sent in."""
    return {"Authorization": f"Bearer {token}"}


async def wait_all(url: str, asked: list[tuple[str, str]]) -> list[float]:
    """Return when each of the waiting requests was answered."""
    parts = urlsplit(url)

    async def wait(token: str, path: str) -> float:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        head = f"GET {path}?WAIT=50&PHASE=PENDING HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        writer.write(f"{head}Authorization: Bearer {token}\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        assert answer.startswith(b"HTTP/1.1 200"), answer[:200]
        return time.monotonic()

    return await asyncio.gather(*(wait(*one) for one in asked))


def timed(call: Callable[[], object]) -> float:
    """Return how many milliseconds a call takes."""
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def show(what: str, milliseconds: list[float]) -> None:
    """Print the median and the worst."""
    print(
        f"{what}: median {statistics.median(milliseconds):.1f} ms, worst {max(milliseconds):.1f} ms"
    )


if __name__ == "__main__":
    main()
