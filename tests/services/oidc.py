"""A real OpenID provider for the tests: the certified `oidc-provider` of npm, in a process of node.

Its packages are installed once for each version of these files, and kept.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.services import debian
from tests.services.debian import ServiceUnavailableError
from tests.services.state import end
from tests.services.state import State

HERE = Path(__file__).with_name("oidc_provider")
FILES = ("package.json", "package-lock.json", ".npmrc", "server.mjs")
CLIENT_SECRET = "canary-client-secret-of-the-portal"


@dataclass(frozen=True)
class OidcProvider:
    """A running provider, as it calls itself."""

    issuer: str

    def forget(self, subject: str) -> None:
        """Know somebody no longer, as when he has left the institute."""
        answer = requests.post(f"{self.issuer}/test/forget", data={"subject": subject}, timeout=10)
        answer.raise_for_status()


@contextmanager
def oidc_provider(*portals: str, port: int = 0) -> Iterator[OidcProvider]:
    """Run a provider for the portal at these addresses, each with a slash at its end."""
    options = {
        "port": port,
        "client_secret": CLIENT_SECRET,
        "redirect_uris": [f"{portal}login/at/iam/callback" for portal in portals],
        "post_logout_redirect_uris": [f"{portal}logged-out" for portal in portals],
        "backchannel_logout_uri": f"{portals[0]}login/at/iam/backchannel-logout",
    }
    script = _installed() / "server.mjs"
    process = subprocess.Popen(
        ["node", str(script), json.dumps(options)], stdout=subprocess.PIPE, text=True
    )
    try:
        issuer = process.stdout.readline().strip()
        if not issuer:
            raise ServiceUnavailableError("the OpenID provider does not start")
        yield OidcProvider(issuer=issuer)
    finally:
        end(process.pid)
        process.stdout.close()
        process.wait()


def _installed() -> Path:
    state = State.of("oidc", [HERE / name for name in FILES])
    state.make()
    with state.locked():
        if not (state.folder / "installed").exists():
            if shutil.which("npm") is None:
                debian.install("nodejs", "npm")
            for name in FILES:
                shutil.copy(HERE / name, state.folder)
            _run("npm", "ci", "--silent", cwd=state.folder)
            (state.folder / "installed").touch()
    return state.folder


def _run(*words: str, cwd: Path) -> None:
    result = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    if result.returncode:
        raise ServiceUnavailableError(f"{' '.join(words)} failed:\n{result.stderr[-4_000:]}")
