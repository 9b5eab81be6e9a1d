"""Programs that ask a data lake the same, with Rucio's own client."""

from collections.abc import Sequence

from portal.plugins import Snippet
from portal_rucio.settings import LakeSettings

PROGRAM = """\
from rucio.client import Client

# Your account and login are read from rucio.cfg.
client = Client(rucio_host={url!r}, auth_host={auth_url!r})
table = list(client.{call})
"""


def python_code(lake: LakeSettings, call: str) -> Sequence[Snippet]:
    """Return the program that makes this call of a client (PyPI: rucio-clients)."""
    url = lake.url.rstrip("/")
    auth_url = (lake.auth_url or url).rstrip("/")
    text = PROGRAM.format(url=url, auth_url=auth_url, call=call)
    return [
        Snippet(tool="rucio", title="Python (rucio-clients)", text=text, language="python"),
    ]
