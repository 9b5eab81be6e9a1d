"""From the committed row to the start of the job, on an idle worker.

    python -m benchmarks.job_start --jobs 200 --seed 1

A real Valkey, a real crew of one worker; every job is submitted after the one before has ended.
The peer is a bare RQ worker of the same version that runs a no-op, measured in turn.
"""

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from portal import valkey
from portal.uws.phases import TERMINAL
from tests.support.crew import Nap
from tests.support.crew import open_service

OWNER = "b" * 32
ROOT = Path(__file__).parents[1]


def main() -> None:
    """Print medians and the ratio of both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    pauses = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder)
        server = valkey.embed(instance)
        assert server is not None
        processes = [subprocess.Popen(server.command, stdout=subprocess.DEVNULL)]
        try:
            assert asyncio.run(server.answers_within(10))
            processes += start_workers(instance, server.url)
            ours, bare = measure(instance, server.url, arguments.jobs, pauses)
        finally:
            for process in reversed(processes):
                process.terminate()
            for process in reversed(processes):
                process.wait(20)
    show("ours, commit to start", ours)
    show("bare RQ, enqueue to start", bare)
    print(f"ratio of medians: {statistics.median(ours) / statistics.median(bare):.2f}")


def start_workers(instance: Path, url: str) -> list[subprocess.Popen[bytes]]:
    """Start our crew of one, and a bare RQ worker on a queue of its own."""
    environment = {**os.environ, "PORTAL_REDIS_URL": url, "PYTHONPATH": str(ROOT)}
    open_service(instance, url)
    crew = [sys.executable, "-m", "tests.support.crew", str(instance), "1"]
    bare = [sys.executable, "-m", "rq.cli", "worker", "-u", url, "-q", "bare"]
    bare += ["--serializer", "rq.serializers.JSONSerializer"]
    return [
        subprocess.Popen(words, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
        for words in (crew, bare)
    ]


def measure(
    instance: Path, url: str, number: int, pauses: random.Random
) -> tuple[list[float], list[float]]:
    """Return the latencies of both in milliseconds, measured in turn."""
    app, service = open_service(instance, url)
    committed: list[float] = []
    send = service._hint

    def hint(job_id: str) -> None:
        committed.append(time.time())
        send(job_id)

    service._hint = hint
    queue = Queue("bare", connection=Redis.from_url(url), serializer=JSONSerializer)
    witness = instance / "bare"
    ours, bare = [], []
    pause = threading.Event()
    for _ in range(number + 5):
        with app.app_context():
            job_id = service.create_job("nap", Nap(seconds=0.0), owner=OWNER, run=True)
            while service.get_job(job_id, owner=OWNER).phase not in TERMINAL:
                pause.wait(0.005)
        started = (instance / "started").read_text(encoding="ascii")
        ours.append((float(started) - committed[-1]) * 1000)
        pause.wait(pauses.uniform(0.0, 0.05))
        begun = time.time()
        queue.enqueue_call("benchmarks.bare_job.note_start", args=(str(witness),), result_ttl=0)
        while not witness.exists() or not (text := witness.read_text(encoding="ascii")):
            pause.wait(0.005)
        bare.append((float(text) - begun) * 1000)
        witness.unlink()
        pause.wait(pauses.uniform(0.0, 0.05))
    return ours[5:], bare[5:]


def show(name: str, milliseconds: list[float]) -> None:
    """Print one line of figures."""
    ordered = sorted(milliseconds)
    ninety = ordered[int(len(ordered) * 0.9)]
    print(
        f"{name}: median {statistics.median(ordered):.1f} ms, 90% {ninety:.1f} ms, "
        f"worst {ordered[-1]:.1f} ms ({len(ordered)} jobs)"
    )


if __name__ == "__main__":
    main()
