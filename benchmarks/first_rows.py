"""From the first byte of an archive's answer to the first rows on the portal's page.

    python -m benchmarks.first_rows --seed 1 --rows 200000 --rounds 7

A real portal (`portal up`), asked over HTTP; a TAP service on the loopback that sends a BINARY2
table and stops in the middle until the rows were seen, so that they were on the page before the
last one arrived. The peer is the same answer through pyvo's `to_table`, which shows rows when it
has read all of them; for it the service does not stop.
"""

import argparse
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from pathlib import Path

import pyvo
import requests

from benchmarks.tables import batches
from benchmarks.tables import COLUMNS
from portal.tables.writers import FORMATS
from tests.services.state import free_port

CHUNK = 65_536
PATIENCE = 60.0
COMMAND = [sys.executable, "-c", "from portal.cli import main; main()", "up"]


class Archive(ThreadingHTTPServer):
    """A TAP service with one answer."""

    def __init__(self, answer: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.stops = False
        self.seen = threading.Event()
        self.first_byte = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/tap"


class Handler(BaseHTTPRequestHandler):
    """Answers /sync with the table, and knows nothing else."""

    server: Archive
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_error(404)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self.path.endswith("/sync"):
            self.send_error(404)
            return
        size = self.server.answer.stat().st_size
        self.send_response(200)
        self.send_header("Content-Type", "application/x-votable+xml")
        self.send_header("Content-Length", str(size))
        self.end_headers()
        self.server.first_byte = time.time()
        with self.server.answer.open("rb") as file:
            while chunk := file.read(CHUNK):
                self.wfile.write(chunk)
                if self.server.stops and file.tell() > size // 2:
                    self.server.seen.wait(PATIENCE)

    def log_message(self, *words: object) -> None:
        """Say nothing."""


def main() -> None:
    """Measure, and print medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.vot"
        write = FORMATS["votable"].write
        with answer.open("wb") as file:
            for piece in write(COLUMNS, lambda: batches(arguments.rows, arguments.seed)):
                file.write(piece)
        archive = Archive(answer)
        threading.Thread(target=archive.serve_forever, daemon=True).start()
        ours, theirs = measure(Path(folder), archive, arguments.rounds)
        archive.shutdown()
    show("ours, first byte to first rows", ours)
    show("pyvo, first byte to its table", theirs)
    print(f"ratio of medians: {statistics.median(theirs) / statistics.median(ours):.0f}")


def measure(folder: Path, archive: Archive, rounds: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds of both, measured in turn."""
    port = free_port()
    environment = {
        **os.environ,
        "PORTAL_INSTANCE": str(folder / "instance"),
        "PORTAL_PORT": str(port),
        "PORTAL_WORKERS": "2",
        "PORTAL_REMOTE_ALLOW": "127.0.0.1",
    }
    portal = subprocess.Popen(COMMAND, env=environment, stdout=subprocess.PIPE, text=True)
    ours, theirs = [], []
    try:
        assert portal.stdout
        while "ready at" not in portal.stdout.readline():
            pass
        threading.Thread(target=portal.stdout.read, daemon=True).start()
        for _ in range(rounds):
            ours.append(first_rows(f"http://127.0.0.1:{port}", archive))
            theirs.append(whole_table(archive))
    finally:
        portal.send_signal(signal.SIGINT)
        portal.wait(30)
    return ours[1:], theirs[1:]


def first_rows(portal: str, archive: Archive) -> float:
    """Ask through the portal, and return when its page has rows."""
    archive.stops, archive.seen = True, threading.Event()
    with requests.Session() as browser:
        form = f"{portal}/archives/vo/query.tap"
        token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(form).text)
        assert token
        sent = {"access_url": archive.url, "query": "SELECT 1", "mode": "synchronous"}
        data = {**sent, "csrf_token": token[1], "maxrec": "20000000"}
        job = browser.post(form, data, allow_redirects=False).headers["Location"]
        rows = f"{portal}{job}/results/result"
        pause = threading.Event()
        give_up = time.monotonic() + PATIENCE
        while 'name="row" value="0"' not in browser.get(rows).text:
            assert time.monotonic() < give_up, browser.get(portal + job).text
            pause.wait(0.005)
        taken = (time.time() - archive.first_byte) * 1000
        archive.seen.set()
        while 'data-phase="COMPLETED"' not in browser.get(portal + job).text:
            assert time.monotonic() < give_up, browser.get(portal + job).text
            pause.wait(0.2)
    return taken


def whole_table(archive: Archive) -> float:
    """Ask through pyvo, and return when there is a table."""
    archive.stops = False
    pyvo.dal.TAPService(archive.url).run_sync("SELECT 1").to_table()
    return (time.time() - archive.first_byte) * 1000


def show(name: str, milliseconds: list[float]) -> None:
    """Print one line of figures."""
    print(
        f"{name}: median {statistics.median(milliseconds):.0f} ms, "
        f"best {min(milliseconds):.0f} ms, worst {max(milliseconds):.0f} ms"
    )


if __name__ == "__main__":
    main()
