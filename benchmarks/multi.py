"""From the answer of each archive to its rows on the page of a search of all archives.

    python -m benchmarks.multi --seed 1 --rounds 3

A real portal (`portal up`), asked over HTTP as its page asks: eight archives on the loopback
that take 0.2 to 5 s each, and one where nobody listens. The peer is a loop that asks one after
the other, which takes the sum of these times at least.
"""

import argparse
import random
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from portal.plugins.discovery import installed
from tests.services.state import free_port
from tests.support.installed import install_skies
from tests.support.loopback import Exchange
from tests.support.loopback import Loopback
from tests.support.loopback import loopback
from tests.support.skies import images
from tests.support.skies import Sky
from tests.test_portal_up import portal

SHORTEST, LONGEST, ARCHIVES = 0.2, 5.0, 8
ROWS = 50


class Slow:
    """An archive that takes its time, and remembers when it answered."""

    def __init__(self, name: str, seconds: float) -> None:
        self.name = name
        self.seconds = seconds
        self.answered = 0.0
        rows = [
            (
                f"{name} {n}",
                10 + n / 1000,
                41,
                f"ivo://{name}?{n}",
                f"http://data.example/{n}",
                58000,
            )
            for n in range(ROWS)
        ]
        self._answer = images(*rows)

    def __call__(self, exchange: Exchange) -> None:
        time.sleep(self.seconds)
        self._answer(exchange)
        self.answered = time.time()


@contextmanager
def portal_of(server: Loopback, archives: list[Slow]) -> Iterator[str]:
    """Run a portal with these archives and a dead one; gives its address."""
    skies = [Sky(name="dead", url=f"http://127.0.0.1:{free_port()}/")]
    for one in archives:
        server.routes[f"/{one.name}"] = one
        skies.append(Sky(name=one.name, url=f"{server.url}/{one.name}"))
    with tempfile.TemporaryDirectory() as plugin, tempfile.TemporaryDirectory() as instance:
        settings = {
            **install_skies(Path(plugin), skies),
            "PORTAL_REMOTE_ALLOW": "127.0.0.1",
            "PORTAL_PLUGINS_DISABLED": ",".join(one.name for one in installed()),
            "PORTAL_WORKERS": "8",
        }
        with portal(Path(instance), free_port(), **settings) as (_, url):
            yield url


def search(session: requests.Session, url: str) -> tuple[dict[str, float], float, float]:
    """Search once; return when each archive's rows were on the page, the start and the end."""
    form = session.get(f"{url}search", timeout=30).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)[1]
    start = time.time()
    sent = {"position": "10 41", "csrf_token": token}
    page = session.post(f"{url}search", data=sent, timeout=30).url
    seen: dict[str, float] = {}
    version = "-1"
    while True:
        fragment = session.get(
            page, params={"seen": version}, headers={"HX-Request": "true"}, timeout=60
        ).text
        now = time.time()
        for part in re.findall(r'<li id="part-.*?</li>', fragment, re.DOTALL):
            if 'data-phase="COMPLETED"' in part:
                seen.setdefault(re.search(r"Sky of (\w+)", part)[1], now)
        following = re.search(r"seen=(\d+)", fragment)
        if following is None:
            return seen, start, now
        version = following[1]


def main() -> None:
    """Measure, and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    step = (LONGEST - SHORTEST) / (ARCHIVES - 1)
    latencies = [round(SHORTEST + step * number, 2) for number in range(ARCHIVES)]
    random.Random(options.seed).shuffle(latencies)
    archives = [Slow(f"a{number}", seconds) for number, seconds in enumerate(latencies)]
    shown, whole, after = [], [], []
    with (
        loopback() as server,
        portal_of(server, archives) as url,
        requests.Session() as session,  # the same person all the time
    ):
        for _ in range(options.rounds):
            seen, start, end = search(session, url)
            shown += [1000 * (seen[one.name] - one.answered) for one in archives]
            whole.append(end - start)
            after.append(1000 * (end - max(one.answered for one in archives)))
    print(
        f"answer of an archive to its rows on the page: median {statistics.median(shown):.0f} ms, "
        f"best {min(shown):.0f} ms, worst {max(shown):.0f} ms"
    )
    print(
        f"everything: median {statistics.median(whole):.2f} s, best {min(whole):.2f} s, worst "
        f"{max(whole):.2f} s; the slowest takes {LONGEST} s, a loop at least {sum(latencies):.1f} s"
    )
    print(
        f"everything after the answer of the slowest: median {statistics.median(after):.0f} ms, "
        f"best {min(after):.0f} ms, worst {max(after):.0f} ms"
    )


if __name__ == "__main__":
    main()
