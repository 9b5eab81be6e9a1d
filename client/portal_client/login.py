"""Sign in from a terminal or a notebook: a code is confirmed in the browser, a token is kept."""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests

from portal_client.connection import Connection
from portal_client.errors import PortalError
from portal_client.errors import UnavailableError

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SECONDS = 30.0
MORE_PATIENCE = 5
WORDS = {
    "access_denied": "It was refused in the browser.",
    "expired_token": "Nobody confirmed the code in time. Start again.",
}


def log_in(
    url: str,
    *,
    name: str | None = None,
    tell: Callable[[str], None] = print,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Return a token of the user who confirms a code on a page of the portal, and keep it.

    `tell` gets what the user has to read. `Portal(url)` finds the token from then on. Raises
    PortalError when it is refused or takes too long, ValueError for an impossible address.
    """
    root = Connection(url, "token").url  # one will be sent back from there
    begun = _post(root, "device/authorization", client_name=name or _own_name())
    tell(
        f"Open {begun['verification_uri_complete']}\n"
        f"and check that it shows the code {begun['user_code']}."
    )
    token = _wait(root, begun, sleep)
    save_token(root, token)
    return token


def save_token(url: str, token: str) -> Path:
    """Keep the token of a portal in a file that its owner alone can read; returns its path."""
    path = _path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    tokens = _read(path) | {_key(url): token}
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(tokens, file, indent=1)
    fresh.replace(path)
    return path


def saved_token(url: str) -> str | None:
    """Return the token that was kept for a portal."""
    return _read(_path()).get(_key(url))


def main() -> None:
    """Sign in from the command line."""
    parser = argparse.ArgumentParser(prog="portal-login", description=__doc__)
    parser.add_argument("url", help="address of the portal")
    parser.add_argument("--name", help="how the token is to be called on the page Account")
    asked = parser.parse_args()
    try:
        log_in(asked.url, name=asked.name)
    except (PortalError, ValueError) as error:
        sys.exit(str(error))
    sys.stdout.write("You are signed in. Portal(...) finds the token by itself.\n")


def _wait(root: str, begun: dict[str, Any], sleep: Callable[[float], None]) -> str:
    pause = float(begun.get("interval", MORE_PATIENCE))
    while True:
        sleep(pause)
        answer = _post(
            root, "device/token", grant_type=GRANT, device_code=str(begun["device_code"])
        )
        if "access_token" in answer:
            return str(answer["access_token"])
        if answer.get("error") == "slow_down":
            pause += MORE_PATIENCE
        elif answer.get("error") != "authorization_pending":
            reason = str(answer.get("error"))
            raise PortalError(WORDS.get(reason, f"The portal gives no token: {reason}"))


def _post(root: str, path: str, **form: str) -> dict[str, Any]:
    with requests.Session() as session:
        session.trust_env = root.startswith("https:")
        try:
            answer = session.post(root + path, data=form, timeout=SECONDS, allow_redirects=False)
            content = answer.json()
        except requests.RequestException as error:
            raise UnavailableError(f"{root} does not answer as a portal does.") from error
    if not isinstance(content, dict) or answer.status_code not in (
        HTTPStatus.OK,
        HTTPStatus.BAD_REQUEST,
    ):
        raise UnavailableError(f"{root} does not answer as a portal does.")
    return content


def _path() -> Path:
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "archive-portal" / "tokens.json"


def _read(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _key(url: str) -> str:
    return url.rstrip("/") + "/"


def _own_name() -> str:
    return f"portal_client on {platform.node() or 'a computer'}"
